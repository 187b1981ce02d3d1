"""HARN: pytest is killed at any moment of a run, and nothing of ours stays: process, mount, work folder, lock."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from polling import wait_until

from pytest_vessel.system.keeper import descendants_of
from pytest_vessel.system.quiet import is_alive

CLEAN_TIMEOUT_S = 10.0
"""Two seconds, and what a busy machine adds."""
RUN_TIMEOUT_S = 600.0
SOME = "LOCK-010,LOCK-012,LOCK-013,LOCK-015,LOCK-019,LOCK-022,LOCK-028,LOCK-070,LOCK-081,LOCK-085,LOCK-090,LOCK-092"
"""Runs, copies, removals and lock tools: enough to be killed in."""


def of_ours(folder: Path) -> list[str]:
    """Command lines and working folders that lead into `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command, cwd = (entry / "cmdline").read_bytes(), os.readlink(entry / "cwd")
            except OSError:
                continue
            if (os.fsencode(folder) in command or cwd.startswith(str(folder))) and is_alive(int(entry.name)):
                found.append(f"{entry.name}: {command!r} in {cwd}")
    return found


def lines(record: Path) -> list[bytes]:
    """Those that are whole; the last one may be on its way."""
    try:
        return record.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []


@dataclass(frozen=True)
class Moment:
    """When to kill: after a part of the cases (0 to 1; None: while it starts), and `delay_s` more."""

    part: float | None
    delay_s: float


def moments(count: int) -> list[Moment]:
    """Drawn from a seed that is printed; set VESSEL_KILL_SEED to have the same again."""
    seed = os.environ.get("VESSEL_KILL_SEED") or str(random.randrange(1 << 32))
    print(f"VESSEL_KILL_SEED={seed}")
    chosen = random.Random(int(seed))
    return [
        Moment(None, chosen.uniform(0, 1.5))
        if chosen.random() < 0.2
        else Moment(chosen.random(), chosen.uniform(0, 0.2))
        for _ in range(count)
    ]


class Victim:
    """A run in a folder of its own, with its temporary files below it."""

    def __init__(self, folder: Path, workers: int, address: str, clauses: str = SOME) -> None:
        self.temporary, self.record = folder / "tmp", folder / "report" / "run.jsonl"
        self.temporary.mkdir(parents=True)
        argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n", str(workers)]
        argv += ["--vessel-clause", clauses]
        self.run = subprocess.Popen(
            [*argv, "--vessel-impl", address, "--vessel-report", str(self.record.parent)],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def come_to(self, moment: Moment) -> None:
        """Wait for the moment, or for the end of the run."""
        if moment.part is not None:
            assert wait_until(lambda: bool(lines(self.record)) or self.over, RUN_TIMEOUT_S)
            due = len(json.loads(lines(self.record)[0])["due"])
            part = int(moment.part * due)
            assert wait_until(lambda: len(lines(self.record)) > part or self.over, RUN_TIMEOUT_S)
        with suppress(subprocess.TimeoutExpired):
            self.run.wait(moment.delay_s)

    @property
    def over(self) -> bool:
        return self.run.poll() is not None

    @property
    def workers(self) -> list[int]:
        """Pids of the workers of xdist: those of its children that are python with a program from stdin."""
        return [pid for pid in descendants_of(self.run.pid) if b"exec(eval(sys.stdin.readline()))" in command(pid)]

    def inodes(self) -> set[str]:
        """Of all files that may be locked."""
        found = set()
        for folder, _folders, files in os.walk(self.temporary):  # which bears that they go meanwhile
            for name in files:
                with suppress(OSError):
                    found.add(str(os.lstat(os.path.join(folder, name)).st_ino))
        return found

    def left(self, pids: list[int], inodes: set[str]) -> list[object]:
        """What is still there of it."""
        table = Path("/proc/locks").read_text().split()
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        return [
            *[pid for pid in pids if is_alive(pid)],
            *of_ours(self.temporary),
            *self.temporary.glob("pytest-vessel-*/*"),
            *[word for word in table if word.count(":") == 2 and word.rpartition(":")[2] in inodes],
            *[line for line in mounts if str(self.temporary) in line],
        ]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def left_at(moment: Moment, folder: Path, workers: int, address: str) -> list[object]:
    """What stays of a run that is killed then."""
    victim = Victim(folder, workers, address)
    victim.come_to(moment)
    return left_of(victim)


def left_of(victim: Victim) -> list[object]:
    """What stays of a run that is killed now."""
    pids, inodes = descendants_of(victim.run.pid), victim.inodes()
    victim.run.kill()
    victim.run.wait()
    wait_until(lambda: not victim.left(pids, inodes), CLEAN_TIMEOUT_S)
    return victim.left(pids, inodes)


@pytest.mark.parametrize("workers", [0, 2])
def test_nothing_stays_of_a_killed_run(tmp_path: Path, workers: int) -> None:
    for number, moment in enumerate(moments(3 if workers else 2)):
        assert left_at(moment, tmp_path / str(number), workers, "reference") == [], moment


@pytest.mark.full
@pytest.mark.parametrize("address", ["reference", "flatpak"])
@pytest.mark.parametrize("workers", [0, 2])
def test_nothing_stays_of_many_killed_runs(tmp_path: Path, address: str, workers: int) -> None:
    for number, moment in enumerate(moments(25)):
        assert left_at(moment, tmp_path / str(number), workers, address) == [], moment


def is_held(pid: int) -> bool:
    """Whether it waits at a gate."""
    with suppress(OSError):
        return "seccomp" in Path(f"/proc/{pid}/wchan").read_text()
    return False


@pytest.mark.parametrize("clauses", ["LOCK-084[two-set-ups]", "LOCK-089[copy]"])
def test_nothing_stays_of_a_killed_exploration(tmp_path: Path, clauses: str) -> None:
    """While programs of a scene are held: none goes on with what it was about to do, and none stays."""
    victim = Victim(tmp_path, 0, "reference", clauses)
    held = wait_until(lambda: any(map(is_held, descendants_of(victim.run.pid))), RUN_TIMEOUT_S)
    assert held
    with suppress(subprocess.TimeoutExpired):
        victim.run.wait(random.Random(clauses).uniform(0, 2))
    assert not victim.over
    assert left_of(victim) == []


def left_of_a_worker_at(moment: Moment, folder: Path) -> list[object]:
    """What stays of a worker that is killed then. The run goes on with another, and says which case it has lost."""
    victim = Victim(folder, 2, "reference")
    victim.come_to(moment)
    (worker, *_) = victim.workers or [0]
    if not worker or victim.over:
        victim.run.wait()
        return []
    pids = descendants_of(worker)
    os.kill(worker, signal.SIGKILL)
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), CLEAN_TIMEOUT_S), (moment, pids)
    victim.run.wait(RUN_TIMEOUT_S)
    cases = [json.loads(line) for line in lines(victim.record)[1:-1]]
    crashed = [case for case in cases if case["reason"]]
    assert {case["verdict"] for case in crashed} <= {"not_run"}
    assert (victim.run.returncode == 0) == (not crashed)
    return victim.left(pids, set())


def test_nothing_stays_of_a_killed_worker(tmp_path: Path) -> None:
    assert left_of_a_worker_at(Moment(random.Random(1).uniform(0.1, 0.6), 0.05), tmp_path / "0") == []


@pytest.mark.full
def test_nothing_stays_of_many_killed_workers(tmp_path: Path) -> None:
    for number, moment in enumerate(moments(25)):
        assert left_of_a_worker_at(moment, tmp_path / str(number)) == [], moment
