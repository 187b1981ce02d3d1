"""The few Linux calls that Python does not have. Each raises OSError."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x2, 0x4, 0x8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MNT_DETACH = 2
_MOUNT_ATTR_RDONLY = 1
_SYS_MOUNT_SETATTR = 442  # the same on every architecture; no wrapper before glibc 2.36

_SYS_OPENAT2 = 437  # likewise; in no glibc before 2.42
_RESOLVE_NO_XDEV, _RESOLVE_NO_MAGICLINKS, _RESOLVE_BENEATH, _RESOLVE_IN_ROOT = 0x01, 0x02, 0x08, 0x10

_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 28, 36, 38
_SECBIT_NOROOT_LOCKED = 0b11

_libc = ctypes.CDLL(None, use_errno=True)


def _call(function: str, *arguments: object) -> int:
    result: int = getattr(_libc, function)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def unshare(flags: int) -> None:
    """unshare(2). A new pid namespace is for the children that are forked from now on."""
    _call("unshare", flags)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    """mount(2)."""
    kind_bytes = None if kind is None else kind.encode()
    options_bytes = None if options is None else options.encode()
    _call("mount", os.fsencode(source), os.fsencode(target), kind_bytes, ctypes.c_ulong(flags), options_bytes)


def make_read_only(target: str) -> None:
    """Make the mount at `target` and all below it read-only, and change nothing else of them (mount_setattr(2)).

    With mount(2) each would have to be remounted with all its flags repeated: those that were locked when the user
    namespace was made must not be missing.
    """
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    size_bytes = ctypes.c_size_t(ctypes.sizeof(attributes))
    where = (ctypes.c_int(_AT_FDCWD), os.fsencode(target), ctypes.c_uint(_AT_RECURSIVE))
    _call("syscall", ctypes.c_long(_SYS_MOUNT_SETATTR), *where, ctypes.byref(attributes), size_bytes)


def open_beneath(folder: int, path: str, flags: int) -> int:
    """Open a file without ever leaving `folder`, a descriptor: links are followed as far as they stay below it.

    EXDEV where a link leads out of it, or into another mount (openat2(2), Linux 5.6).
    """
    return _open(folder, path, flags, _RESOLVE_NO_XDEV | _RESOLVE_BENEATH)


def open_in_root(folder: int, path: str, flags: int) -> int:
    """Open a file as a process would whose root is `folder`, a descriptor: absolute links and `..` stay in it."""
    return _open(folder, path, flags, _RESOLVE_IN_ROOT)


def _open(folder: int, path: str, flags: int, resolve: int) -> int:
    how = (ctypes.c_uint64 * 3)(flags, 0, resolve | _RESOLVE_NO_MAGICLINKS)
    size_bytes = ctypes.c_size_t(ctypes.sizeof(how))
    where = (ctypes.c_int(folder), os.fsencode(path))
    return _call("syscall", ctypes.c_long(_SYS_OPENAT2), *where, ctypes.byref(how), size_bytes)


def unmount(target: str) -> None:
    """Take a mount away, with all that is mounted below it (umount2(2), MNT_DETACH)."""
    _call("umount2", os.fsencode(target), _MNT_DETACH)


def swap_root() -> None:
    """Make the mount at the current folder the root, and let go of the old root (pivot_root(2), NOTES)."""
    _call("pivot_root", b".", b".")
    unmount(".")
    os.chdir("/")


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, *(ctypes.c_ulong(argument) for argument in (value, 0, 0, 0)))


def signal_when_parent_ends(number: int) -> None:
    """Get this signal when the thread that forked us ends (PR_SET_PDEATHSIG). Too late if it has ended already."""
    _prctl(_PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends (PR_SET_CHILD_SUBREAPER)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def give_up_privileges() -> None:
    """Let the program that is executed next have no capabilities, and no way to get some (capabilities(7))."""
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NOROOT_LOCKED)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
