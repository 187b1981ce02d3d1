"""System calls that Python does not offer. Standard library alone; also runs inside the zygote."""

from __future__ import annotations

import ctypes
import errno
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, *names: str) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), *names)


def unshare(flags: int) -> None:
    """unshare(2). Raises `OSError`."""
    _check(_libc.unshare(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). Raises `OSError`."""
    words = (source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _check(_libc.mount(*words), target)


def detach(target: str) -> None:
    """umount2(2) with MNT_DETACH, following no link. Raises `OSError`."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH | UMOUNT_NOFOLLOW), target)


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument. Raises `OSError`."""
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def bind_read_only(path: str) -> None:
    """Make `path` a read-only bind mount of itself; keeps the flags that a user namespace locks."""
    mount(path, path, flags=MS_BIND | MS_REC)
    kept = os.statvfs(path).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("", path, flags=MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def mount_small(path: str, inodes: int) -> None:
    """Cover a folder with an empty file system in which so many files can be, itself among them (tmpfs(5))."""
    mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, f"nr_inodes={inodes},mode=0777")


def is_gone(problem: OSError) -> bool:
    """Whether an error only says that the process or file is no longer there."""
    return problem.errno in (errno.ENOENT, errno.ESRCH, errno.ECHILD)
