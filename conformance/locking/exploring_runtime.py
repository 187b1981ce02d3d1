"""The other scene of the exploring clauses: one runtime, used directly and removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.outsiders import Broken, Outsider
from pytest_vessel.conformance.locking.scenes import EXPLORED, FilesScene, state_of
from pytest_vessel.conformance.locking.seen import SRC_REF
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parties import Stage

START, REMOVAL = "start", "removal"

Invite = Callable[[Runtime], Outsider]


class RuntimeScene(FilesScene):
    """A runtime of its own; parties run a payload in it, or remove it.

    Where there is a removal the lock on the file as it was counts, wherever its name is: who takes the name away and
    leaves the rest until nobody uses it breaks nothing.

    Args:
        outsider: who acts beside them, on these files.
        later: another removal must end afterwards.
    """

    def __init__(self, implementation: Implementation, outsider: Invite | None, *, later: bool) -> None:
        self.implementation, self.later = implementation, later
        self.runtime = runtime = implementation.runtime()
        runtime.lock_file.touch()  # it may come with its first user alone
        programs = {
            START: lambda: implementation.run(runtime, chosen=EXPLORED),
            REMOVAL: lambda: implementation.remove(runtime, chosen=EXPLORED),
        }
        super().__init__(implementation.work, programs, outsider(runtime) if outsider else None)
        self._tree = doing.Tree(runtime.src)
        self._descriptor = os.open(runtime.lock_file, os.O_RDONLY | os.O_CLOEXEC)
        self._ref = Path(f"/proc/self/fd/{self._descriptor}")

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        self._tree.close()
        os.close(self._descriptor)

    def lock_files(self) -> Iterable[tuple[str, Path]]:
        """SRC/.ref alone."""
        return ((SRC_REF, self.runtime.lock_file),)

    def role_of(self, path: Path) -> str | None:
        """By the folder that it lies in; `ASIDE` is one beside SRC."""
        src = self.runtime.src
        if path == self.runtime.lock_file:
            return SRC_REF
        if src == path or src in path.parents:
            return "SRC" if src == path else "SRC/..."
        if src.parent in path.parents:
            return "ASIDE" if path.parent == src.parent else "ASIDE/..."
        return None

    def harmed(self, by: str) -> Broken | None:
        """Whether the runtime that a payload runs in is whole, and locked."""
        running = self._running.get(START)
        if running is None or not running.talk.ready or running.call.empty:
            return None
        if REMOVAL not in self._running:
            unlocked = "a payload runs, and nobody has locked a file at the path of its runtime's lock file"
            return None if state_of(self.runtime.lock_file) else ("unlocked", unlocked)
        if lost := self._tree.lost:
            return "deleted-in-use", f"{lost} of {self._tree.total} names of the runtime of a payload are gone"
        return None if state_of(self._ref) else ("unlocked", "a payload runs, and nobody has locked its runtime")

    def broken_afterwards(self) -> Broken | None:
        """A later removal."""
        if self.later and (ending := self.implementation.remove(self.runtime).finish()).stopped:
            return "hindered", f"the next removal: {ending}"
        return None


def stage_of(implementation: Implementation, outsider: Invite | None = None, *, later: bool = False) -> Stage:
    """Makes such scenes."""

    @contextmanager
    def opened() -> Iterator[RuntimeScene]:
        scene = RuntimeScene(implementation, outsider, later=later)
        try:
            yield scene
        finally:
            scene.close()

    return opened
