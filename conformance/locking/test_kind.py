"""Section A: which kind of lock, and what becomes of lock calls that fail."""

from __future__ import annotations

import os
from errno import EINTR, EINVAL, ENOLCK
from fcntl import F_SETLKW
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import (
    Contention,
    Descriptors,
    Fallback,
    Interrupted,
    NoLocks,
    Stripped,
    Use,
)
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import PATIENT, Running
from pytest_vessel.observation.locks import Kind, LockTable, Mode
from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import Chosen
from pytest_vessel.system.held import Held
from pytest_vessel.system.locks import F_OFD_SETLK, F_OFD_SETLKW


@clause("LOCK-001[run]", "LOCK-002[run]")
def test_kind_of_lock_of_a_run(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime)
    seen = doing.use(running, runtime.ref)
    running.finish()
    judge(seen)


@clause("LOCK-001[lock]", "LOCK-002[lock]")
def test_kind_of_lock_of_the_tool(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    running = implementation.lock(lock_file)
    seen = doing.use(running, lock_file)
    running.finish()
    judge(seen)


@clause("LOCK-003")
def test_exclusive_posix_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.EXCLUSIVE, Kind.POSIX)
    judge(doing.contend(implementation, lambda: implementation.run(runtime, chosen=PATIENT), holder))


@clause("LOCK-004")
def test_flock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.EXCLUSIVE, Kind.FLOCK)
    running = implementation.run(runtime)
    start = running.start()
    running.stop()
    holder.release()
    judge(Contention("", "flock LOCK_EX", start, None))


_OFD_CALLS = (F_OFD_SETLK, F_OFD_SETLKW)


@clause("LOCK-006")
def test_old_kernel(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime, chosen=[Chosen("fcntl", 1, frozenset(_OFD_CALLS))])
    refused = 0

    def refuse(held: Held) -> Answer:
        nonlocal refused
        refused += held.file() == identity
        return Fail(EINVAL)

    identity = (runtime.ref.stat().st_dev, runtime.ref.stat().st_ino)
    running.gated(refuse)
    seen = doing.use(running, runtime.ref)
    with_daemon = _locks_with_daemon(running, runtime.ref) if seen.start.ready else None
    running.finish()
    judge(Fallback(refused, seen, with_daemon))


def _locks_with_daemon(running: Running, file: Path) -> LockTable | None:
    """Leave a daemon of the payload behind, and look at the locks while it alone lives."""
    if not running.leave_daemon():
        return None
    running.settle()
    return doing.look(file)


_WAITING_CALLS = (F_OFD_SETLKW, F_SETLKW)


@clause("LOCK-007[run]", "LOCK-007[lock-no-wait]")
def test_interrupted_lock_call(implementation: Implementation, lock_file: Path, case: str, judge: Judge) -> None:
    if case == "run":
        runtime = implementation.runtime()
        file, running = runtime.ref, implementation.run(runtime, chosen=PATIENT)
    else:
        file, running = lock_file, implementation.lock(lock_file, choices={"wait": "no"}, chosen=PATIENT)
    patience = running.be_patient(file, lambda _held, count: Fail(EINTR) if count == 1 else Go())
    seen = doing.use(running, file)
    running.finish()
    judge(Interrupted(patience.lock_calls > 0, False, None, seen))


@clause("LOCK-007[lock-wait]")
def test_interrupted_wait(
    implementation: Implementation, lock_file: Path, vessel_holder: HolderFactory, judge: Judge
) -> None:
    holder = vessel_holder(lock_file, Mode.EXCLUSIVE)
    running = implementation.lock(lock_file, choices={"wait": "yes"}, chosen=PATIENT)
    waits = 0

    def interrupt(held: Held, _count: int) -> Answer:
        nonlocal waits
        waits += held.number(1) in _WAITING_CALLS
        return Fail(EINTR) if waits == 1 and held.number(1) in _WAITING_CALLS else Go()

    running.be_patient(lock_file, interrupt)
    beside = running.start()
    running.settle()
    holder.release()
    running.stage.until(lambda: running.talk.ready or running.call.empty, running.call.order.timeout_s)
    seen = doing.use(running, lock_file)
    running.finish()
    judge(Interrupted(waits > 0, True, beside, seen))


_WAITING_CALLS = (F_OFD_SETLKW, F_SETLKW)


@clause("LOCK-008", "LOCK-066")
def test_no_locks_to_be_had(implementation: Implementation, lock_file: Path, case: str, judge: Judge) -> None:
    names: tuple[str, ...] = ()
    if case == "run":
        runtime = implementation.runtime()
        file, names = runtime.ref, runtime.inside
        running = implementation.run(runtime, chosen=PATIENT)
    else:
        file, running = lock_file, implementation.lock(lock_file, chosen=PATIENT)
    patience = running.be_patient(file, lambda _held, _count: Fail(ENOLCK))
    start = running.start()
    running.settle()
    message = running.message
    running.stop()
    judge(NoLocks(patience.lock_calls, start, message, (running.shown(str(file)), *names)))


@clause("LOCK-009")
def test_payload_unlocks_what_it_can(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    running = implementation.run(runtime)
    seen: Use = doing.use(running, runtime.ref)
    if seen.start.ready:
        running.talk.ask("strip", *runtime.inside)
        running.settle()
    after = doing.look(runtime.ref)
    running.finish()
    judge(Stripped(seen.start, seen.locks or LockTable(), after or LockTable()))


@clause("LOCK-056")
def test_payload_descriptors(implementation: Implementation, judge: Judge) -> None:
    runtime = implementation.runtime()
    judge(descriptors(implementation.run(runtime), runtime.ref))


def descriptors(running: Running, file: Path) -> Descriptors:
    """The payload's descriptors beside the identity of its lock file."""
    start = running.start()
    found = running.talk.descriptors() if start.ready else ()
    running.settle()
    stays = len(running.call.processes()) > 1
    running.finish()
    identity = os.stat(file)
    device = f"{os.major(identity.st_dev)}:{os.minor(identity.st_dev)}"
    return Descriptors(start, found, device, identity.st_ino, stays)
