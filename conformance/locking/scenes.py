"""What the scenes of the exploring clauses have in common: programs on lock files and trees; and all of them end."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from pytest_vessel.conformance.locking.outsiders import Broken, Outsider
from pytest_vessel.conformance.locking.watching import MAKES
from pytest_vessel.fixtures.running import LEFTOVER_TIMEOUT_S, Running
from pytest_vessel.system import locks
from pytest_vessel.system.bpf import EXECS, FLOCK, RELEASES, SET_LOCKS
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import identity_of

EXPLORED = (*SET_LOCKS, *FLOCK, *MAKES, *EXECS, *RELEASES)
"""What programs of a scene must be started with."""

_PROCESS_CALLS = frozenset(("execve", "execveat", "exit_group"))


class FilesScene:
    """Programs that work on lock files and trees: see `fixtures.parties.Scene`.

    What kind of files these are, and what is broken, is said by those that derive from it.

    Attributes:
        locked_by_us: roles of lock files that are locked to the end.
    """

    locked_by_us: Collection[str] = ()

    def __init__(self, work: Path, programs: Mapping[str, Callable[[], Running]], outsider: Outsider | None) -> None:
        self._work = os.fsencode(work)
        self._programs, self._outsider = programs, outsider
        self._running: dict[str, Running] = {}

    @property
    def outsiders(self) -> Mapping[str, Callable[[], str]]:
        """See `Scene`."""
        return {self._outsider.name: self._outsider.act} if self._outsider else {}

    @property
    def parties(self) -> Collection[str]:
        """See `Scene`."""
        return self._programs.keys()

    def start(self, party: str) -> Running:
        """See `Scene.start`."""
        self._running[party] = self._programs[party]()
        return self._running[party]

    def close(self) -> None:
        """End everybody."""
        for running in self._running.values():
            running.stop()
        if self._outsider:
            self._outsider.close()

    def lock_files(self) -> Iterable[tuple[str, Path]]:
        """The lock files that there are now, by role; asked for at each call, so it has to be fast."""
        raise NotImplementedError

    def role_of(self, path: Path) -> str | None:
        """The role of what has that path, or would have it."""
        raise NotImplementedError

    def harmed(self, by: str) -> Broken | None:
        """What is broken of what is in use, by the move of one; by nobody's in particular where that is empty."""
        raise NotImplementedError

    def broken_afterwards(self) -> Broken | None:
        """What is broken when everybody has ended."""
        return None

    def broken(self, by: str = "") -> Broken | None:
        """See `Scene.broken`."""
        return (self._outsider.broken() if self._outsider else None) or self.harmed(by)

    def look(self) -> None:
        """See `Scene.look`."""

    def role(self, held: Held) -> str | None:
        """See `Scene.role`."""
        if held.call in _PROCESS_CALLS:
            return ""
        if (file := held.file()) is not None:
            if self._outsider and file == self._outsider.file:
                return self._outsider.role
            return next((name for name, path in self.lock_files() if identity_of(path) == file), None)
        path = held.named() or b""
        return self.role_of(Path(os.fsdecode(os.path.normpath(path)))) if path.startswith(self._work) else None

    def locks(self) -> str:
        """See `Scene.locks`: the locked files; `shared` is not told where somebody is excluded anyway."""
        return ", ".join(f"{name} {state}" for name, path in self.lock_files() if (state := state_of(path)))

    def broken_in_the_end(self) -> Broken | None:
        """See `Scene.broken_in_the_end`."""
        for running in self._running.values():
            running.open_gate()
        if found := self._hanging() or self.broken():
            return found
        if self._outsider:
            self._outsider.leave()
        return self._ended() or self.broken_afterwards()

    def _hanging(self) -> Broken | None:
        for party, running in self._running.items():
            start = running.start()
            if start.waits or (start.ending is None and not start.ready) or (start.ending and start.ending.stopped):
                return "hangs", f"{party}: {start}"
        return None

    def _ended(self) -> Broken | None:
        """End every party, and look which locks stay."""
        for running in self._running.values():
            running.say_goodbye()
            running.stage.until(lambda running=running: running.call.empty, LEFTOVER_TIMEOUT_S)  # type: ignore[misc]
        for name, path in self.lock_files():
            if name not in self.locked_by_us and (state := state_of(path)):
                return "lock-stays", f"{name} is locked {state} after all have ended"
        for party, running in self._running.items():
            if running.finish().stopped:
                return "hangs", party
        return None


def state_of(path: Path) -> str:
    """`shared`, `exclusive` or nothing."""
    with suppress(OSError):
        return locks.state(path)
    return ""
