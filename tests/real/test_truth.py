"""HARN: the same verdicts in every run, whatever else the machine does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

IMPLEMENTATIONS = ("reference", "bubblewrap", "flatpak")


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def verdicts(
    folder: Path, workers: int, implementations: Sequence[str] = IMPLEMENTATIONS
) -> dict[str, dict[str, tuple[str, list[str]]]]:
    """Verdict and codes of the findings of every case, by implementation."""
    chosen = [word for name in implementations for word in ("--vessel-impl", name)]
    argv = [sys.executable, "-m", "pytest", "-p", "vessel", *chosen, "-n", str(workers), "--vessel-report", str(folder)]
    done = subprocess.run(argv, cwd=folder.parent, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    report = json.loads((folder / "report.json").read_text())
    assert report["complete"]
    return {
        implementation["name"]: {
            f"{clause['id']}[{case['name']}]": (case["verdict"], [finding["class"] for finding in case["findings"]])
            for clause in implementation["clauses"]
            for case in clause["cases"]
        }
        for implementation in report["implementations"]
    }


@pytest.mark.full
def test_five_runs_give_the_same_verdicts(tmp_path: Path) -> None:
    first = verdicts(tmp_path / "quiet", 2)
    for number in range(2):
        assert verdicts(tmp_path / f"quiet-{number}", 2) == first
    with busy_loops(os.cpu_count() or 1):
        assert verdicts(tmp_path / "busy-2", 2) == first
        assert verdicts(tmp_path / "busy-4", 4) == first


@pytest.mark.full
def test_twenty_runs_of_the_reference_give_the_same_verdicts(tmp_path: Path) -> None:
    def run(name: str, workers: int) -> dict[str, dict[str, tuple[str, list[str]]]]:
        return verdicts(tmp_path / name, workers, ["reference"])

    first = run("quiet", 2)
    assert {verdict for verdict, _codes in first["reference"].values()} <= {"pass", "fact", "not_applicable"}
    assert all(run(f"quiet-{number}", 2) == first for number in range(9))
    with busy_loops(os.cpu_count() or 1):
        assert all(run(f"busy-{number}", 4) == first for number in range(10))
