"""Clauses 005, 081, 085 and 086, case `runtime`: deleting a whole runtime."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import Attempt, Deletion, Removal
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation, Runtime
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import Kind, Mode
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.bpf import DELETES
from pytest_vessel.system.held import Held
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
    runtime = implementation.runtime()
    tree = doing.Tree(runtime.src)
    running = implementation.remove(runtime, chosen=DELETES)
    destructive = _Destructive(tree, runtime, implementation.work)
    running.gated(destructive.note)
    ending = running.wait()
    gone, total = tree.lost == tree.total, tree.total
    tree.close()
    attempts = tuple(_tried(implementation, vessel_holder, call) for call in destructive.kinds)
    judge(Deletion(attempts, total, ending, gone))


class _Destructive:
    """Which kinds of destructive call a remover makes on a runtime, in order of their first."""

    def __init__(self, tree: doing.Tree, runtime: Runtime, work: Path) -> None:
        self._tree = tree
        above = [folder for folder in (runtime.src, *runtime.src.parents) if work in folder.parents]
        self._above = [folder.stat() for folder in above]
        self.kinds: list[str] = []

    def concerns(self, held: Held) -> bool:
        """Whether the call is about the tree, a folder that holds it, or something in it."""
        target = held.target()
        if target is not None and any(os.path.samestat(target, one) for one in self._above):
            return True
        parent = held.parent()
        return parent is not None and self._tree.holds(parent)

    def note(self, held: Held) -> Answer:
        """A policy that lets everything go on."""
        if held.call not in self.kinds and self.concerns(held):
            self.kinds.append(held.call)
        return Go()


def _tried(implementation: Implementation, vessel_holder: HolderFactory, call: str) -> Attempt:
    """Hold a removal before its first call of one kind; a user that opened `.ref` before tries its lock."""
    runtime = implementation.runtime()
    tree = doing.Tree(runtime.src)
    user = vessel_holder.opened(runtime.ref)
    running = implementation.remove(runtime, chosen=DELETES)
    destructive = _Destructive(tree, runtime, implementation.work)

    def hold(held: Held) -> Answer | None:
        return None if held.call == call and destructive.concerns(held) else Go()

    running.gated(hold)
    running.stage.until(lambda: running.call.empty or _holds(running), running.call.order.timeout_s)
    lost_before, named = tree.lost, runtime.src.exists()
    granted = user.lock(Mode.SHARED)
    running.finish()
    attempt = Attempt(call, named, granted, tree.lost - lost_before)
    tree.close()
    return attempt


def _holds(running: Running) -> bool:
    return running.call.gate is not None and bool(running.call.gate.held)
