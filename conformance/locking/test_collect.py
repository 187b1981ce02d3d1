"""Section F: one clean-up pass over PARENT, and what it leaves alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from errno import EPERM
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.deleting import Victim, deletion
from pytest_vessel.conformance.locking.seen_collect import Collected, ParentWatch, Skipped, Stubborn
from pytest_vessel.conformance.locking.watching import SHOWN, deletes_below, described, locked
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import Running, is_waited_for
from pytest_vessel.observation.locks import Kind, Mode
from pytest_vessel.observation.process import Ending
from pytest_vessel.system import locks
from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import DELETES, Chosen
from pytest_vessel.system.held import Held
from pytest_vessel.system.lockholder import HeldLock

_LOCKS = {
    "shared-ofd": (Mode.SHARED, Kind.OFD, 0, 0),
    "exclusive-ofd": (Mode.EXCLUSIVE, Kind.OFD, 0, 0),
    "shared-posix": (Mode.SHARED, Kind.POSIX, 0, 0),
    "exclusive-posix": (Mode.EXCLUSIVE, Kind.POSIX, 0, 0),
    "first-half": (Mode.SHARED, Kind.OFD, 0, 1 << 40),
    "second-half": (Mode.SHARED, Kind.OFD, 1 << 40, 0),
}


class _Scene:
    """A PARENT with the candidate of the clause, and one beside it that nobody uses."""

    def __init__(self, implementation: Implementation, candidate: Path, parent: Parent) -> None:
        self.implementation, self.parent = implementation, parent
        self._beside = copying.unused(implementation, parent, "beside")
        self._folder = candidate
        self._tree = doing.Entry(candidate)
        self._outside = implementation.outside
        (self._outside / "file").write_text("content")
        self._before = doing.contents(self._outside)

    def collected(self, what: str, held: str = "", holder: HeldLock | None = None) -> Collected:
        """One pass; with a holder a second one after its release."""
        ending = _pass(self.implementation, self.parent)
        lost, beside_gone, outside = self._tree.lost, not self._beside.folder.exists(), self._changed()
        later = None
        if holder is not None:
            holder.release()
            _pass(self.implementation, self.parent)
            later = self._tree.lost == self._tree.total
        total = self._tree.total
        self._tree.close()
        return Collected(what, held, lost, total, beside_gone, outside, ending, later)

    def _changed(self) -> tuple[str, ...]:
        after = doing.contents(self._outside)
        changed = [name for name in sorted(self._before.keys() | after) if self._before.get(name) != after.get(name)]
        stays = [name for name in after if (self._outside / name).is_file() and locked(self._outside / name)]
        return (*changed[:SHOWN], *(f"{name} stays locked" for name in stays))


def _pass(implementation: Implementation, parent: Parent) -> Ending:
    running = implementation.collect(parent)
    running.start()
    return running.finish()


@clause("LOCK-070")
def test_unused(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    if case == "empty":
        copying.clear(copy.folder)
    elif case == "no-ref":
        copy.ref.unlink()
    elif case == "half-copied":
        copy.ref.unlink()
        copying.clear(copy.tree)
        (copy.tree / "half").touch()
    judge(_Scene(implementation, copy.folder, parent).collected(f"a copy, {case}"))


@clause("LOCK-071")
def test_locked(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    mode, kind, start, length = _LOCKS[case]
    holder = vessel_holder(copy.ref, mode, kind, start=start, length=length)
    judge(_Scene(implementation, copy.folder, parent).collected("a copy", f"a lock ({case})", holder))


@clause("LOCK-005[copy]")
def test_one_byte_is_locked(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    holder = vessel_holder(copy.ref, Mode.SHARED, start=1000, length=1)
    judge(_Scene(implementation, copy.folder, parent).collected("a copy", "a shared lock of byte 1000", holder))


@clause("LOCK-086[copy]")
def test_file_that_may_not_be_written(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    implementation.become_unprivileged()
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    implementation.may_write(copy.ref, False)
    holder = vessel_holder(copy.ref, Mode.SHARED)
    scene = _Scene(implementation, copy.folder, parent)
    seen = scene.collected("a copy", "a shared lock on a file that it may only read")
    holder.release()
    judge(seen)


@clause("LOCK-072", "LOCK-058")
def test_linked(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    target = copying.link_ref(copy, parent)
    holder = vessel_holder(target, Mode.SHARED) if case == "locked" else None
    held = "a shared lock behind its link" if holder else ""
    judge(_Scene(implementation, copy.folder, parent).collected("a copy with .ref -> usr/.ref", held, holder))


@clause("LOCK-077")
def test_dangling(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    copying.link_ref(copy, parent).unlink()
    judge(_Scene(implementation, copy.folder, parent).collected("a copy with a dangling .ref"))


@clause("LOCK-073")
def test_what_is_no_copy(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    candidate = parent.named("candidate")
    if case == "other-name":
        candidate = copying.unused(implementation, parent, "candidate").folder.rename(parent.folder / "other")
    elif case == "plain-file":
        candidate.touch()
        parent.give(candidate)
    else:
        target = copying.unused(implementation, parent, "target").folder.rename(implementation.outside / "target")
        candidate.symlink_to(target)
        parent.give(candidate)
    judge(_Scene(implementation, candidate, parent).collected(case.replace("-", " ")))


@clause("LOCK-074")
def test_entry_keep(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    (copy.folder / "keep").touch()
    parent.give(copy.folder / "keep")
    judge(_Scene(implementation, copy.folder, parent).collected("a copy with an entry `keep`"))


@clause("LOCK-075")
def test_links_out(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    folder = implementation.outside / "folder"
    (folder / "inner").mkdir(parents=True)
    for file in (folder / "file", folder / "inner" / "file"):
        file.write_text("content")
    for path in (folder, folder / "inner", folder / "file", folder / "inner" / "file"):
        parent.give(path)
    for link, target in ((copy.tree / "out", folder), (copy.tree / "share" / "out", folder / "inner")):
        link.symlink_to(target)
        parent.give(link)
    judge(_Scene(implementation, copy.folder, parent).collected("a copy with links to folders outside"))


@clause("LOCK-076")
def test_misleading_ref(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    copy.ref.unlink()
    if case == "folder":
        copy.ref.mkdir()
    elif case == "fifo":
        os.mkfifo(copy.ref)
    elif case == "symlink-to-nothing":
        copy.ref.symlink_to(implementation.outside / "made-by-following-a-link")
    else:
        copy.ref.symlink_to(implementation.outside / "file")
    parent.give(copy.ref)
    judge(_Scene(implementation, copy.folder, parent).collected(f"a copy whose .ref is a {case}"))


@clause("LOCK-078")
def test_undeletable(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copies = [copying.unused(implementation, parent, word) for word in ("first", "second", "third")]
    inside = {copy.folder: deletes_below(copy.folder) for copy in copies}
    chosen: list[Path] = []
    refused = 0

    def refuse(held: Held) -> Answer:
        nonlocal refused
        folder = next((folder for folder, concerns in inside.items() if concerns(held)), None)
        if folder is None:
            return Go()
        chosen.extend([folder] * (not chosen))
        if folder != chosen[0]:
            return Go()
        refused += 1
        return Fail(EPERM)

    running = implementation.collect(parent, chosen=DELETES)
    running.gated(refuse)
    running.start()
    ending = running.wait()
    others = [copy.folder for copy in copies if copy.folder not in chosen]
    gone = sum(not folder.exists() for folder in others)
    name = chosen[0].name if chosen else ""
    judge(Stubborn(refused, name, len(others), gone, ending.message, ending))


@clause("LOCK-079[parent-lock]")
def test_parent_is_locked_exclusively(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent)
    concerns = deletes_below(copy.folder)
    calls, bad = 0, list[str]()

    def look(held: Held) -> Answer:
        nonlocal calls
        if concerns(held):
            calls += 1
            if locks.state(parent.ref) != Mode.EXCLUSIVE:
                bad.append(described(held))
        return Go()

    running = implementation.collect(parent, chosen=DELETES)
    running.gated(look)
    running.start()
    ending = running.finish()
    judge(ParentWatch(calls, tuple(bad[:SHOWN]), not copy.folder.exists(), ending))


@clause("LOCK-079[no-wait]")
def test_copies_are_not_waited_for(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent, "candidate")
    holder = vessel_holder(copy.ref, Mode.SHARED)
    scene = _Scene(implementation, copy.folder, parent)
    running = implementation.collect(parent)
    running.stage.until(
        lambda: running.call.empty or running.talk.ready or is_waited_for(copy.ref), running.call.order.timeout_s
    )
    waited = is_waited_for(copy.ref)
    running.stop() if waited else running.finish()
    judge(replace(scene.collected("a copy", "a shared lock", holder), waited=waited))


@clause("LOCK-080", "LOCK-023")
def test_parent_is_in_use(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    parent = implementation.parent()
    copy = copying.unused(implementation, parent)
    tree = doing.Tree(copy.folder)
    mode = Mode.EXCLUSIVE if case == "exclusive" else Mode.SHARED
    holder = vessel_holder(parent.ref, mode)
    running = implementation.collect(parent)
    start = running.start()
    running.settle()
    lost = tree.lost
    holder.release()
    ending = running.finish()
    if not start.waits or tree.lost < tree.total:
        ending = _pass(implementation, parent)
    gone = tree.lost == tree.total
    tree.close()
    judge(
        Skipped(f"{'an exclusive' if mode is Mode.EXCLUSIVE else 'a shared'} lock on PARENT/.ref", lost, gone, ending)
    )


@clause("LOCK-085[copy]")
def test_deletion_is_under_the_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def victim() -> Victim:
        parent = implementation.parent()
        copy: Copy = copying.unused(implementation, parent)

        def delete(chosen: Sequence[Chosen]) -> Running:
            return implementation.collect(parent, chosen=chosen)

        return Victim(copy.folder, copy.ref, delete)

    judge(deletion(victim, implementation.work, vessel_holder))
