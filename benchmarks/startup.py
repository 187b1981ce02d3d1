"""What the installed plugin adds to somebody else's pytest: `python benchmarks/startup.py [PAIRS]`.

Plain `pytest` in an empty folder, with the plugin and with `-p no:vessel`, in pairs whose order alternates. The figure
is the median of the differences within the pairs: what else happens on the machine meets both of a pair. Pairs of the
same command show how far the figure can be trusted.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time

BAR_S = 0.010
WITHOUT = ("-p", "no:vessel")


def run_s(folder: str, *options: str) -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=folder, capture_output=True, text=True)
    cost_s = time.perf_counter() - began
    assert done.returncode == 5, done.stdout + done.stderr  # 5: no tests, as it should be in an empty folder
    return cost_s


def differences_s(folder: str, pairs: int, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[list[float], float]:
    """`one` minus `other` of each pair, and the median of `other`."""
    found, base = [], []
    for number in range(pairs):
        ways = {"one": one, "other": other}
        order = ("one", "other") if number % 2 else ("other", "one")
        taken = {name: run_s(folder, *ways[name]) for name in order}
        found.append(taken["one"] - taken["other"])
        base.append(taken["other"])
    return found, statistics.median(base)


def show(label: str, differences: list[float], base_s: float) -> float:
    low, _, high = statistics.quantiles(differences, n=4)
    median_s = statistics.median(differences)
    print(
        f"{label:32} {median_s * 1000:8.2f} ms ({low * 1000:.2f} to {high * 1000:.2f}), "
        f"x {(base_s + median_s) / base_s:.3f} of {base_s * 1000:.0f} ms"
    )
    return median_s


def main(pairs: int) -> int:
    if importlib.util.find_spec("pytest_vessel.plugin") is None:
        print("pytest-vessel's plugin is not installed in this environment", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as folder:
        run_s(folder), run_s(folder, *WITHOUT)  # files get read, bytecode gets written
        show("the same twice", *differences_s(folder, pairs, WITHOUT, WITHOUT))
        added_s = show("with the plugin, minus without", *differences_s(folder, pairs, (), WITHOUT))
    print(f"bar of {BAR_S * 1000:.0f} ms: {'met' if added_s <= BAR_S else 'MISSED'}")
    return int(added_s > BAR_S)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
