"""Section F: one clean-up pass over PARENT, and what it leaves alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from errno import EPERM
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.deleting import Victim, deletion
from pytest_vessel.conformance.locking.passes import Pass, Scene, Use, collected
from pytest_vessel.conformance.locking.seen_collect import Neighbours, ParentWatch, Skipped, Stubborn
from pytest_vessel.conformance.locking.watching import SHOWN, deletes_below, described
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import Running
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


def _candidate(implementation: Implementation, parent: Parent) -> Copy:
    """A copy that nobody uses, with folders in folders, and links within it."""
    copy = copying.unused(implementation, parent, "candidate")
    copying.fill(copy, parent)
    return copy


def _used(held: str, file: Path, holder: HeldLock) -> Use:
    return Use(held, file, holder.release)


@clause("LOCK-070")
def test_unused(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    if case == "empty":
        copying.clear(copy.folder)
    elif case == "no-ref":
        copy.ref.unlink()
    elif case == "half-copied":
        copy.ref.unlink()
        copying.clear(copy.tree)
        (copy.tree / "half").touch()
        parent.give(copy.tree / "half")
    judge(Scene(implementation, copy.folder, parent).collected(f"a copy, {case}"))


@clause("LOCK-070[beside-used]")
def test_unused_beside_used(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    """In whatever order a pass goes: in one of the two scenes it comes to the copy in use first."""
    lost, stayed, ending = 0, list[str](), Ending(0)
    for used_word, unused_word in (("one", "two"), ("two", "one")):
        parent = implementation.parent()
        copies = {word: copying.unused(implementation, parent, word) for word in ("one", "two")}
        tree, unused = doing.Tree(copies[used_word].folder), doing.Entry(copies[unused_word].folder)
        holder = vessel_holder(copies[used_word].ref, Mode.SHARED)
        first = Pass(implementation.collect(parent), copies[used_word].ref)
        lost += tree.lost
        holder.release()
        ending = first.finish()
        stayed += [copies[unused_word].folder.name] * (unused.lost < unused.total)
        tree.close()
        unused.close()
    judge(Neighbours(lost, tuple(stayed), ending))


@clause("LOCK-071")
def test_locked(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    mode, kind, start, length = _LOCKS[case]
    holder = vessel_holder(copy.ref, mode, kind, start=start, length=length)
    use = _used(f"a lock ({case})", copy.ref, holder)
    judge(Scene(implementation, copy.folder, parent).collected("a copy", use))


@clause("LOCK-005[copy]")
def test_one_byte_is_locked(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    holder = vessel_holder(copy.ref, Mode.SHARED, start=1000, length=1)
    use = _used("a shared lock of byte 1000", copy.ref, holder)
    judge(Scene(implementation, copy.folder, parent).collected("a copy", use))


@clause("LOCK-086[copy]")
def test_file_that_may_not_be_written(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    implementation.become_unprivileged()
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    implementation.may_write(copy.ref, False)
    holder = vessel_holder(copy.ref, Mode.SHARED)

    def release() -> None:
        holder.release()
        if copy.ref.exists():
            implementation.may_write(copy.ref, True)

    use = Use("a shared lock on a file that it may only read", copy.ref, release)
    judge(Scene(implementation, copy.folder, parent).collected("a copy", use))


@clause("LOCK-072", "LOCK-058")
def test_linked(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    target = copying.link_ref(copy, parent)
    use = None
    if case == "locked":
        use = _used("a shared lock behind its link", target, vessel_holder(target, Mode.SHARED))
    judge(Scene(implementation, copy.folder, parent).collected("a copy with .ref -> usr/.ref", use))


@clause("LOCK-077")
def test_dangling(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    copying.link_ref(copy, parent).unlink()
    judge(Scene(implementation, copy.folder, parent).collected("a copy with a dangling .ref"))


@clause("LOCK-073")
def test_what_is_no_copy(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    candidate = parent.named("candidate")
    if case == "lock-file":
        candidate = parent.ref
    elif case == "other-name":
        candidate = copying.unused(implementation, parent, "candidate").folder.rename(parent.folder / "other")
    elif case == "plain-file":
        candidate.touch()
        parent.give(candidate)
    else:
        target = copying.unused(implementation, parent, "target").folder.rename(implementation.outside / "target")
        candidate.symlink_to(target)
        parent.give(candidate)
    judge(Scene(implementation, candidate, parent).collected(case.replace("-", " ")))


@clause("LOCK-074")
def test_entry_keep(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    (copy.folder / "keep").touch()
    parent.give(copy.folder / "keep")
    judge(Scene(implementation, copy.folder, parent).collected("a copy with an entry `keep`"))


@clause("LOCK-075")
def test_links_out(implementation: Implementation, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    folder = implementation.outside / "folder"
    (folder / "inner").mkdir(parents=True)
    shared = folder / "shared"
    for file in (shared, folder / "inner" / "file"):
        file.write_text("content")
    shared.chmod(0o444)
    for path in (folder, folder / "inner", shared, folder / "inner" / "file"):
        parent.give(path)
    (copy.tree / "shared").hardlink_to(shared)
    for link, target in ((copy.tree / "out", folder), (copy.tree / "share" / "out", folder / "inner")):
        link.symlink_to(target)
        parent.give(link)
    judge(Scene(implementation, copy.folder, parent).collected("a copy with links to what lies outside"))


@clause("LOCK-076")
def test_misleading_ref(implementation: Implementation, case: str, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
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
    judge(Scene(implementation, copy.folder, parent).collected(f"a copy whose .ref is a {case}"))


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
    ending = Pass(running).finish()
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
        if concerns(held) and copy.folder.exists():
            calls += 1
            if locks.state(parent.ref) != Mode.EXCLUSIVE:
                bad.append(described(held))
        return Go()

    running = implementation.collect(parent, chosen=DELETES)
    running.gated(look)
    ending = Pass(running).finish()
    judge(ParentWatch(calls, tuple(bad[:SHOWN]), not copy.folder.exists(), ending))


@clause("LOCK-079[no-wait]")
def test_copies_are_not_waited_for(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    parent = implementation.parent()
    copy = _candidate(implementation, parent)
    use = _used("a shared lock", copy.ref, vessel_holder(copy.ref, Mode.SHARED))
    judge(Scene(implementation, copy.folder, parent).collected("a copy", use, patient=True))


_PARENT_LOCKS = {
    "shared": (Mode.SHARED, Kind.OFD),
    "shared-posix": (Mode.SHARED, Kind.POSIX),
    "exclusive": (Mode.EXCLUSIVE, Kind.OFD),
    "exclusive-posix": (Mode.EXCLUSIVE, Kind.POSIX),
}


@clause("LOCK-080", "LOCK-023")
def test_parent_is_in_use(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    parent = implementation.parent()
    tree = doing.Entry(_candidate(implementation, parent).folder)
    mode, kind = _PARENT_LOCKS[case]
    holder = vessel_holder(parent.ref, mode, kind)
    first = Pass(implementation.collect(parent))
    lost = tree.lost
    holder.release()
    ending = first.finish()
    if not first.waited or tree.lost < tree.total:
        ending = collected(implementation, parent)
    gone = tree.lost == tree.total
    tree.close()
    judge(Skipped(f"a lock on PARENT/.ref ({mode} {kind})", lost, gone, ending))


@clause("LOCK-085[copy]")
def test_deletion_is_under_the_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def victim() -> Victim:
        parent = implementation.parent()
        copy: Copy = copying.unused(implementation, parent)

        def delete(chosen: Sequence[Chosen]) -> Running:
            return implementation.collect(parent, chosen=chosen)

        return Victim(copy.folder, copy.ref, delete, role="COPY")

    judge(deletion(victim, implementation.work, vessel_holder))
