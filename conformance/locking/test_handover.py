"""Section D: the copy's lock, from its first moment to the last process of the container."""

from __future__ import annotations

import os
import stat
from filecmp import cmp
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.attention import ATTENTIVE, Attention, attend
from pytest_vessel.conformance.locking.seen import COPY_REF, Contention, Release
from pytest_vessel.conformance.locking.seen_handover import CopyFile, Excluded, FirstAct, Prepared
from pytest_vessel.conformance.locking.timeline import watched
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Copy
from pytest_vessel.fixtures.running import PATIENT
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.held import Held
from pytest_vessel.system.lockholder import HeldLock, LockRefused
from pytest_vessel.system.sysroot import Layout


@clause("LOCK-041", "LOCK-049[041]")
def test_lock_file_of_the_copy(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy", _layout(case))
    running = way.start()
    start = running.start()
    seen = _copy_file(way, way.copy) if way.copy else ("nothing", False, False)
    running.finish()
    judge(CopyFile(start, *seen))


def _layout(case: str) -> Layout:
    """The cases of LOCK-049 are called by the clauses that hold for a complete root too."""
    return Layout.COMPLETE_ROOT if case.isdigit() or case == "complete-root" else Layout.MERGED_USR


def _copy_file(way: Way, copy: Copy) -> tuple[str, bool, bool]:
    real = Path(os.path.realpath(copy.ref))
    inside = Path(os.path.realpath(copy.folder)) in real.parents
    try:
        seen = copy.ref.stat()
    except OSError:
        return "nothing", inside, False
    own = not os.path.samestat(seen, way.runtime.ref.stat())
    return ("regular" if stat.S_ISREG(seen.st_mode) else "something else"), inside, own


@clause("LOCK-042", "LOCK-049[042]")
def test_copy_is_locked(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy", _layout(case))
    running = way.start()
    seen = way.use(running)
    running.finish()
    judge(seen)


@clause("LOCK-043", "LOCK-049[030]")
def test_copy_is_locked_at_every_moment(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy", _layout(case))
    running, seen = watched(way)
    running.finish()
    judge(seen)


@clause("LOCK-044")
def test_copy_is_freed(implementation: Implementation, judge: Judge) -> None:
    judge(_release(implementation, daemon=False))


@clause("LOCK-045")
def test_copy_is_locked_for_a_daemon(implementation: Implementation, judge: Judge) -> None:
    judge(_release(implementation, daemon=True))


def _release(implementation: Implementation, *, daemon: bool) -> Release:
    way = Way(implementation, "copy")
    running = way.start()
    seen = way.use(running)
    daemon_lived, with_daemon = None, None
    if daemon and seen.start.ready:
        daemon_lived = running.leave_daemon()
        running.settle()
        with_daemon = way.look() if daemon_lived else None
    running.say_goodbye()
    ref = way.ref
    freed, after_s = doing.wait_until_free(implementation, ref) if ref else (True, 0.0)
    running.finish()
    return Release(seen, daemon_lived, with_daemon, freed, after_s)


@clause("LOCK-050")
def test_copy_that_nobody_runs(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime = implementation.runtime(_layout(case))
    parent = implementation.parent()
    running = implementation.prepare(runtime, parent)
    running.call.hang_up()
    running.stage.until(lambda: running.call.ended, running.call.order.timeout_s)
    copy = copying.prepared(implementation, runtime, parent, running)
    if copy is None:
        judge(Prepared(running.wait(), False, 0, (), None, None))
        return
    compared, different = _compared(runtime, copy)
    doing.wait_until_free(implementation, copy.ref)  # before the end of what may have stayed behind
    locks = doing.look(copy.ref)
    ending = running.wait()
    collected = None
    if implementation.offers("collect"):
        implementation.collect(parent).finish()
        collected = not copy.folder.exists()
    judge(Prepared(ending, True, compared, different, locks, collected))


def _compared(runtime: Runtime, copy: Copy) -> tuple[int, tuple[str, ...]]:
    """How many regular files SRC has, its lock file aside, and which of them are not the same in the copy."""
    files = [path for path in sorted(runtime.src.rglob("*")) if stat.S_ISREG(path.lstat().st_mode)]
    wanted = [path.relative_to(runtime.src) for path in files if path != runtime.ref]
    different = [f"{path}: {_difference(runtime.src / path, copy.tree / path)}" for path in wanted]
    return len(wanted), tuple(line for line in different if not line.endswith(": same"))


def _difference(original: Path, copied: Path) -> str:
    try:
        if not stat.S_ISREG(copied.lstat().st_mode):
            return "no regular file"
    except OSError:
        return "missing"
    return "same" if cmp(original, copied, shallow=False) else "other content"


@clause("LOCK-051[run]", "LOCK-051[copy]")
def test_lock_at_the_first_act(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    running = way.start(chosen=ATTENTIVE)
    attention = attend(running, Attention(running, way.role_files, way.look))
    start = running.start()
    running.finish()
    judge(FirstAct(attention.caught, way.use_of(start, attention.locks)))


@clause("LOCK-051[copy-refused]")
def test_refused_lock_of_the_copy(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    way = Way(implementation, "copy")
    running = way.start(chosen=PATIENT)
    held: list[HeldLock] = []

    def exclude(call: Held, _count: int) -> Answer:
        """Before its first lock call on the copy's file takes place, somebody else has the lock."""
        wanted = call.lock()
        ref = next((file for file in way.own_files() if copying.is_file_of(call, file)), None)
        if not held and ref and wanted and not wanted.asks:
            running.files = (*running.files, ref)
            held.extend(_taken(vessel_holder, ref))
        return Go()

    running.be_patient_with(way.role_files, exclude)
    first = running.start()
    running.settle()
    for holder in held:
        holder.release()
    after = None if first.ready else doing.start_after(running, first, way.start)
    running.finish()
    judge(Excluded(bool(held), Contention("", f"an exclusive lock on {COPY_REF}", first, after)))


def _taken(vessel_holder: HolderFactory, ref: Path) -> list[HeldLock]:
    try:
        return [vessel_holder(ref, Mode.EXCLUSIVE)]
    except LockRefused:
        return []
