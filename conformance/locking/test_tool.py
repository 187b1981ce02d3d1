"""Section G: lock tools, which run a command under a lock."""

from __future__ import annotations

from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import Created, Daemon, Tool
from pytest_vessel.conformance.locking.test_kind import descriptors
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import PATIENT
from pytest_vessel.observation.locks import Mode

STATUS = 23


@clause("LOCK-090")
def test_command_under_the_tool(implementation: Implementation, lock_file: Path, case: str, judge: Judge) -> None:
    running = implementation.lock(lock_file, choices={"mode": case})
    seen = doing.use(running, lock_file)
    ending = running.finish(STATUS)
    freed, _after_s = doing.wait_until_free(implementation, lock_file)
    judge(Tool(Mode(case), seen, STATUS, ending, freed))


@clause("LOCK-091")
def test_conflict(
    implementation: Implementation, lock_file: Path, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    holder = vessel_holder(lock_file, Mode.EXCLUSIVE)
    wait = {"wait": "yes" if case == "wait" else "no"}
    judge(doing.contend(lambda: implementation.lock(lock_file, choices=wait, chosen=PATIENT), holder, case))


@clause("LOCK-092")
def test_missing_file(implementation: Implementation, lock_file: Path, case: str, judge: Judge) -> None:
    sound = doing.start_once(implementation.lock(lock_file))
    lock_file.unlink()
    told = case == "create"
    running = implementation.lock(lock_file, choices={"create": "yes" if told else "no"}, chosen=PATIENT)
    running.be_patient(lock_file)
    start = running.start()
    running.settle()
    exists = lock_file.exists()
    running.finish()
    judge(Created(sound, told, start, exists))


@clause("LOCK-093")
def test_daemon_of_the_command(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    running = implementation.lock(lock_file)
    start = running.start()
    with_daemon = None
    if start.ready and running.leave_daemon():
        running.settle()
        with_daemon = doing.look(lock_file)
    running.finish()
    judge(Daemon(start, with_daemon))


@clause("LOCK-094")
def test_descriptors_of_the_command(implementation: Implementation, lock_file: Path, judge: Judge) -> None:
    judge(descriptors(implementation.lock(lock_file), lambda: (lock_file,)))
