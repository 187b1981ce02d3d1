"""The side of the subject: put a process under a filter with a listener, just before exec.

Used by the keeper (`system.keeper`), so standard library alone. The side of the harness: `system.gate`.

Sources: seccomp(2), seccomp_unotify(2), prctl(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

_SECCOMP = {"x86_64": 317, "aarch64": 277, "arm64": 277}
_SECCOMP_I386 = 354
_SET_MODE_FILTER, _GET_ACTION_AVAIL, _GET_NOTIF_SIZES = 1, 2, 3
_NEW_LISTENER, _WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
_PR_SET_NO_NEW_PRIVS = 38
_USER_NOTIF = 0x7FC00000
_SIZES = (80, 24, 64)  # struct seccomp_notif, seccomp_notif_resp, seccomp_data

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _call_seccomp(operation: int, flags: int, argument: object) -> int:
    is_64 = sys.maxsize > 2**32
    number = _SECCOMP.get(platform.machine(), _SECCOMP["x86_64"]) if is_64 else _SECCOMP_I386
    result: int = _libc.syscall(ctypes.c_long(number), ctypes.c_uint(operation), ctypes.c_uint(flags), argument)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
    return result


def install(program: bytes) -> int:
    """Put this thread, and all that it will start, under the filter; returns the listener, close-on-exec.

    To be called in a single-threaded process: other threads stay free. From here on a chosen call of the caller, too,
    blocks until somebody answers at the listener. Sets no_new_privs only where seccomp refuses without it (no
    CAP_SYS_ADMIN): then setuid programs lose their privilege for good. Signals wait while a call is held where the
    kernel can do that (5.19); before, they interrupt it, and it comes again with another id.

    Raises:
        OSError: EBUSY: a listener is installed already, in this process or above it; EINVAL: the kernel knows no
            listeners, or the program is wrong; ENOSYS or EPERM: seccomp is forbidden here.
    """
    buffer = ctypes.create_string_buffer(program, len(program))
    wanted = _Program(len(program) // 8, ctypes.addressof(buffer))
    flags = _NEW_LISTENER | _WAIT_KILLABLE_RECV if _knows(_WAIT_KILLABLE_RECV) else _NEW_LISTENER
    try:
        return _call_seccomp(_SET_MODE_FILTER, flags, ctypes.byref(wanted))
    except PermissionError as problem:
        if problem.errno != errno.EACCES:
            raise
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS) failed")
    return _call_seccomp(_SET_MODE_FILTER, flags, ctypes.byref(wanted))


def _knows(flag: int) -> bool:
    """Whether the kernel knows a flag: it looks at the flags before it looks at the program, which is missing here."""
    try:
        _call_seccomp(_SET_MODE_FILTER, _NEW_LISTENER | flag, None)
    except OSError as problem:
        return problem.errno != errno.EINVAL
    return False


class Available:
    """Whether a gate can be had; false with the `reason`."""

    __slots__ = ("reason",)

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def __bool__(self) -> bool:
        return not self.reason


def available() -> Available:
    """Whether this kernel and its policy offer what a gate needs. Changes nothing.

    Not guaranteed: that installing succeeds. A listener above this process (a gate around the tests) shows only then,
    as EBUSY.
    """
    if sys.platform != "linux":
        return Available(f"seccomp is Linux's own, this is {sys.platform}")
    release = os.uname().release
    if tuple(int(part) for part in release.split("-")[0].split("+")[0].split(".")[:2]) < (5, 5):
        return Available(f"kernel {release}: letting a held call go on needs 5.5")
    try:
        sizes = (ctypes.c_uint16 * 3)()
        _call_seccomp(_GET_NOTIF_SIZES, 0, sizes)
        _call_seccomp(_GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(_USER_NOTIF)))
    except OSError as problem:
        return Available(f"seccomp listeners are not to be had here: {problem.strerror}")
    if tuple(sizes) != _SIZES:
        return Available(f"this kernel's notifications have an unknown format: sizes {tuple(sizes)}")
    return Available()
