"""The scripts of `by_hand` show what they say, without us: nothing but sh, strace and the probe beside them.

Each is started in an empty environment. It must end with 1 where the implementation fails, with 0 where it does not
(the reference, with a record that says that it failed), and leave no file and no process behind.
VESSEL_REAL=optional: a missing program is a skip instead of a failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from polling import wait_until
from real_programs import as_params, require, require_strace

from pytest_vessel import clause as clauses
from pytest_vessel.judge.verdict import Finding, Verdict
from pytest_vessel.mutant import NAMES
from pytest_vessel.record.read import read_record
from pytest_vessel.report.by_hand.scenario import Scenario
from pytest_vessel.report.by_hand.table import REASONS, scenario_of
from pytest_vessel.row import Row
from pytest_vessel.scripts import write_scripts

RUN_TIMEOUT_S, SCRIPT_TIMEOUT_S, GONE_TIMEOUT_S = 540.0, 180.0, 10.0
SOME_OF_REAL = {
    "bubblewrap": "LOCK-007[run],LOCK-012,LOCK-016,LOCK-052[src-replaced],LOCK-091",
    "flatpak": "LOCK-012,LOCK-052[src-replaced],LOCK-085,LOCK-086",
}
SOME_MUTANTS = {
    "removes-unlocked": "LOCK-081",
    "unlocks-with-main-process": "LOCK-015",
    "no-fallback": "LOCK-006",
    "launcher-holds-copy-lock": "LOCK-053[launcher]",
    "parent-released-early": "LOCK-021",
    "capture-forgets-prefix": "OVER-042[soname],OVER-043[loop]",
    "capture-keeps-partial": "OVER-044[nothing-left]",
    "override-relative": "OVER-003,OVER-004[lib]",
    "override-libc-alone": "OVER-010[driver]",
    "drivers-unpadded": "OVER-016[twelve]",
    "override-folders-by-path": "OVER-063",
}
SOME_OF_REFERENCE = "LOCK-003,LOCK-018,LOCK-072,LOCK-092,OVER-001,OVER-014,OVER-015[no-library],OVER-043[loop],OVER-081"
SHOWN = [
    clause
    for clause in clauses.load()
    if clause.due and any(isinstance(scenario_of(Row("", clause.id, case.name)), Scenario) for case in clause.cases)
]
KILLS = {
    name: ",".join(clause.id for clause in SHOWN if name in clause.kills)
    for name in NAMES
    if any(name in clause.kills for clause in SHOWN)
}


def run(address: str, folder: Path, chosen: str = "") -> Path:
    """Run the suite, or some clauses of it; returns the report's folder."""
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", address, "--vessel-report", str(folder / "report"), "--vessel-timeout", "20"]
    argv += ["--vessel-clause", chosen] if chosen else []
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
    assert done.returncode in (0, 1, 5), done.stdout[-4000:] + done.stderr
    return folder / "report"


def failing_cases(report: Path) -> list[dict[str, Any]]:
    (of_one,) = json.loads((report / "report.json").read_text())["implementations"]
    cases = [case for row in of_one["clauses"] for case in row["cases"] if case["verdict"] == "fail"]
    assert cases, "nothing failed: there is nothing to show"
    return cases


def play(script: Path, folder: Path) -> tuple[int, str]:
    """Run a script as somebody else would; status and output. It must leave nothing behind."""
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o755)
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(temporary)}
    argv = ["sh", str(script)]
    with open(folder / "said", "w+b") as said:  # no pipe: what stays behind would keep it open
        done = subprocess.run(
            argv, env=environ, cwd="/", stdin=-3, stdout=said, stderr=said, timeout=SCRIPT_TIMEOUT_S, check=False
        )
        said.seek(0)
        text = said.read().decode()
    assert list(temporary.iterdir()) == [], f"{script.name} leaves files"
    assert gone(f"BY_HAND={temporary}/".encode()), f"{script.name} leaves processes"
    temporary.rmdir()
    return done.returncode, text


def gone(mark: bytes) -> bool:
    """Whether no process has this in its environment, soon."""
    return wait_until(lambda: not any(mark in environment for environment in environments()), GONE_TIMEOUT_S)


def environments() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield path.read_bytes()
        except OSError:
            continue


def check_all_show(report: Path, folder: Path) -> None:
    cases = failing_cases(report)
    assert any(case["by_hand"] for case in cases)
    for case in cases:
        if case["by_hand"] is None:
            assert case["by_hand_because"] in REASONS.values()
            continue
        status, text = play(report / case["by_hand"], folder)
        assert (status, text.splitlines()[-1]) == (1, "the failure shows"), f"{case['by_hand']}: {text}"
        assert "\nobserved: " in f"\n{text}", text


@pytest.fixture(autouse=True)
def strace() -> None:
    require_strace()


@pytest.mark.parametrize("name", as_params(*SOME_OF_REAL))
def test_some_failures_of_real_implementations_show(name: str, folder: Path) -> None:
    require(name)
    check_all_show(run(name, folder, SOME_OF_REAL[name]), folder)


@pytest.mark.full
@pytest.mark.parametrize("name", SOME_OF_REAL)
def test_every_failure_of_real_implementations_shows(name: str, folder: Path) -> None:
    require(name)
    check_all_show(run(name, folder), folder)


@pytest.mark.parametrize("mutant", SOME_MUTANTS)
def test_failures_of_some_mutants_show(mutant: str, folder: Path) -> None:
    check_all_show(run(f"mutant:{mutant}", folder, SOME_MUTANTS[mutant]), folder)


@pytest.mark.full
@pytest.mark.parametrize("mutant", KILLS)
def test_every_failure_of_mutants_shows(mutant: str, folder: Path) -> None:
    check_all_show(run(f"mutant:{mutant}", folder, KILLS[mutant]), folder)


def check_none_shows(report: Path, folder: Path) -> None:
    """The same scripts, from a record that calls each pass a fail."""
    record = read_record(report)
    finding = (Finding("made", "up", "something", "something else"),)
    cases = [case for case in record.cases if case.verdict is Verdict.PASS]
    slandered = tuple(replace(case, verdict=Verdict.FAIL, findings=finding) for case in cases)
    scripts = write_scripts(folder / "made-up", replace(record, cases=slandered))
    assert scripts
    for script in scripts:
        status, text = play(script, folder)
        assert (status, text.splitlines()[-1]) == (0, "the failure does not show"), f"{script.name}: {text}"


def test_some_scripts_find_no_fault_in_the_reference(folder: Path) -> None:
    check_none_shows(run("reference", folder, SOME_OF_REFERENCE), folder)


@pytest.mark.full
def test_no_script_finds_a_fault_in_the_reference(folder: Path) -> None:
    check_none_shows(run("reference", folder), folder)


def test_a_script_says_when_it_cannot_decide(folder: Path) -> None:
    report = run("mutant:starts-when-busy", folder, "LOCK-012[held]")
    (case,) = failing_cases(report)
    (report / "by_hand" / "probe").unlink()
    status, text = play(report / case["by_hand"], folder)
    assert status == 2
    assert text.startswith("cannot decide: no probe at ")
