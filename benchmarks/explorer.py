"""What a schedule costs: `python benchmarks/explorer.py [POINTS]`. Needs what LOCK-084 needs: a gate, user namespaces.

A set-up of the reference against its clean-up pass, each held at each of its calls (POINTS: as `--vessel-explore`): the
wall clock, the processor time of everybody, and how that compares with the same two programs run without a gate. The
start of pytest is left out: it is that of a run with one schedule.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest_vessel.reference

REFERENCE = [sys.executable, "-I", "-S", str(Path(pytest_vessel.reference.__path__[0], "__main__.py"))]
PLAIN_ROUNDS = 10
CASES = ("LOCK-084[set-up-held]", "LOCK-084[pass-held]")


def used_s() -> float:
    """Processor time of the children that were waited for, and of theirs."""
    seen = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seen.ru_utime + seen.ru_stime


def explored(case: str, points: str, folder: Path) -> tuple[int, float]:
    """Schedules that were played, and the seconds that the case took."""
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-clause", case, "--vessel-explore", points, "--vessel-report", str(folder)]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True)
    lines = map(json.loads, (folder / "run.jsonl").read_text().splitlines())
    (line,) = (line for line in lines if line["line"] == "case")
    return line["observation"]["done"], line["duration_s"]


def plain_s(folder: Path) -> float:
    """Seconds that the same two programs take one after the other, without a gate: median."""
    runtime, parent = folder / "runtime", folder / "copies"
    (runtime / "bin").mkdir(parents=True)
    parent.mkdir()
    times = []
    for _ in range(PLAIN_ROUNDS):
        began = time.perf_counter()
        subprocess.run([*REFERENCE, "prepare", str(runtime), str(parent)], check=True, capture_output=True)
        subprocess.run([*REFERENCE, "collect", str(parent)], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


def main(points: str) -> None:
    """Print a line for each case."""
    with tempfile.TemporaryDirectory() as name:
        plain = plain_s(Path(name))
        print(f"{'plain: set-up, then pass':<28} {plain * 1e3:8.0f} ms")
        for case in CASES:
            folder = Path(name) / case.partition("[")[2].removesuffix("]")
            folder.mkdir()
            started = used_s()
            one, one_s = explored(case, "1", folder)
            one_used = used_s()
            done, duration_s = explored(case, points, folder)
            each_s = (duration_s - one_s) / (done - one)
            processor_s = (used_s() - one_used - (one_used - started)) / (done - one)
            print(
                f"{case:<28} {each_s * 1e3:8.0f} ms a schedule, {done} of them, {1 / each_s:.1f} a second, "
                f"{each_s / plain:.1f} x plain; processor {processor_s * 1e3:.0f} ms"
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "all")
