"""Ending with the process that started us: for workers, whose controller may be killed without a word."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> bool:
    """Have the kernel end this process with SIGKILL when its parent ends (prctl(2), PR_SET_PDEATHSIG).

    Args:
        parent: the pid that our parent must have; another one (a remote worker's) is left alone.

    Returns:
        Whether this process is tethered now. Not guaranteed: that our own children end too.
    """
    if os.getppid() != parent:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        return False
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return True
