"""Section E: the lock file as processes inside the container see it."""

from __future__ import annotations

from contextlib import suppress

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import Inside, LockInside, TestInside
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.locks import LockTable, Mode
from pytest_vessel.system.sysroot import Layout
from pytest_vessel.system.talk import Talk


@clause("LOCK-060")
def test_paths_inside_merged_usr(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_inside(Way(implementation, case, Layout.MERGED_USR)))


@clause("LOCK-061")
def test_paths_inside_complete_root(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_inside(Way(implementation, case, Layout.COMPLETE_ROOT)))


def _inside(way: Way) -> Inside:
    running = way.start()
    seen, paths = way.use(running), way.runtime.inside
    found = tuple((path, _identity(running.talk, path)) for path in paths) if seen.start.ready else ()
    locked = doing.identity(way.ref) if way.ref and way.ref.exists() else ""
    running.finish()
    arranged = way.implementation.adapter.arranged(way.runtime.layout)
    return Inside(seen.start, locked, found, arranged, seen.locks or LockTable(), way.file)


def _identity(talk: Talk, path: str) -> str:
    leads = talk.identity(path)
    return f"{leads[0]}:{leads[1]}" if leads else ""


@clause("LOCK-062")
def test_shared_lock_inside(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_locked_inside(Way(implementation, case), Mode.SHARED, "r"))


@clause("LOCK-064")
def test_exclusive_lock_inside(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_locked_inside(Way(implementation, case), Mode.EXCLUSIVE, "rw"))


def _locked_inside(way: Way, mode: Mode, access: str) -> LockInside:
    writable = access == "rw" and way.implementation.offers("choices.writable.yes")
    running = way.start(choices={"writable": "yes"} if writable else {})
    before = way.use(running)
    path, result = way.runtime.inside[0], ""
    if before.start.ready:
        word, number = running.talk.lock(0, path, mode, access=access)
        result = f"{word} {number}" if number else word
    after = way.look()
    running.finish()
    return LockInside(before.start, path, result, before.locks or LockTable(), after or LockTable())


@clause("LOCK-063")
def test_lock_outside_is_reported_inside(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    way = Way(implementation, case)
    path, holders = way.runtime.inside[0], [vessel_holder(file, Mode.SHARED) for file in (way.ref,) if file]
    running = way.start()
    start = running.start()
    if start.ready and way.in_copy:
        with suppress(OSError):  # refused, or there is no such file
            holders += [vessel_holder(file, Mode.SHARED) for file in (way.ref,) if file]
    answer = running.talk.would_conflict(path, Mode.EXCLUSIVE) if start.ready else ""
    outside = way.look()
    running.finish()
    for holder in holders:
        holder.release()
    judge(TestInside(start, path, outside or LockTable(), answer))
