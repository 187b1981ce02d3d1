"""Clauses 005, 081, 085 and 086, case `runtime`: deleting a whole runtime."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.deleting import Victim, deletion
from pytest_vessel.conformance.locking.seen import Removal
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.observation.locks import Kind, Mode
from pytest_vessel.system.lockholder import HeldLock


@clause("LOCK-081")
def test_runtime_in_use(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    runtime = implementation.runtime()
    kind = Kind.POSIX if case == "posix" else Kind.OFD
    holder = vessel_holder(runtime.ref, Mode.SHARED, kind)
    judge(_removed_twice(implementation, runtime, holder, f"a shared {kind} lock"))


@clause("LOCK-005[runtime]")
def test_one_byte_is_locked(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.SHARED, start=1000, length=1)
    judge(_removed_twice(implementation, runtime, holder, "a shared lock of byte 1000"))


@clause("LOCK-086[runtime]")
def test_file_that_may_not_be_written(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    implementation.become_unprivileged()
    runtime = implementation.runtime()
    implementation.may_write(runtime.ref, False)
    holder = vessel_holder(runtime.ref, Mode.SHARED)
    judge(
        _removed_twice(
            implementation, runtime, holder, "a shared lock on a file that it may only read", writable_after=True
        )
    )


def _removed_twice(
    implementation: Implementation, runtime: Runtime, holder: HeldLock, held: str, *, writable_after: bool = False
) -> Removal:
    """Remove while the lock is held, then again without it."""
    tree = doing.Tree(runtime.src)
    busy = implementation.remove(runtime).finish()
    lost = tree.lost
    holder.release()
    if writable_after and not lost and runtime.ref.exists():
        implementation.may_write(runtime.ref, True)
    free = implementation.remove(runtime).finish()
    seen = Removal(held, busy, lost, tree.total, free, gone=tree.lost == tree.total)
    tree.close()
    return seen


@clause("LOCK-085[runtime]")
def test_deletion_is_under_the_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    def victim() -> Victim:
        runtime = implementation.runtime()
        return Victim(runtime.src, runtime.ref, lambda chosen: implementation.remove(runtime, chosen=chosen))

    judge(deletion(victim, implementation.work, vessel_holder))
