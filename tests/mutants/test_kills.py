"""The kill matrix: each mutant breaks the clauses whose `kills` name it, and no other; `null` passes nothing.

The rows' `kills` are the only list. Every mutant is run as a user would run it, in a pytest of its own, and judged by
its `report.json`.
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
from pytest_vessel.mutant import NAMES

NULL = "null"
RUN_TIMEOUT_S = 540.0
DUE = [row for row in clause.load() if row.due and row.level is not Level.FACT]
KILLS = {name: {row.id for row in DUE if name in row.kills} for name in NAMES if name != NULL}

Verdicts = dict[str, dict[str, str]]
"""Clause id to its cases' verdicts."""


def verdicts_of(address: str, folder: Path, clauses: Sequence[str] = ()) -> Verdicts:
    """Run the suites, or these clauses, against an implementation, and read the report."""
    argv = [sys.executable, "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", address, "--vessel-report", str(folder)]
    # A mutant that hangs fails by hanging; nothing that must pass is among chosen clauses, so 10 s do.
    argv += ["--vessel-clause", ",".join(clauses), "--vessel-timeout", "10"] if clauses else []
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
    assert done.returncode in (0, 1, 5), done.stdout[-4000:] + done.stderr
    report = json.loads((folder / "report.json").read_text())
    assert not [row for row in report["implementations"][0]["clauses"] if row["verdict"] == "error"], done.stdout
    return {
        row["id"]: {case["name"]: case["verdict"] for case in row["cases"]}
        for row in report["implementations"][0]["clauses"]
        if not clauses or row["id"] in clauses
    }


def failing(verdicts: Verdicts) -> set[str]:
    return {clause_id for clause_id, cases in verdicts.items() if "fail" in cases.values()}


def test_every_clause_with_a_verdict_kills_something() -> None:
    assert not [row.id for row in DUE if not row.kills]


def test_every_mutant_is_killed_and_every_kill_is_a_mutant() -> None:
    assert {name for row in clause.load() for name in row.kills} == set(KILLS)


@pytest.mark.parametrize("mutant", KILLS)
def test_mutant_fails_the_clauses_that_name_it(mutant: str, tmp_path: Path) -> None:
    verdicts = verdicts_of(f"mutant:{mutant}", tmp_path, sorted(KILLS[mutant]))
    assert failing(verdicts) == KILLS[mutant], verdicts


def test_null_passes_nothing(tmp_path: Path) -> None:
    verdicts = verdicts_of(f"mutant:{NULL}", tmp_path)
    assert set(verdicts) == {row.id for row in DUE}
    assert not [label for label, cases in verdicts.items() if "pass" in cases.values()], verdicts


def test_one_that_fails_always_passes_nothing(tmp_path: Path) -> None:
    """A clear error is no merit of a program that does nothing else."""
    verbs = {"run": '"{runtime}", "{argv}"', "lock": '"{file}", "{argv}"', "remove": '"{runtime}"'}
    verbs |= {
        "copy": '"{runtime}", "{parent}", "{argv}"',
        "prepare": '"{runtime}", "{parent}"',
        "collect": '"{parent}"',
    }
    text = '[implementation]\nname = "grumbler"\n[verbs]\n'
    text += "".join(f'{verb} = ["sh", "-c", "echo no >&2; exit 1", {rest}]\n' for verb, rest in verbs.items())
    text += "[choices]\nmode = { shared = [], exclusive = [] }\nwait = { no = [], yes = [] }\n"
    text += 'create = { no = [], yes = [] }\n[layout]\nsrc = "{runtime}"\nref = "{src}/.ref"\nref_inside = ["/.ref"]\n'
    text += 'parent_ref = "{parent}/.ref"\ncopies = "{parent}/tmp-*"\ncopy_ref = "{copy}/.ref"\ncopy_tree = "{copy}"\n'
    (tmp_path / "grumbler.toml").write_text(text)
    verdicts = verdicts_of(str(tmp_path / "grumbler.toml"), tmp_path)
    assert set(verdicts) == {row.id for row in DUE}
    assert not [label for label, cases in verdicts.items() if "pass" in cases.values()], verdicts


@pytest.mark.full
@pytest.mark.parametrize("mutant", KILLS)
def test_mutant_fails_no_other_clause(mutant: str, tmp_path: Path) -> None:
    verdicts = verdicts_of(f"mutant:{mutant}", tmp_path)
    assert set(verdicts) == {row.id for row in DUE}
    assert failing(verdicts) == KILLS[mutant], verdicts
