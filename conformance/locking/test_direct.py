"""Section B: the lock of a runtime that is used directly."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen import Barrier, Crowd, Missing, Release, Untouched, Unusable
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import PATIENT
from pytest_vessel.observation.locks import Mode

CROWD = 12
SHOWN = 100
"""As many changed files are named at most."""


@clause("LOCK-010")
def test_lock_while_payload_runs(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime)
    seen = doing.use(running, runtime.ref)
    running.finish()
    judge(seen)


@clause("LOCK-012[held]")
def test_start_beside_exclusive_lock(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.EXCLUSIVE)
    judge(doing.contend(lambda: implementation.run(runtime, chosen=PATIENT), holder))


@clause("LOCK-012[copy]")
def test_copy_beside_exclusive_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    judge(copying.contend(implementation, runtime, parent, vessel_holder(runtime.ref, Mode.EXCLUSIVE)))


@clause("LOCK-012[not-yet-granted]")
def test_nothing_runs_before_the_lock(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime, chosen=PATIENT)
    patience = running.be_patient(runtime.ref)
    start = running.start()
    ready_before = start.ready and not patience.lock_calls
    running.settle()
    running.finish()
    judge(Barrier(patience.lock_calls > 0, ready_before, start))


@clause("LOCK-013")
def test_crowd_beside_shared_locks(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime = implementation.runtime()
    holders = [vessel_holder(runtime.ref, Mode.SHARED) for _ in range(3)]
    crowd = [implementation.run(runtime) for _ in range(CROWD)]
    starts = tuple(running.start() for running in crowd)
    for running in crowd:
        running.stop()
    for holder in holders:
        holder.release()
    judge(Crowd(CROWD, starts))


@clause("LOCK-015")
def test_release(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime)
    seen = doing.use(running, runtime.ref)
    daemon_lived, with_daemon = None, None
    if case == "daemon" and seen.start.ready:
        daemon_lived = running.leave_daemon()
        running.settle()
        with_daemon = doing.look(runtime.ref) if daemon_lived else None
    running.say_goodbye()
    freed, after_s = doing.wait_until_free(implementation, runtime.ref)
    running.finish()
    judge(Release(seen, daemon_lived, with_daemon, freed, after_s))


@clause("LOCK-016", "LOCK-059")
def test_missing_lock_file(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    sound = doing.start_once(implementation.run(runtime))
    runtime.ref.unlink(missing_ok=True)
    running = implementation.run(runtime, chosen=PATIENT)
    running.be_patient(runtime.ref)
    seen, found = doing.use(running, runtime.ref), _found(runtime.ref)  # it may go with its last user
    running.finish()
    judge(Missing(sound, seen, *found))


def _found(path: Path) -> tuple[str, int]:
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return "nothing", 0
    return ("regular" if stat.S_ISREG(seen.st_mode) else "something else"), stat.S_IMODE(seen.st_mode)


@clause("LOCK-017")
def test_read_only_mount(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime, read_only=[runtime.src])
    seen = doing.use(running, runtime.ref)
    running.finish()
    judge(seen)


@clause("LOCK-018")
def test_file_that_may_only_be_read(implementation: Implementation, judge: Judge) -> None:
    implementation.become_unprivileged()
    runtime = implementation.runtime()
    implementation.may_write(runtime.ref, False)
    running = implementation.run(runtime)
    seen = doing.use(running, runtime.ref)
    running.finish()
    judge(seen)


@clause("LOCK-019")
def test_unusable_lock_file(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime = implementation.runtime()
    sound = doing.start_once(implementation.run(runtime))
    runtime.ref.unlink(missing_ok=True)
    _spoil(runtime.ref, case, implementation.outside)
    before = sorted(os.listdir(implementation.outside))
    running = implementation.run(runtime, chosen=PATIENT)
    running.be_patient(runtime.ref)
    start = running.start()
    running.settle()
    running.stop()
    after = sorted(os.listdir(implementation.outside))
    judge(Unusable(sound, case, start, tuple(name for name in after if name not in before)))


def _spoil(ref: Path, case: str, outside: Path) -> None:
    if case == "directory":
        ref.mkdir()
    elif case == "fifo":
        os.mkfifo(ref)
    elif case == "dangling-symlink":
        ref.symlink_to(outside / "made-by-following-a-link")
    elif case == "symlink-out":
        (outside / "file").touch()
        ref.symlink_to(outside / "file")
    else:
        raise KeyError(case)


@clause("LOCK-020")
def test_runtime_is_untouched(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    before = doing.contents(runtime.src)
    running = implementation.run(runtime)
    start = running.start()
    ending = running.finish()
    after = doing.contents(runtime.src)
    lines = (f"{path}: {_difference(before.get(path), after.get(path))}" for path in sorted(before.keys() | after))
    changed = tuple(line for line in lines if not line.endswith(": same"))
    more = (f"{len(changed) - SHOWN} more",) if len(changed) > SHOWN else ()
    judge(Untouched(start, ending, len(before), (*changed[:SHOWN], *more)))


def _difference(before: tuple[int, int, int, str] | None, after: tuple[int, int, int, str] | None) -> str:
    if before is None or after is None:
        return "appeared" if before is None else "gone"
    names = ("mode", "size", "modification time", "content")
    return ", ".join(name for name, old, new in zip(names, before, after, strict=True) if old != new) or "same"
