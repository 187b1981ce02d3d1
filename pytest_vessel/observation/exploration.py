"""What was seen of interleavings and crashes: points, schedules, and the ones that broke something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A system call at which a party can be held: the `nth` (from 1) such call on a file of that role.

    `locks`: who held which lock on the files of the scene when the point was learned; for readers, and for merging.
    """

    call: str
    role: str
    nth: int = 1
    locks: str = ""

    def __str__(self) -> str:
        where = f" {self.role}" if self.role else ""
        return f"{self.call}{where}" + (f" #{self.nth}" if self.nth > 1 else "")


@dataclass(frozen=True)
class Move:
    """A party goes on: to a point, where it is held; without one to its end, or to where it is blocked.

    `answer`: what becomes of the call that the party was held at before: `go`, `kill`, or the name of an errno.
    """

    party: str
    to: Point | None = None
    answer: str = "go"

    def __str__(self) -> str:
        how = {"go": "", "kill": "killed, "}.get(self.answer, f"gets {self.answer}, ")
        return f"{self.party}: {how}{f'held before {self.to}' if self.to else 'goes on'}"


Schedule = tuple[Move, ...]


@dataclass(frozen=True)
class Event:
    """One call that a party made, or one thing that happened to it, with the locks before it.

    `passed`: a call that simply took place.
    """

    party: str
    what: str
    locks: str
    passed: bool = False


@dataclass(frozen=True)
class Breach:
    """A schedule that broke something; `code` and `observed` say what.

    `shrunk`: a shorter one that breaks the same; `events`: how the shortest went.
    """

    schedule: Schedule
    code: str
    observed: str
    shrunk: Schedule = ()
    events: tuple[Event, ...] = ()

    @property
    def shortest(self) -> Schedule:
        """The schedule to look at, and to play again."""
        return self.shrunk or self.schedule


@dataclass(frozen=True)
class Exploration:
    """Schedules that were tried.

    Attributes:
        calls: how many calls on files of the scene the parties made when they ran alone.
        of: schedules that there are once equivalent points are merged (or all, where that was asked for).
        done: schedules that were run.
        missed: those of them whose points were not reached.
        breaches: those that broke something, the first few.
        held: how many points were held in one schedule at most.
    """

    calls: int
    of: int
    done: int
    missed: int
    breaches: tuple[Breach, ...]
    held: int = 1
