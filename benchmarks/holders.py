"""What it costs to hold a lock from another process: `python benchmarks/holders.py [ROUNDS]`.

Every way takes an exclusive lock on the same file, tells that it has it, and lets it go again with its process. The
ways are interleaved, one of each a round, so that each meets the same machine; the figures are medians.

A shared holder is the process of the test itself: no message, no wake-up. For comparison, one more lock of a process
of its own: two messages, and where the scheduler puts both sides on idle processors two wake-ups.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.lockholder import Holder, OwnProcess
from pytest_vessel.system.workshop import Workshop

OWN, SHARED = "a holder of its own", "a shared holder"
OWN_BAR_S = 0.002
SHARED_BAR_S = 0.00002
SHARED_A_ROUND = 100
LOCK_IN_PYTHON = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("locked", flush=True)
sys.stdin.read()
"""

Taken = tuple[float, float]
"""Seconds until the lock is held, and until it is gone and so is what held it."""


def own(workshop: Workshop, file: Path) -> Taken:
    began = time.perf_counter()
    holder = Holder(workshop)
    holder.lock(file)
    held = time.perf_counter()
    holder.close()
    return held - began, time.perf_counter() - began


def shared(holder: Holder | OwnProcess, file: Path) -> Taken:
    """The median of many."""
    taken: list[Taken] = []
    for _ in range(SHARED_A_ROUND):
        began = time.perf_counter()
        lock = holder.lock(file)
        held = time.perf_counter()
        lock.release()
        taken.append((held - began, time.perf_counter() - began))
    return sorted(taken)[SHARED_A_ROUND // 2]


def spawned(*argv: str) -> Taken:
    began = time.perf_counter()
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        held = time.perf_counter()
        process.communicate()
    return held - began, time.perf_counter() - began


def ways(workshop: Workshop, agent: Holder, file: Path) -> dict[str, Callable[[], Taken]]:
    found: dict[str, Callable[[], Taken]] = {
        OWN: lambda: own(workshop, file),
        SHARED: lambda: shared(OwnProcess(), file),
        "one more lock of a holder of its own": lambda: shared(agent, file),
        "Popen: python -c, fcntl.lockf": lambda: spawned(sys.executable, "-c", LOCK_IN_PYTHON, str(file)),
        "Popen: python -I -S -c": lambda: spawned(sys.executable, "-I", "-S", "-c", LOCK_IN_PYTHON, str(file)),
    }
    if flock := shutil.which("flock"):
        found["Popen: flock(1), sh"] = lambda: spawned(flock, "-n", str(file), "sh", "-c", "echo locked; read x")
    return found


def main(rounds: int) -> None:
    with workshops.opened() as workshop, workshop.case_folder() as folder, Holder(workshop) as agent:
        file = folder / "file"
        file.touch()
        timed = ways(workshop, agent, file)
        taken: dict[str, list[Taken]] = {label: [] for label in timed}
        for way in timed.values():
            way()
        for _ in range(rounds):
            for label, way in timed.items():
                taken[label].append(way())
    show({label: tuple(map(statistics.median, zip(*rows, strict=True))) for label, rows in taken.items()})


def show(medians: dict[str, tuple[float, ...]]) -> None:
    print(f"{'':50} {'us to hold':>11} {'us in all':>11} {'x own':>8}")
    for label, (held_s, total_s) in medians.items():
        print(f"{label:50} {held_s * 1e6:11.1f} {total_s * 1e6:11.1f} {total_s / medians[OWN][1]:8.3f}")
    for label, bar_s in ((OWN, OWN_BAR_S), (SHARED, SHARED_BAR_S)):
        verdict = "met" if medians[label][0] <= bar_s else "MISSED"
        print(f"{label}, bar of {bar_s * 1e6:.0f} us until it holds: {verdict}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
