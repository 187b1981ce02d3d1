"""The locks on PARENT/.ref and COPY/.ref at each moment of a start: no gap is too short to be seen."""

from __future__ import annotations

from contextlib import suppress
from fcntl import F_UNLCK
from pathlib import Path

from pytest_vessel.conformance.locking.seen_handover import Moment, State, Timeline
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.running import Patience, Running
from pytest_vessel.system import locks
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.bpf import CREATES, DELETES, EXECS, FLOCK, LOCKS, RELEASES
from pytest_vessel.system.gate import Gate
from pytest_vessel.system.held import Held

WATCHED = (*LOCKS, *FLOCK, *RELEASES, *EXECS, *DELETES, *CREATES)
"""Every call that may take or end a lock, or make a copy: what changes between two of them changes nothing here."""

_EXECS = frozenset(chosen.name for chosen in EXECS)


class Watcher(Patience):
    """A gate policy that looks at the locks before each of these calls, and lets it go.

    What a call has done is seen at the next call of anybody. A call that asks for a lock waits until all else is at
    rest, so that who lets a lock go before another has it is seen to do so, every time.
    """

    def __init__(self, way: Way) -> None:
        super().__init__(way.role_files, lambda _held, _count: Go())
        self._way = way
        self.moments: list[Moment] = []
        self.looks = self.programs = 0

    def __call__(self, held: Held) -> Answer | None:
        """Look; hold what asks for a lock on one of the files."""
        self.look(held.call)
        if self.looks:
            self.programs += held.call in _EXECS
        return None if _takes_a_lock(held) and self._concerns(held) else Go()

    def release(self, gate: Gate) -> None:
        """Look once more, and answer what is held."""
        self.look("a lock that is asked for")
        super().release(gate)

    def look(self, before: str) -> None:
        """Note how the files are locked now, if that has changed."""
        now = Moment(before, self._parent(), self._copy())
        self.looks += now.copy is State.LOCKED
        if not self.moments or (self.moments[-1].parent, self.moments[-1].copy) != (now.parent, now.copy):
            self.moments.append(now)

    def _parent(self) -> State:
        return _state(self._way.parent.ref) if self._way.parent else State.ABSENT

    def _copy(self) -> State:
        if self._way.parent is None or not self._way.parent.copies():
            return State.ABSENT
        ref = self._way.ref
        return State.LOCKED if ref and _state(ref) is State.LOCKED else State.FREE


def _takes_a_lock(held: Held) -> bool:
    wanted = held.lock()
    return wanted is not None and not wanted.asks and wanted.type != F_UNLCK


def _state(file: Path) -> State:
    with suppress(OSError):
        return State.LOCKED if locks.exclusive_refused(file) else State.FREE
    return State.ABSENT


def watched(way: Way) -> tuple[Running, Timeline]:
    """Start a payload in a copy, and look at each moment until it runs and all is at rest."""
    running = way.start(chosen=WATCHED)
    watcher = Watcher(way)
    running.patience = watcher
    running.gated(watcher)
    start = running.start()
    if start.ready:
        running.settle()
        watcher.look("the payload's rest")
    return running, Timeline(start, tuple(watcher.moments), watcher.looks, watcher.programs)
