"""Exploration of real programs: no false alarm under load, what was planted is found, a schedule is played again."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_vessel import clause
from pytest_vessel.mutant import MUTANTS

RUN_TIMEOUT_S = 540.0
CATALOGUE = clause.load(("locking",))
EXPLORING = [f"LOCK-0{number}" for number in (82, 83, 84, 87, 88, 89, 95, 96)]
INTERLEAVING = [name for name, one in MUTANTS.items() if one.flaw.__module__.endswith(".interleaving")]
INTERLEAVED = "LOCK-084,LOCK-089,LOCK-095,LOCK-096"
PLANTED = [
    ("publishes-before-lock", "LOCK-084[set-up-held]"),
    ("unlocks-before-deleting", "LOCK-089[copy]"),
    ("no-recheck-after-lock", "LOCK-095[src-replaced]"),
    *(
        pytest.param(*one, marks=pytest.mark.full)
        for one in (
            ("gap-between-execs", "LOCK-084[set-up-held]"),
            ("second-close-unlocks", "LOCK-084[set-up-held]"),
            ("tests-then-deletes", "LOCK-089[runtime]"),
            ("keeps-dangling", "LOCK-087"),
        )
    ),
]
"""Mutants, and a case that finds each with the default budget."""


def explored(folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    """Run, and read the report: cases by label."""
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-report", "report", *options]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
    assert done.returncode in (0, 1, 5), done.stdout[-4000:] + done.stderr
    (folder / "out").write_text(done.stdout)
    (report,) = json.loads((folder / "report" / "report.json").read_text())["implementations"]
    cases = ((f"{row['id']}[{case['name']}]", case) for row in report["clauses"] for case in row["cases"])
    return {label.removesuffix("[]"): case for label, case in cases if case["verdict"] != "not_run"}


@contextmanager
def load() -> Iterator[None]:
    """Something else that wants each processor."""
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
        for _processor in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def not_passed(cases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {label: case for label, case in cases.items() if case["verdict"] != "pass"}


def played(cases: dict[str, dict[str, Any]]) -> int:
    return sum(case["explored"]["done"] for case in cases.values())


@pytest.mark.parametrize(("points", "schedules"), [(3, 40), pytest.param(9, 100, marks=pytest.mark.full)])
def test_the_reference_holds_under_load(tmp_path: Path, points: int, schedules: int) -> None:
    with load():
        cases = explored(tmp_path, "--vessel-clause", INTERLEAVED, "--vessel-explore", str(points))
    assert not not_passed(cases)
    assert played(cases) >= schedules


@pytest.mark.full
@pytest.mark.parametrize("case", [row.name for row in CATALOGUE["LOCK-084"].cases])
def test_the_reference_holds_in_many_schedules(tmp_path: Path, case: str) -> None:
    """A thousand in all."""
    with load():
        cases = explored(tmp_path, "--vessel-clause", f"LOCK-084[{case}]", "--vessel-explore", "200")
    assert not not_passed(cases)
    assert played(cases) == 200


@pytest.mark.parametrize(("mutant", "case"), PLANTED)
def test_what_was_planted_is_found(tmp_path: Path, mutant: str, case: str) -> None:
    assert explored(tmp_path, "--vessel-impl", f"mutant:{mutant}", "--vessel-clause", case)[case]["verdict"] == "fail"


@pytest.mark.full
@pytest.mark.parametrize("mutant", INTERLEAVING)
def test_each_clause_that_names_an_interleaving_mutant_finds_it(tmp_path: Path, mutant: str) -> None:
    clauses = [clause_id for clause_id in EXPLORING if mutant in CATALOGUE[clause_id].kills]
    options = ("--vessel-impl", f"mutant:{mutant}", "--vessel-clause", ",".join(clauses), "--vessel-hasty")
    cases = explored(tmp_path, *options)
    assert clauses
    assert {label.partition("[")[0] for label, case in cases.items() if case["verdict"] == "fail"} == {*clauses}


@pytest.mark.full
def test_what_needs_two_held_programs_is_found(tmp_path: Path) -> None:
    case = "LOCK-084[pass-held]"
    options = ("--vessel-impl", "mutant:tests-parent-then-collects", "--vessel-clause", case)
    found = explored(tmp_path, *options)[case]
    (finding,) = found["findings"]
    assert (finding["class"], found["verdict"]) == ("deleted-in-use", "fail")
    assert finding["observed"].count("held before") == 2


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run in which what was planted is found."""
    folder, case = tmp_path_factory.mktemp("broken"), "LOCK-096[removal-held]"
    cases = explored(folder, "--vessel-impl", "mutant:removal-unlocks-first", "--vessel-clause", case)
    assert cases[case]["verdict"] == "fail"
    return folder


def test_a_schedule_is_played_again(tmp_path: Path, broken: Path) -> None:
    first = (broken / "out").read_text()
    (command,) = re.findall(r"^run again\n    (.*)$", first, re.M)
    words = shlex.split(command)
    cases = explored(tmp_path, *words[words.index("--vessel-impl") :])
    again = (tmp_path / "out").read_text()
    assert [case["explored"] for case in cases.values()] == [{"done": 1, "of": 1}]
    titles = r"^(?:schedule|timeline)\n(?:    .*\n)+"
    shown = re.findall(titles, first, re.M)
    assert len(shown) == 2
    assert [line for text in shown for line in text.splitlines() if "(found as" not in line] == [
        line for text in re.findall(titles, again, re.M) for line in text.splitlines()
    ]


def test_a_timeline_is_shown_again_without_the_runtime(broken: Path) -> None:
    script = str(Path(sys.executable).with_name("pytest-vessel"))
    done = subprocess.run([script, "replay", "report", "LOCK-096"], cwd=broken, capture_output=True, text=True)
    (timeline,) = re.findall(r"^timeline\n((?:    .*\n)+)", (broken / "out").read_text(), re.M)
    assert timeline in done.stdout
    assert "1 cases judged again, 0 differ" in done.stdout


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("removal@fcntl:SRC/.ref:99,start", "a point of the schedule was not reached"),
        ("removal,pass", "the schedule moves 'pass', whom this clause does not have"),
    ],
)
def test_what_cannot_be_played_is_inconclusive(tmp_path: Path, schedule: str, why: str) -> None:
    case = "LOCK-096[removal-held]"
    (seen,) = explored(tmp_path, "--vessel-clause", case, "--vessel-schedule", schedule).values()
    assert seen["verdict"] == "inconclusive"
    assert why in (tmp_path / "out").read_text()
