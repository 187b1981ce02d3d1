"""HARN: pytest is killed in the middle of a run, and nothing of ours stays."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_vessel.system.keeper import descendants_of

CASES = 49
CLEAN_TIMEOUT_S = 2.0


def wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.005)  # between two looks
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def of_ours(folder: Path) -> list[str]:
    """Command lines and working folders that lead into `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command, cwd = (entry / "cmdline").read_bytes(), os.readlink(entry / "cwd")
            except OSError:
                continue
            if (os.fsencode(folder) in command or cwd.startswith(str(folder))) and alive(int(entry.name)):
                found.append(f"{entry.name}: {command!r} in {cwd}")
    return found


def lines(record: Path) -> int:
    try:
        return record.read_bytes().count(b"\n")
    except OSError:
        return 0


def kill_after(count: int, folder: Path, workers: str, address: str) -> None:
    """Start a run with its temporary files in `folder`, kill it after `count` verdicts, look at what stays."""
    report = folder / "report"
    temporary = folder / "tmp"
    temporary.mkdir()
    argv = [sys.executable, "-m", "pytest", "-p", "vessel", "--vessel-impl", address, "--vessel-report", str(report)]
    run = subprocess.Popen(
        [*argv, "-n", workers, "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert wait_until(lambda: lines(report / "run.jsonl") > count or run.poll() is not None, 60)
    children = descendants_of(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    clean = wait_until(
        lambda: (
            not of_ours(temporary)
            and not any(alive(pid) for pid in children)
            and not list(temporary.glob("pytest-vessel-*/run-*"))
        ),
        CLEAN_TIMEOUT_S,
    )
    left = [pid for pid in children if alive(pid)]
    assert clean, (left, of_ours(temporary), list(temporary.glob("pytest-vessel-*/run-*")))
    assert str(temporary) not in Path("/proc/self/mountinfo").read_text()


def moments(count: int) -> list[int]:
    seed = os.environ.get("VESSEL_KILL_SEED") or str(random.randrange(1 << 32))
    print(f"VESSEL_KILL_SEED={seed}")
    chosen = random.Random(int(seed))
    return [chosen.randrange(CASES - 5) for _ in range(count)]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_nothing_stays_of_a_killed_run(tmp_path: Path, workers: str) -> None:
    for number, count in enumerate(moments(3 if workers == "2" else 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        kill_after(count, folder, workers, "reference")


@pytest.mark.full
@pytest.mark.parametrize("address", ["reference", "flatpak"])
def test_nothing_stays_of_many_killed_runs(tmp_path: Path, address: str) -> None:
    for number, count in enumerate(moments(25)):
        folder = tmp_path / str(number)
        folder.mkdir()
        kill_after(count if address == "reference" else count // 2, folder, "2", address)
