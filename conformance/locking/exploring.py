"""The scene of the exploring clauses: a runtime, a folder of copies, one of them in use and one that nobody uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.outsiders import Broken, Outsider
from pytest_vessel.conformance.locking.scenes import EXPLORED, FilesScene, state_of
from pytest_vessel.conformance.locking.seen import COPY_REF, PARENT_REF, SRC_REF
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.parties import Stage
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.held import Held

SET_UP, SECOND, COLLECTING, PASS = "set-up", "second", "collecting", "pass"
_COLLECTORS = (COLLECTING, PASS)


class Folder:
    """PARENT with `tmp-used` and `tmp-unused`, of which neither is locked yet; the latter as set-ups make them."""

    def __init__(self, implementation: Implementation) -> None:
        self.parent: Parent = implementation.parent()
        self.unused = copying.unused(implementation, self.parent, "unused")
        self.used = copying.unused(implementation, self.parent, "used")
        copying.link_ref(self.unused, self.parent)


Invite = Callable[[Folder], Outsider]


class CopiesScene(FilesScene):
    """A folder of copies, `tmp-used` locked by us; parties make a copy (one collects, too), or clean up.

    Args:
        outsider: who acts beside them, on these files.
        later: parties of which another must succeed afterwards.
        finishing: a later pass must have deleted what nobody uses.
    """

    locked_by_us = ("USED/.ref",)

    def __init__(
        self,
        implementation: Implementation,
        runtime: Runtime,
        hold: HolderFactory,
        *,
        outsider: Invite | None,
        later: Sequence[str],
        finishing: bool,
    ) -> None:
        self.implementation, self.runtime = implementation, runtime
        self.later, self.finishing = later, finishing
        self._folder = Folder(implementation)
        self.parent = self._folder.parent
        programs = {
            SET_UP: self._set_up,
            SECOND: self._set_up,
            COLLECTING: lambda: self._set_up({"collecting": "yes"}),
            PASS: lambda: implementation.collect(self.parent, chosen=EXPLORED),
        }
        super().__init__(implementation.work, programs, outsider(self._folder) if outsider else None)
        self._lock = hold(self._folder.used.ref, Mode.SHARED, shared_process=True)
        self._tree = doing.Tree(self._folder.used.folder)
        self._names: list[str] = []
        self._lock_files: list[tuple[str, Path]] = []
        self._mine: dict[str, tuple[Copy, doing.Tree]] = {}
        self._making = doing.Making()
        self._exposed = ""
        self._wanted = set(doing.contents(runtime.src))

    def _set_up(self, choices: dict[str, str] | None = None) -> Running:
        return self.implementation.copy(self.runtime, self.parent, choices=choices, chosen=EXPLORED)

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        self._lock.release()
        self._making.close()
        for tree in (self._tree, *(tree for _copy, tree in self._mine.values())):
            tree.close()

    def lock_files(self) -> Iterable[tuple[str, Path]]:
        """SRC/.ref, PARENT/.ref, and that of each copy; looked for only where the names in PARENT are others now."""
        if (names := os.listdir(os.path.dirname(self.parent.pattern))) != self._names:
            copies = copying.copies(self.implementation, self.runtime, self.parent)
            self._lock_files = [(SRC_REF, self.runtime.lock_file), (PARENT_REF, self.parent.lock_file)]
            self._lock_files += [(f"{self._name(copy.folder)}/.ref", copy.ref) for copy in copies]
            self._names = names
        return self._lock_files

    def _name(self, folder: Path) -> str:
        return {self._folder.unused.folder: "UNUSED", self._folder.used.folder: "USED"}.get(folder, "COPY")

    def role(self, held: Held) -> str | None:
        """See `Scene.role`; PARENT itself counts where it is listed, not where one makes sure that it is there."""
        role = super().role(held)
        return None if role == "PARENT" and held.open_flags() is None else role

    def role_of(self, path: Path) -> str | None:
        """By the folder that it lies in."""
        if path == self.parent.lock_file:
            return PARENT_REF
        if path == self.runtime.lock_file:
            return SRC_REF
        if path == self.parent.folder:
            return "PARENT"
        if self.parent.folder in path.parents:
            folder, *below = path.relative_to(self.parent.folder).parts
            name = self._name(self.parent.folder / folder)
            return name if not below else f"{name}/.ref" if below[-1] == ".ref" else f"{name}/..."
        return "SRC/..." if self.runtime.src in path.parents else None

    def look(self) -> None:
        """Where PARENT/.ref is changed: whether a copy is there that neither lock protects from a pass."""
        if self._outsider and self._outsider.role == PARENT_REF and not state_of(self.parent.lock_file):
            bare = (name for name, path in self.lock_files() if name == COPY_REF and not state_of(path))
            self._exposed = self._exposed or next(bare, "")

    def harmed(self, by: str) -> Broken | None:
        """What is broken of the copy that is in use, of those that are made, and of those that payloads run in."""
        if self._tree.lost:
            return "deleted-in-use", f"{self._tree.lost} of {self._tree.total} files of a copy in use went"
        if self._exposed:
            return "exposed", f"neither {self._exposed} was locked nor a file at the path of PARENT/.ref"
        if (lost := self._lost_while_made(by)) and by in _COLLECTORS:
            return "deleted-in-use", f"{lost} names went of a copy that somebody is about to use"
        for party, running in self._running.items():
            if running.talk.ready and not running.call.empty and (found := self._harmed(party, running)):
                return found
        return None

    def _lost_while_made(self, by: str) -> int:
        """Names that went by this move of copies whose set-ups, others, are not over; none where one of these is."""
        lost = self._making.lost(by, (folder for folder in self.parent.copies() if self._name(folder) == "COPY"))
        return 0 if any(self._running[party].call.ended for party in self._running.keys() - {PASS}) else lost

    def _harmed(self, party: str, running: Running) -> Broken | None:
        """Whether the copy that a payload runs in lacks something."""
        if party not in self._mine:
            copy = copying.copy_of(self.implementation, self.runtime, self.parent, running)
            if copy is None:
                return "deleted-in-use", "the copy that a payload runs in is not there"
            missing = sorted(self._wanted - set(doing.contents(copy.tree)))
            if missing:
                return "incomplete", f"a payload runs in a copy without {', '.join(missing[:3])}"
            self._mine[party] = copy, doing.Tree(copy.folder)
        copy, tree = self._mine[party]
        if tree.lost:
            return "deleted-in-use", f"{tree.lost} of {tree.total} names went of a copy that a payload runs in"
        if not state_of(copy.ref):
            return "unlocked", "a payload runs in a copy that is not locked"
        return None

    def broken_afterwards(self) -> Broken | None:
        """A later set-up, and where it is offered a later pass."""
        if SET_UP in self.later:
            running = self.implementation.copy(self.runtime, self.parent)
            start = running.start()
            running.finish()
            if not start.ready:
                return "hindered", f"the next set-up: {start}"
        if PASS not in self.later or not self.implementation.offers("collect"):
            return None
        before = self.parent.copies()
        running = self.implementation.collect(self.parent)
        running.files = (*running.files, self._folder.used.ref)
        start = running.start()
        if start.waits:  # for a lock that we keep: it would wait to its time-out
            running.stop()
            return "hindered", f"the next pass: {start}"
        ending = running.finish()
        if ending.stopped:
            return "hindered", f"the next pass: {ending}"
        if self._tree.lost:
            return "deleted-in-use", "the next pass deletes a copy in use"
        left = [copy.name for copy in self.parent.copies() if copy in before and copy != self._folder.used.folder]
        if self.finishing and left:
            return "unfinished", f"the next pass leaves {', '.join(left)}: {ending}"
        return None


def stage_of(
    implementation: Implementation,
    hold: HolderFactory,
    *,
    outsider: Invite | None = None,
    later: Sequence[str] = (),
    finishing: bool = False,
) -> Stage:
    """Makes such scenes, all with one runtime."""
    runtime = implementation.runtime()

    @contextmanager
    def opened() -> Iterator[CopiesScene]:
        scene = CopiesScene(implementation, runtime, hold, outsider=outsider, later=later, finishing=finishing)
        try:
            yield scene
        finally:
            scene.close()

    return opened
