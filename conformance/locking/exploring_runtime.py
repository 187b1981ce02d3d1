"""The other scene of the exploring clauses: one runtime, used directly and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.outsiders import Broken, Outsider
from pytest_vessel.conformance.locking.scenes import EXPLORED, FilesScene, state_of
from pytest_vessel.fixtures.implementations import Implementation, Runtime
from pytest_vessel.fixtures.parties import Stage

START, REMOVAL = "start", "removal"

Invite = Callable[[Runtime], Outsider]


class RuntimeScene(FilesScene):
    """A runtime of its own; parties run a payload in it, or remove it."""

    def __init__(self, implementation: Implementation, outsider: Invite | None) -> None:
        self.runtime = runtime = implementation.runtime()
        programs = {
            START: lambda: implementation.run(runtime, chosen=EXPLORED),
            REMOVAL: lambda: implementation.remove(runtime, chosen=EXPLORED),
        }
        super().__init__(programs, outsider(runtime) if outsider else None)
        self._tree = doing.Tree(runtime.src)

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        self._tree.close()

    def lock_files(self) -> Iterator[tuple[str, Path]]:
        """SRC/.ref alone."""
        yield "SRC/.ref", self.runtime.lock_file

    def role_of(self, path: Path) -> str | None:
        """By the folder that it lies in; `ASIDE` is one beside SRC."""
        src = self.runtime.src
        if path == self.runtime.lock_file:
            return "SRC/.ref"
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
        if REMOVAL in self._running and self._tree.lost:
            return (
                "deleted-in-use",
                f"{self._tree.lost} of {self._tree.total} names of the runtime of a payload are gone",
            )
        if not state_of(self.runtime.lock_file):
            return "unlocked", "a payload runs, and nobody has locked a file at the path of its runtime's lock file"
        return None


def stage_of(implementation: Implementation, outsider: Invite | None = None) -> Stage:
    """Makes such scenes."""

    @contextmanager
    def opened() -> Iterator[RuntimeScene]:
        scene = RuntimeScene(implementation, outsider)
        try:
            yield scene
        finally:
            scene.close()

    return opened
