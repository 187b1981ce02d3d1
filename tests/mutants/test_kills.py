"""The kill matrix: each mutant breaks the clauses whose `kills` name it, and no other; who does nothing passes nothing.

The rows' `kills` are the only list. In CI so many mutants are run that each clause must catch one, and each case meets
one of those who do nothing; the whole matrix is for `full`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_vessel import clause
from pytest_vessel.clause import Level
from pytest_vessel.mutant import MUTANTS
from pytest_vessel.quickest import known
from pytest_vessel.row import label, unlabel

RUN_TIMEOUT_S = 540.0
WHOLE_TIMEOUT_S = 4 * 3600.0
DUE = [row for row in clause.load() if row.due and row.level is not Level.FACT]
DO_NOTHING = sorted(name for name, mutant in MUTANTS.items() if mutant.does_nothing)
DUE_LABELS = [label(row.id, case.name) for row in DUE for case in row.cases]
KILLS = {name: {row.id for row in DUE if name in row.kills} for name in MUTANTS if name not in DO_NOTHING}

Verdicts = dict[str, dict[str, str]]
"""Clause id to its cases' verdicts."""


def cover() -> dict[str, set[str]]:
    """Few mutants, and for each the clauses that no earlier one covers: always the one that most of the rest kill."""
    left, chosen = {row.id for row in DUE if row.kills}, {}
    while left:
        best = min(KILLS, key=lambda name: (-len(KILLS[name] & left), name))
        assert KILLS[best] & left, left
        chosen[best] = KILLS[best] & left
        left -= KILLS[best]
    return chosen


def soonest(mutant: str, clauses: set[str]) -> list[str]:
    """Of each clause the case that the mutant is known to fail soonest; all where none is known."""
    seconds = {row.id: known(row.suite).get(row.id, {}).get(mutant, {}) for row in DUE if row.id in clauses}
    return [label(row, min(cases, key=lambda case: cases[case]) if cases else "") for row, cases in seconds.items()]


def grumbler(folder: Path) -> str:
    """One that fails always, and says so: a clear error is no merit of a program that does nothing else."""
    words = {"run": '"{runtime}", "{argv}"', "lock": '"{file}", "{argv}"', "remove": '"{runtime}"'}
    words |= {"copy": '"{runtime}", "{parent}", "{argv}"', "prepare": '"{runtime}", "{parent}"'}
    words |= {"collect": '"{parent}"', "capture": '"{provider}", "{container}", "{dest}", "{patterns}"'}
    text = '[implementation]\nname = "grumbler"\n[verbs]\n'
    text += "".join(f'{verb} = ["sh", "-c", "echo no >&2; exit 1", {rest}]\n' for verb, rest in words.items())
    text += "[choices]\nmode = { shared = [], exclusive = [] }\nwait = { no = [], yes = [] }\n"
    text += "create = { no = [], yes = [] }\ncollecting = { no = [], yes = [] }\n"
    text += 'knowledge = { no = [], yes = [] }\n[layout]\nsrc = "{runtime}"\n'
    text += 'ref = "{src}/.ref"\nparent_ref = "{parent}/.ref"\ncopies = "{parent}/tmp-*"\ncopy_ref = "{copy}/.ref"\n'
    text += 'copy_tree = "{copy}/usr"\ncopy_from = "stdout:^copy: (.*)$"\nref_inside = ["/.ref"]\n'
    (folder / "grumbler.toml").write_text(text)
    return str(folder / "grumbler.toml")


def verdicts_of(address: str, folder: Path, chosen: Sequence[str]) -> Verdicts:
    """Run these clauses and cases against an implementation, and read the report."""
    argv = [sys.executable, "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", address, "--vessel-report", str(folder)]
    # Who hangs fails by hanging; nothing here must pass what takes that long.
    argv += ["--vessel-hasty", "--vessel-timeout", "10", "--vessel-clause", ",".join(chosen)]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
    assert done.returncode in (0, 1, 5), done.stdout[-4000:] + done.stderr
    report = json.loads((folder / "report.json").read_text())
    assert not [row for row in report["implementations"][0]["clauses"] if row["verdict"] == "error"], done.stdout
    return {
        row["id"]: {case["name"]: case["verdict"] for case in row["cases"]}
        for row in report["implementations"][0]["clauses"]
        if row["id"] in {unlabel(one)[0] for one in chosen}
    }


def test_every_clause_with_a_verdict_kills_something() -> None:
    assert not [row.id for row in DUE if not row.kills]


def test_every_kill_is_a_mutant_that_does_something() -> None:
    assert {name for row in clause.load() for name in row.kills} <= set(KILLS)


@pytest.mark.parametrize(("mutant", "clauses"), cover().items(), ids=cover())
def test_mutant_fails_the_clauses_that_name_it(mutant: str, clauses: set[str], tmp_path: Path) -> None:
    verdicts = verdicts_of(f"mutant:{mutant}", tmp_path, soonest(mutant, clauses))
    assert {label for label, cases in verdicts.items() if "fail" in cases.values()} == clauses, verdicts


def check_nothing_passes(address: str, folder: Path, chosen: Sequence[str]) -> None:
    verdicts = verdicts_of(address, folder, chosen)
    met = {label(row, case): verdict for row, cases in verdicts.items() for case, verdict in cases.items()}
    assert {label for label, verdict in met.items() if verdict != "not_run"} == set(chosen)
    assert not [label for label, verdict in met.items() if verdict == "pass"], verdicts


@pytest.mark.parametrize("number", range(3), ids=[*DO_NOTHING, "grumbler"])
def test_who_does_nothing_passes_nothing(number: int, tmp_path: Path) -> None:
    """Neither in silence, nor by saying what is wanted, nor with a clear error: a third of the cases each."""
    address = [*(f"mutant:{name}" for name in DO_NOTHING), grumbler(tmp_path)][number]
    check_nothing_passes(address, tmp_path, DUE_LABELS[number::3])


@pytest.mark.full
def test_one_that_fails_always_passes_nothing(tmp_path: Path) -> None:
    """Of those who do nothing the one that the whole matrix leaves out."""
    check_nothing_passes(grumbler(tmp_path), tmp_path, DUE_LABELS)


@pytest.mark.full
def test_whole_matrix_is_what_the_rows_say(tmp_path: Path) -> None:
    argv = [str(Path(sys.executable).with_name("pytest-vessel")), "mutants", "--all", "--json"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=WHOLE_TIMEOUT_S, check=False)
    assert done.returncode in (0, 1), done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert set(found["clauses"]) == {row.id for row in DUE}
    faults = ("unproven", "reference_failures", "undecided", "broken", "differences")
    assert {word: found[word] for word in faults if found[word]} == {}
    assert found["vacuous"] == {name: [] for name in DO_NOTHING}
    assert {name: set(row["killed_by"]) for name, row in found["clauses"].items()} == {
        row.id: set(row.kills) for row in DUE
    }
    assert done.returncode == 0
