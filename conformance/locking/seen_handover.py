"""What the tests about the copy's lock saw: one frozen record a question. No opinion in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_vessel.conformance.locking.seen import Contention, Use
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Ending, Start


class State(StrEnum):
    """One file of a role at one moment. Of a copy: `absent` is the copy itself, `free` one without a lock file too."""

    ABSENT = "absent"
    FREE = "free"
    LOCKED = "locked"


@dataclass(frozen=True)
class CopyFile:
    """COPY/.ref while the payload ran. `found`: `regular`, `nothing` or another type, where the path leads.

    `inside`: it leads to a place inside COPY; `own`: its inode is not that of SRC/.ref.
    """

    start: Start
    found: str
    inside: bool
    own: bool


@dataclass(frozen=True)
class Moment:
    """The locks at one moment. `before`: the system call that was about to take place, or what else it was."""

    before: str
    parent: State
    copy: State


@dataclass(frozen=True)
class Timeline:
    """The locks from the start to the payload's rest.

    `moments`: those that differ from the one before them; `looks`: how many there were while a copy was locked;
    `programs`: how many programs were executed among these.
    """

    start: Start
    moments: tuple[Moment, ...]
    looks: int
    programs: int


@dataclass(frozen=True)
class Cleaned:
    """A clean-up pass while a payload lived, until it ended or did nothing any more; files of its copy that went."""

    start: Start
    lost: int
    total: int


@dataclass(frozen=True)
class Strike:
    """A signal to one process, and what there was once all was at rest and the dying were dead.

    `lives`: a process of the payload lived on; `locks`: on COPY/.ref then; None where there was no such file.
    """

    signal: str
    lives: bool
    locks: LockTable | None
    cleaned: Cleaned | None


@dataclass(frozen=True)
class Strikes:
    """One strike for each process of a kind, each in a container of its own.

    `before`: locks on COPY/.ref before the first; `missing`: why there is none; empty where there is one.
    """

    start: Start
    before: LockTable | None
    victim: str
    strikes: tuple[Strike, ...]
    missing: str


@dataclass(frozen=True)
class Abandoned:
    """What became of an ordinary payload and the lock when the launcher was killed. `after_s`: until both were gone.

    `missing`: why there was no launcher to kill.
    """

    start: Start
    missing: str
    ended: bool
    freed: bool
    after_s: float


@dataclass(frozen=True)
class Prepared:
    """A copy that nobody runs. `compared`: regular files of SRC; `different`: those that differ, and how.

    `found`: the copy is there; `locks`: on its lock file afterwards; `collected`: a pass deleted it, None where
    there is no clean-up.
    """

    ending: Ending
    found: bool
    compared: int
    different: tuple[str, ...]
    locks: LockTable | None
    collected: bool | None


@dataclass(frozen=True)
class FirstAct:
    """A start whose opens of lock files and lock calls were delayed until all else was at rest.

    `caught`: the payload's first system call was held, and `use.locks` are those of that moment.
    """

    caught: bool
    use: Use


@dataclass(frozen=True)
class Excluded:
    """A start whose lock call on COPY/.ref was held until somebody else had an exclusive lock (`fired`)."""

    fired: bool
    contention: Contention


@dataclass(frozen=True)
class Replaced:
    """A start whose lock file was replaced or deleted, after one with a sound one (`sound`).

    `waits`: it waited for a lock, where it was replaced meanwhile; `missing`: why that cannot be judged. `use.locks`:
    on the file at the path, at the payload's first act, or when the first copy appeared (`moment` says which).
    """

    what: str
    sound: Start
    waits: bool
    missing: str
    moment: str
    use: Use


@dataclass(frozen=True)
class Mistaken:
    """A removal whose lock file was replaced between its open and its lock, and the new file locked by a user.

    `lost`: files that went while the user's lock was held; `gone`: the tree was gone after a removal without it.
    """

    what: str
    fired: bool
    ending: Ending
    lost: int
    total: int
    free: Ending
    gone: bool
