"""Sections B and C for mutable copies: the runtime's lock and the parent's while a copy is made."""

from __future__ import annotations

import os
from errno import ENOSPC
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen_copies import (
    Beside,
    Filling,
    Names,
    NewParent,
    Overlap,
    ParentAfter,
    Permissions,
    SourceAfter,
    Unprotected,
    UnusableParent,
    Waiting,
)
from pytest_vessel.conformance.locking.watching import (
    MAKES,
    SHOWN,
    LockWatch,
    SourceUse,
    described,
    fills_copy,
    hold_first,
    makes_entry,
)
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import EXECS, FLOCK, LISTINGS, RELEASES, SET_LOCKS
from pytest_vessel.system.held import Held
from pytest_vessel.system.locks import is_locked

STARTS_FOR_NAMES = 6


@clause("LOCK-011")
def test_source_is_locked_before_anything_appears(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    judge(_filling(implementation, runtime, parent, LockWatch(runtime.ref, makes_entry(parent))))


@clause("LOCK-014")
def test_source_is_locked_while_it_is_read(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    judge(_filling(implementation, runtime, parent, LockWatch(runtime.ref, SourceUse(runtime.src, runtime.ref))))


@clause("LOCK-021[setting-up]")
def test_parent_is_locked_while_a_copy_is_made(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    judge(_filling(implementation, runtime, parent, LockWatch(parent.ref, fills_copy(parent))))


def _filling(implementation: Implementation, runtime: Runtime, parent: Parent, watch: LockWatch) -> Filling:
    running = implementation.copy(runtime, parent, chosen=(*MAKES, *LISTINGS))
    running.gated(watch)
    start = running.start()
    running.settle()
    watched = watch.watched
    running.finish()
    return Filling(start, watched)


@clause("LOCK-057")
def test_source_is_free_afterwards(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    running = implementation.copy(runtime, parent)
    seen = doing.use(running, runtime.ref)
    uses = _uses_of(runtime.src, parent, running.call.processes())
    running.finish()
    judge(SourceAfter(seen.start, seen.locks, uses))


def _uses_of(src: Path, parent: Parent, pids: list[int]) -> tuple[str, ...]:
    """Links in the copies, and mounts of these processes, that lead to SRC; its path has a random word in it."""
    found = set()
    for folder, folders, files in os.walk(parent.folder):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            if os.path.islink(path) and os.readlink(path).startswith(str(src)):
                found.add("a symlink")
    for pid in pids:
        try:
            mounts = Path(f"/proc/{pid}/mountinfo").read_text()
        except OSError:
            continue
        if f"/{src.parent.name}/{src.name}" in mounts:
            found.add("a mount")
    return tuple(sorted(found))


@clause("LOCK-021[payload]")
def test_parent_is_free_when_the_payload_runs(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    running = implementation.copy(runtime, parent)
    seen = doing.use(running, parent.ref)
    running.finish()
    judge(ParentAfter("", seen.start, not (seen.locks and seen.locks.protects)))


@clause("LOCK-021[failure]")
def test_parent_is_free_after_a_failure(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    running = implementation.copy(runtime, parent, chosen=MAKES)
    fills, failed = fills_copy(parent), ""

    def refuse(held: Held) -> Answer:
        nonlocal failed
        if not fills(held):
            return Go()
        failed = failed or described(held)
        return Fail(ENOSPC)

    running.gated(refuse)
    start = running.start()
    running.settle()
    freed = not is_locked(parent.ref)
    running.stop()
    judge(ParentAfter(failed, start, freed))


@clause("LOCK-022")
def test_copy_beside_a_clean_up(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    judge(copying.contend(implementation, runtime, parent, vessel_holder(parent.ref, Mode.EXCLUSIVE)))


@clause("LOCK-024")
def test_waiting_is_told(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    holder = vessel_holder(parent.ref, Mode.EXCLUSIVE)
    choices = {"wait": "yes"} if implementation.offers("choices.wait.yes") else {}
    running = implementation.copy(runtime, parent, choices=choices)
    start = running.start()
    running.settle()
    message = running.message
    running.stop()
    holder.release()
    judge(Waiting(start, message, (running.shown(str(parent.ref)),)))


@clause("LOCK-025")
def test_copy_beside_a_shared_lock(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    unused = copying.unused(implementation, parent)
    tree = doing.Tree(unused.folder)
    holder = vessel_holder(parent.ref, Mode.SHARED)
    running = implementation.copy(runtime, parent, choices={"collecting": "yes"} if case == "collecting" else {})
    start = running.start()
    lost = tree.lost
    running.finish()
    holder.release()
    tree.close()
    judge(Beside("a shared lock on PARENT/.ref", start, lost))


@clause("LOCK-026")
def test_two_copies_at_once(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    first = implementation.copy(runtime, parent, choices={"collecting": "no"}, chosen=MAKES)
    fired = hold_first(first, fills_copy(parent))
    second = implementation.copy(runtime, parent, choices={"collecting": "no"})
    beside = second.start()
    first.open_gate()
    after = first.start()
    first.finish()
    second.finish()
    judge(Overlap(fired, beside, after))


@clause("LOCK-027")
def test_direct_use_beside_a_clean_up(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    parent = implementation.parent()
    runtime = implementation.runtime(within=parent.folder)
    holder = vessel_holder(parent.ref, Mode.EXCLUSIVE)
    running = implementation.run(runtime, parent)
    start = running.start()
    running.finish()
    holder.release()
    judge(Beside("an exclusive lock on PARENT/.ref", start, 0))


@clause("LOCK-028")
def test_missing_parent(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    sound = doing.start_once(implementation.copy(runtime, implementation.parent()))
    top = implementation.parent()
    parent = implementation.parent(within=top.folder / "deep", exists=False)
    start = doing.start_once(implementation.copy(runtime, parent))
    there = sorted(str(path.relative_to(top.folder)) for path in top.folder.rglob("*") if _is_extra(path, parent))
    there = [name for name in there if top.folder / name != top.ref]
    outside = [f"outside/{name}" for name in sorted(os.listdir(implementation.outside))]
    judge(NewParent(sound, start, parent.folder.is_dir(), tuple((there + outside)[:SHOWN])))


def _is_extra(path: Path, parent: Parent) -> bool:
    """Whether a path is neither PARENT, a folder above it, its lock file, nor (in) a copy."""
    if path in (parent.folder, parent.ref, *parent.folder.parents):
        return False
    return not any(path == copy or copy in path.parents for copy in parent.copies())


@clause("LOCK-029")
def test_unusable_parent_lock(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    sound = doing.start_once(implementation.copy(runtime, implementation.parent()))
    parent.ref.unlink()
    if case == "directory":
        parent.ref.mkdir()
    elif case == "dangling-symlink":
        parent.ref.symlink_to(implementation.outside / "made-by-following-a-link")
    elif case == "fifo":
        os.mkfifo(parent.ref)
    read_only = [parent.folder] if case == "read-only-mount" else []
    running = implementation.copy(runtime, parent, read_only=read_only)
    start = running.start()
    running.settle()
    message = running.message
    running.stop()
    left = (*parent.names(), *sorted(os.listdir(implementation.outside)))
    judge(UnusableParent(sound, case, start, message, (running.shown(str(parent.ref)),), left))


@clause("LOCK-030")
def test_no_copy_is_exposed(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    chosen = (*SET_LOCKS, *FLOCK, *RELEASES, *MAKES, *EXECS)
    running = implementation.copy(runtime, parent, chosen=chosen)
    looks, was_locked, released = 0, False, False
    exposed: list[str] = []

    def look(held: Held) -> Answer:
        nonlocal looks, was_locked, released
        parent_locked = is_locked(parent.ref)
        released = released or (was_locked and not parent_locked)
        was_locked = was_locked or parent_locked
        for copy in copying.copies(implementation, runtime, parent):
            looks += 1
            if not parent_locked and not is_locked(copy.ref):
                exposed.append(described(held))
        return Go()

    running.gated(look)
    start = running.start()
    running.settle()
    running.finish()
    judge(Unprotected(start, looks, tuple(exposed[:SHOWN]), released or (was_locked and not is_locked(parent.ref))))


@clause("LOCK-040")
def test_names(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    head, _star, tail = parent.pattern.rpartition("*")
    words, pids, known = [], [], set(parent.copies())
    for _ in range(STARTS_FOR_NAMES):
        running = implementation.copy(runtime, parent)
        if not running.start().ready:
            running.finish()
            break
        pids.append(tuple(running.call.processes()))
        words += [str(new).removeprefix(head).removesuffix(tail) for new in parent.copies() if new not in known]
        known |= set(parent.copies())
        running.finish()
    judge(Names(STARTS_FOR_NAMES, tuple(words), tuple(pids)))


@clause("LOCK-065")
def test_permissions_of_a_copy(implementation: Implementation, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    running = implementation.copy(runtime, parent)
    start = running.start()
    copy = copying.made(implementation, runtime, parent)
    mode = copy.folder.stat().st_mode & 0o7777 if copy else None
    running.finish()
    judge(Permissions(start, mode))
