"""The scene of the exploring clauses: a runtime, a folder of copies, one of them in use and one that nobody uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.watching import MAKES
from pytest_vessel.fixtures.explorer import Stage
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation, Runtime
from pytest_vessel.fixtures.parents import Copy
from pytest_vessel.fixtures.running import LEFTOVER_TIMEOUT_S, Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system import locks
from pytest_vessel.system.bpf import EXECS, FLOCK, RELEASES, SET_LOCKS
from pytest_vessel.system.held import Held

SET_UP, PASS = "set-up", "pass"
EXPLORED = (*SET_LOCKS, *FLOCK, *MAKES, *EXECS, *RELEASES)
_PROCESS_CALLS = frozenset(("execve", "execveat", "exit_group"))
Broken = tuple[str, str]


class CopiesScene:
    """PARENT with `tmp-used` (locked by us) and `tmp-unused`; parties make a copy, or clean up.

    Args:
        finishing: a later pass must have deleted what nobody uses.
        starting: a later set-up must succeed.
    """

    def __init__(
        self, implementation: Implementation, runtime: Runtime, hold: HolderFactory, *, finishing: bool, starting: bool
    ) -> None:
        self.implementation, self.runtime = implementation, runtime
        self.finishing, self.starting = finishing, starting
        self.parent = implementation.parent()
        self.unused = copying.unused(implementation, self.parent, "unused")
        self.used = copying.unused(implementation, self.parent, "used")
        self._lock = hold(self.used.ref, Mode.SHARED, shared_process=True)
        self._tree = doing.Tree(self.used.folder)
        self._running: dict[str, Running] = {}
        self._mine: dict[str, tuple[Copy, doing.Tree]] = {}
        self._wanted = set(doing.contents(runtime.src))
        self._folders = {_identity(Path(folder)) for folder, _folders, _files in os.walk(runtime.src)}

    def close(self) -> None:
        """Let go of everything."""
        for running in self._running.values():
            running.stop()
        self._lock.release()
        for tree in (self._tree, *(tree for _copy, tree in self._mine.values())):
            tree.close()

    def start(self, party: str) -> Running:
        """See `Scene.start`."""
        if party == SET_UP:
            running = self.implementation.copy(self.runtime, self.parent, chosen=EXPLORED)
        else:
            running = self.implementation.collect(self.parent, chosen=EXPLORED)
        self._running[party] = running
        return running

    def role(self, held: Held) -> str | None:
        """See `Scene.role`."""
        if held.call in _PROCESS_CALLS:
            return ""
        if (file := held.file()) is not None:
            return next((name for name, path in self._lock_files() if _identity(path) == file), None)
        path = held.made() or held.path()
        return self._role_of(Path(os.fsdecode(os.path.normpath(path)))) if path else None

    def _lock_files(self) -> Iterator[tuple[str, Path]]:
        yield "SRC/.ref", self.runtime.ref
        yield "PARENT/.ref", self.parent.ref
        for copy in copying.copies(self.implementation, self.runtime, self.parent):
            yield f"{self._name(copy.folder)}/.ref", copy.ref

    def _name(self, folder: Path) -> str:
        return {self.unused.folder: "UNUSED", self.used.folder: "USED"}.get(folder, "COPY")

    def _role_of(self, path: Path) -> str | None:
        if path == self.parent.ref:
            return "PARENT/.ref"
        if path == self.runtime.ref:
            return "SRC/.ref"
        if self.parent.folder in path.parents:
            folder, *below = path.relative_to(self.parent.folder).parts
            name = self._name(self.parent.folder / folder)
            return name if not below else f"{name}/.ref" if below[-1] == ".ref" else f"{name}/..."
        return "SRC/..." if self.runtime.src in path.parents else None

    def locks(self) -> str:
        """See `Scene.locks`: the locked files; `shared` is not told where somebody is excluded anyway."""
        return ", ".join(f"{name} {state}" for name, path in self._lock_files() if (state := _state(path)))

    def broken(self) -> Broken | None:
        """See `Scene.broken`."""
        if self._tree.lost:
            return "deleted-in-use", f"{self._tree.lost} of {self._tree.total} files of a copy in use went"
        for party, running in self._running.items():
            if party == SET_UP and running.talk.ready and not running.call.empty and (found := self._harmed(running)):
                return found
        return None

    def _harmed(self, running: Running) -> Broken | None:
        """Whether the copy that a payload runs in lacks something."""
        if SET_UP not in self._mine:
            copy = copying.copy_of(self.implementation, self.runtime, self.parent, running)
            if copy is None:
                return "deleted-in-use", "the copy that a payload runs in is not there"
            missing = sorted(self._wanted - set(doing.contents(copy.tree)))
            if missing:
                return "incomplete", f"a payload runs in a copy without {', '.join(missing[:3])}"
            self._mine[SET_UP] = copy, doing.Tree(copy.folder)
        copy, tree = self._mine[SET_UP]
        if tree.lost:
            return "deleted-in-use", f"{tree.lost} of {tree.total} names went of a copy that a payload runs in"
        if not _state(copy.ref):
            return "unlocked", "a payload runs in a copy that is not locked"
        return None

    def broken_in_the_end(self) -> Broken | None:
        """See `Scene.broken_in_the_end`."""
        for running in self._running.values():
            running.open_gate()
        return self._hanging() or self.broken() or self._ended() or self._afterwards()

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
        for name, path in self._lock_files():
            if not name.startswith("USED") and (state := _state(path)):
                return "lock-stays", f"{name} is locked {state} after both have ended"
        for party, running in self._running.items():
            if running.finish().stopped:
                return "hangs", party
        return None

    def _afterwards(self) -> Broken | None:
        """A later set-up, and where it is offered a later pass."""
        if self.starting:
            running = self.implementation.copy(self.runtime, self.parent)
            start = running.start()
            running.finish()
            if not start.ready:
                return "hindered", f"the next set-up: {start}"
        if not self.implementation.offers("collect"):
            return None
        before = self.parent.copies()
        running = self.implementation.collect(self.parent)
        running.start()
        ending = running.finish()
        if ending.stopped:
            return "hindered", f"the next pass: {ending}"
        if self._tree.lost:
            return "deleted-in-use", "the next pass deletes a copy in use"
        left = [copy.name for copy in self.parent.copies() if copy in before and copy != self.used.folder]
        if self.finishing and left:
            return "unfinished", f"the next pass leaves {', '.join(left)}: {ending}"
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        seen = path.stat()
        return seen.st_dev, seen.st_ino
    return None


def _state(path: Path) -> str:
    """`shared`, `exclusive` or nothing."""
    with suppress(OSError):
        return locks.state(path)
    return ""


def stage_of(
    implementation: Implementation, runtime: Runtime, hold: HolderFactory, *, finishing: bool, starting: bool
) -> Stage:
    """Makes scenes."""

    @contextmanager
    def opened() -> Iterator[CopiesScene]:
        scene = CopiesScene(implementation, runtime, hold, finishing=finishing, starting=starting)
        try:
            yield scene
        finally:
            scene.close()

    return opened
