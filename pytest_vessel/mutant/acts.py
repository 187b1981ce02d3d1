"""What several mutants do wrong in the same way."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable

from pytest_vessel.reference.lock import SHARED, Locking, whole_file
from pytest_vessel.reference.process import reap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Result = TypeVar("Result")
    Fact = TypeVar("Fact", bound=Any)

KEPT_TOO_LONG_S = 60


def only_open(locking: type[Locking], file: str, kind: int = SHARED) -> int:
    """Open a lock file as one does who locks it, and do not lock it."""
    return locking().open(file, kind, create=True)


def unlock(descriptor: int) -> None:
    """Drop a lock, and keep the file open."""
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole_file(fcntl.F_UNLCK))


def keep_open_for(seconds: int) -> None:
    """Stay in the background, with all descriptors but the standard streams."""
    leave_streams()
    signal.alarm(seconds)
    signal.pause()


def helped(work: Callable[[], Result]) -> Result:
    """Do something beside a helper process with all our descriptors; it ends with that.

    Where we are killed nobody tells it to end: it stays for a minute then.
    """
    hears, tells = os.pipe()
    if (helper := os.fork()) == 0:
        signal.alarm(KEPT_TOO_LONG_S)
        os.read(hears, 1)  # it has the other end as well, so that end never comes
        os._exit(0)
    try:
        return work()
    finally:
        os.write(tells, b".")
        reap(helper)


def leave_streams() -> None:
    """Be nobody's foreground process: whoever reads our output need not wait for us."""
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def outsider(*, stays: bool) -> Callable[[int], object]:
    """Start a process outside of a container that is to be; returns a function that hands it a descriptor.

    It keeps the descriptor's lock: for a minute (`stays`), or until all who could hand it something are gone.
    """
    import socket  # takes long, and most mutants need none

    ours, theirs = socket.socketpair()

    def keep() -> None:
        ours.close()
        _, descriptors, *_ = socket.recv_fds(theirs, 1, 1)
        if descriptors and stays:
            keep_open_for(KEPT_TOO_LONG_S)
        elif descriptors:
            leave_streams()
            theirs.recv(1)

    leave_behind(keep)
    theirs.close()
    return lambda descriptor: socket.send_fds(ours, [b"."], [descriptor])


def leave_behind(work: Callable[[], object]) -> None:
    """Do something in a process that is nobody's child."""
    if (child := os.fork()) == 0:
        try:
            if os.fork() == 0:
                work()
        finally:
            os._exit(0)
    reap(child)


def is_near(parent: str, path: str) -> bool:
    """Whether a path lies in the folder that holds the folder of PARENT: a mutant must not harm a machine.

    What tests plant beside PARENT is there; what a runtime's links lead to (/etc, say) is not.
    """
    around = os.path.dirname(os.path.dirname(os.path.realpath(parent)))
    return around.count("/") > 1 and os.path.realpath(path).startswith(f"{around}/")


def changed(fact: Fact, **fields: object) -> Fact:
    """A frozen fact with other values in some fields. Most mutants change none: what that takes is imported late."""
    from dataclasses import replace

    return replace(fact, **fields)
