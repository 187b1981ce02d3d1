"""Section E: the lock file as processes inside the container see it, with the runtime used directly."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import Inside, LockInside, TestInside
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.locks import LockTable, Mode
from pytest_vessel.system.sysroot import Layout
from pytest_vessel.system.talk import Talk


@clause("LOCK-060")
def test_paths_inside_merged_usr(implementation: Implementation, judge: Judge) -> None:
    judge(_inside(implementation, Layout.MERGED_USR))


@clause("LOCK-061")
def test_paths_inside_complete_root(implementation: Implementation, judge: Judge) -> None:
    judge(_inside(implementation, Layout.COMPLETE_ROOT))


def _inside(implementation: Implementation, layout: Layout) -> Inside:
    runtime = implementation.runtime(layout)
    running = implementation.run(runtime)
    seen = doing.use(running, runtime.ref)
    found = tuple((path, _identity(running.talk, path)) for path in runtime.inside) if seen.start.ready else ()
    running.finish()
    arranged = implementation.adapter.arranged(layout)
    return Inside(seen.start, doing.identity(runtime.ref), found, arranged, seen.locks or LockTable())


def _identity(talk: Talk, path: str) -> str:
    leads = talk.identity(path)
    return f"{leads[0]}:{leads[1]}" if leads else ""


@clause("LOCK-062")
def test_shared_lock_inside(implementation: Implementation, judge: Judge) -> None:
    judge(_locked_inside(implementation, Mode.SHARED, "r"))


@clause("LOCK-064")
def test_exclusive_lock_inside(implementation: Implementation, judge: Judge) -> None:
    judge(_locked_inside(implementation, Mode.EXCLUSIVE, "rw"))


def _locked_inside(implementation: Implementation, mode: Mode, access: str) -> LockInside:
    runtime = implementation.runtime()
    writable = access == "rw" and implementation.offers("choices.writable.yes")
    running = implementation.run(runtime, choices={"writable": "yes"} if writable else {})
    before = doing.use(running, runtime.ref)
    path, result = runtime.inside[0], ""
    if before.start.ready:
        word, number = running.talk.lock(0, path, mode, access=access)
        result = f"{word} {number}" if number else word
    after = doing.look(runtime.ref)
    running.finish()
    return LockInside(before.start, path, result, before.locks or LockTable(), after or LockTable())


@clause("LOCK-063")
def test_lock_outside_is_reported_inside(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.SHARED)
    running = implementation.run(runtime)
    start = running.start()
    answer = running.talk.would_conflict(runtime.inside[0], Mode.EXCLUSIVE) if start.ready else ""
    outside = doing.look(runtime.ref)
    running.finish()
    holder.release()
    judge(TestInside(start, runtime.inside[0], outside or LockTable(), answer))
