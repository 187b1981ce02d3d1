"""Section A: which kind of lock, and what becomes of lock calls that fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from errno import EINTR, EINVAL, ENOLCK
from fcntl import F_SETLKW
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen import (
    Contention,
    Descriptors,
    Fallback,
    Interrupted,
    NoLocks,
    Stripped,
)
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import PATIENT, Running
from pytest_vessel.observation.locks import Kind, LockTable, Mode
from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import Chosen
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import spelled
from pytest_vessel.system.locks import F_OFD_SETLK, F_OFD_SETLKW


@clause("LOCK-001", "LOCK-002")
def test_kind_of_lock_of_a_container(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    running = way.start()
    seen = way.use(running)
    running.finish()
    judge(seen)


@clause("LOCK-001[lock]", "LOCK-002[lock]")
def test_kind_of_lock_of_the_tool(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    running = implementation.lock(lock_file)
    seen = doing.use(running, lock_file)
    running.finish()
    judge(seen)


@clause("LOCK-003[src]")
def test_exclusive_posix_lock(implementation: Implementation, vessel_holder: HolderFactory, judge: Judge) -> None:
    runtime = implementation.runtime()
    holder = vessel_holder(runtime.ref, Mode.EXCLUSIVE, Kind.POSIX)
    judge(doing.contend(lambda: implementation.run(runtime, chosen=PATIENT), holder))


@clause("LOCK-003[copying-src]", "LOCK-003[parent-ref]")
def test_exclusive_posix_lock_against_a_copy(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    holder = vessel_holder(parent.ref if case == "parent-ref" else runtime.ref, Mode.EXCLUSIVE, Kind.POSIX)
    judge(copying.contend(implementation, runtime, parent, holder))


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
def test_old_kernel(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    running = way.start(chosen=[Chosen("fcntl", 1, frozenset(_OFD_CALLS))])
    refused = 0

    def refuse(held: Held) -> Answer:
        nonlocal refused
        refused += any(copying.is_file_of(held, file) for file in way.own_files())
        return Fail(EINVAL)

    running.gated(refuse)
    seen = way.use(running)
    with_daemon = _locks_with_daemon(way, running) if seen.start.ready else None
    running.finish()
    judge(Fallback(refused, seen, with_daemon))


def _locks_with_daemon(way: Way, running: Running) -> LockTable | None:
    """Leave a daemon of the payload behind, and look at the locks while it alone lives."""
    if not running.leave_daemon():
        return None
    running.settle()
    return way.look()


_WAITING_CALLS = (F_OFD_SETLKW, F_SETLKW)


@clause("LOCK-007[run]", "LOCK-007[copy]")
def test_interrupted_lock_call(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    running = way.start(chosen=PATIENT)
    patience = running.be_patient_with(way.own_files, _interrupt_once)
    seen = way.use(running)
    running.finish()
    judge(Interrupted(patience.lock_calls > 0, False, None, seen))


def _interrupt_once(_held: Held, count: int) -> Answer:
    return Fail(EINTR) if count == 1 else Go()


@clause("LOCK-007[lock-no-wait]")
def test_interrupted_lock_call_of_the_tool(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    running = implementation.lock(lock_file, choices={"wait": "no"}, chosen=PATIENT)
    patience = running.be_patient(lock_file, _interrupt_once)
    seen = doing.use(running, lock_file)
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


@clause("LOCK-008[run]", "LOCK-066[run]", "LOCK-008[copy]", "LOCK-066[copy]", "LOCK-008[parent]", "LOCK-066[parent]")
def test_no_locks_for_a_container(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "run" if case == "run" else "copy")
    running = way.start(chosen=PATIENT)
    parent = way.parent
    files = (lambda: (parent.ref,)) if parent and case == "parent" else way.own_files
    inside = () if case == "parent" else way.runtime.inside
    judge(_without_locks(running, files, inside))


@clause("LOCK-008[lock]", "LOCK-066[lock]")
def test_no_locks_for_the_tool(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    judge(_without_locks(implementation.lock(lock_file, chosen=PATIENT), lambda: (lock_file,)))


def _without_locks(running: Running, files: Callable[[], tuple[Path, ...]], names: tuple[str, ...] = ()) -> NoLocks:
    """Refuse every lock command on these files; a copy's is gone when somebody could ask for its names."""
    spellings = list(names)

    def refuse(_held: Held, _count: int) -> Answer:
        spellings.extend(running.shown(str(path)) for file in files() for path in (file, file.resolve()))
        return Fail(ENOLCK)

    patience = running.be_patient_with(files, refuse)
    start = running.start()
    running.settle()
    message = running.message
    running.stop()
    return NoLocks(patience.lock_calls, start, message, tuple(dict.fromkeys(spellings)))


@clause("LOCK-009")
def test_payload_unlocks_what_it_can(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    running = way.start()
    seen = way.use(running)
    if seen.start.ready:
        running.talk.ask("strip", *way.runtime.inside)
        running.settle()
    after = way.look()
    running.finish()
    judge(Stripped(seen.start, seen.locks or LockTable(), after or LockTable(), way.file))


@clause("LOCK-056")
def test_payload_descriptors(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, case)
    judge(descriptors(way.start(), way.role_files))


def descriptors(running: Running, files: Callable[[], Iterable[Path]]) -> Descriptors:
    """The payload's descriptors beside the identities of the lock files."""
    start = running.start()
    found = running.talk.descriptors() if start.ready else ()
    running.settle()
    stays = len(running.call.processes()) > 1
    identities = [spelled(os.stat(file)) for file in files() if file.exists()] or [("", 0)]
    running.finish()
    return Descriptors(start, found, *identities[0], stays, tuple(identities[1:]))
