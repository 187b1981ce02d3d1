"""What the installed plugin adds to somebody else's pytest: `python benchmarks/startup.py [PAIRS]`.

Plain `pytest` in an empty folder, with the plugin and with `-p no:vessel`, in pairs whose order alternates. The figure
is the difference of the best of each: what else runs on the machine only ever adds. Pairs of the same command show how
far it can be trusted. Processor time, user and system, since a start waits for nothing, and the plugins that only this
environment has (hypothesis, pytest-benchmark) left out.
"""

from __future__ import annotations

import importlib.util
import resource
import subprocess
import sys
import tempfile

BAR_S = 0.010
QUIET = ("-p", "no:hypothesispytest", "-p", "no:benchmark")
WITHOUT = ("-p", "no:vessel")


def processor_s() -> float:
    """What all ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_s(folder: str, *options: str) -> float:
    began = processor_s()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, *options], cwd=folder, capture_output=True, text=True
    )
    cost_s = processor_s() - began
    assert done.returncode == 5, done.stdout + done.stderr  # 5: no tests, as it should be in an empty folder
    return cost_s


def best_s(folder: str, pairs: int, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[float, float]:
    """The least that each has used, of so many runs, in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(run_s(folder, *(one, other)[which]))
    return min(taken[0]), min(taken[1])


def show(label: str, one_s: float, other_s: float) -> float:
    print(f"{label:32} {(one_s - other_s) * 1000:7.2f} ms, x {one_s / other_s:.3f} of {other_s * 1000:.0f} ms")
    return one_s - other_s


def main(pairs: int) -> int:
    if importlib.util.find_spec("pytest_vessel.plugin") is None:
        print("pytest-vessel's plugin is not installed in this environment", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as folder:
        run_s(folder), run_s(folder, *WITHOUT)  # files get read, bytecode gets written
        show("the same twice", *best_s(folder, pairs, WITHOUT, WITHOUT))
        added_s = show("with the plugin, minus without", *best_s(folder, pairs, (), WITHOUT))
    print(f"bar of {BAR_S * 1000:.0f} ms: {'met' if added_s <= BAR_S else 'MISSED'}")
    return int(added_s > BAR_S)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
