"""What was seen of locks on one file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The three families of locks, as `/proc/locks` names them."""

    OFD = "OFDLCK"
    POSIX = "POSIX"
    FLOCK = "FLOCK"


class Mode(StrEnum):
    """Read locks are shared, write locks exclusive."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"


@dataclass(frozen=True)
class Lock:
    """One lock. `start` and `end` in bytes; `end` None: to the end of the file, however it grows.

    `holders`: pids with a descriptor that holds it, as this machine numbers them; empty where none was found.
    """

    kind: Kind
    mode: Mode
    start: int = 0
    end: int | None = None
    holders: tuple[int, ...] = ()

    @property
    def whole_file(self) -> bool:
        """Whether the range is the whole file."""
        return self.start == 0 and self.end is None

    def __str__(self) -> str:
        span = (
            "whole file" if self.whole_file else f"bytes {self.start} to {'the end' if self.end is None else self.end}"
        )
        return f"{self.kind} {self.mode} lock, {span}"


@dataclass(frozen=True)
class LockTable:
    """Locks that others than the harness held on one file at one moment.

    Attributes:
        locks: those in force.
        waiters: those asked for by processes that are blocked.
        exclusive_refused: F_OFD_GETLK says that an exclusive whole-file fcntl lock would be refused.
        shared_refused: the same for a shared one.
    """

    locks: tuple[Lock, ...] = ()
    waiters: tuple[Lock, ...] = ()
    exclusive_refused: bool = False
    shared_refused: bool = False

    @property
    def fcntl(self) -> tuple[Lock, ...]:
        """Those that take part in the model: OFD and POSIX."""
        return tuple(lock for lock in self.locks if lock.kind is not Kind.FLOCK)

    @property
    def protects(self) -> bool:
        """Whether a process that wants to delete would be kept from it."""
        return self.exclusive_refused

    def __str__(self) -> str:
        return ", ".join(str(lock) for lock in self.locks) or "no lock"
