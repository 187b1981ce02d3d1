"""`report.json`, from the record alone."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from made_up_record import ACME, CASES, FAIL, FINDING, MUST, SETTINGS, case, record

from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import Record
from pytest_vessel.record.text import decode, encode
from pytest_vessel.report.document import document
from pytest_vessel.report.reproduce import replay_command, reproduce


def clauses(run: Record) -> dict[str, Any]:
    (implementation,) = document(run)["implementations"]
    return {clause["id"]: clause for clause in implementation["clauses"]}


def test_one_row_for_each_clause_that_is_due() -> None:
    found = clauses(record())
    assert {name: clause["verdict"] for name, clause in found.items()} == {
        "MADE-001": "pass",
        "MADE-002": "fail",
        "MADE-003": "fail",
        "MADE-005": "unsupported",
    }
    assert [one["name"] for one in found["MADE-002"]["cases"]] == ["a", "b"]
    assert found["MADE-002"]["expectation"] == "unexpected"
    assert found["MADE-002"]["cases"][1]["findings"] == [
        {"where": "SRC/.ref", "class": "unlocked", "expected": "a shared lock", "observed": "no lock"}
    ]
    assert found["MADE-002"]["cases"][1]["record"] == 1


def test_facts_profiles_and_planned_clauses() -> None:
    (implementation,) = document(record())["implementations"]
    assert implementation["facts"] == {"MADE-004": "it is so"}
    assert implementation["planned"] == ["MADE-006"]
    assert implementation["profiles"] == {
        "made/up": {
            "state": "not conformant",
            "because": ["MADE-002[b]"],
            "without_choice": ["MADE-005"],
            "passed": 1,
            "of": 4,
        }
    }


def test_clauses_that_were_not_chosen_have_rows_too() -> None:
    found = clauses(record(CASES[1]))
    assert found["MADE-003"]["verdict"] == "not_run"
    assert found["MADE-003"]["cases"][0]["why"] == "not chosen by --vessel-suite or --vessel-clause"
    assert found["MADE-003"]["cases"][0]["record"] is None
    (implementation,) = document(record(CASES[1]))["implementations"]
    assert implementation["facts"] == {"MADE-004": None}


def test_incomplete_runs_say_why() -> None:
    lost = case("MADE-001", "", MUST, Verdict.NOT_RUN, reason="lost")
    report = document(record(lost))
    assert (report["complete"], report["incomplete_because"], report["exit_status"]) == (False, "lost", 1)
    assert document(record())["incomplete_because"] is None


@given(st.text(st.characters(codec=None)))
def test_any_text_fits_the_schema_and_the_record(text: str) -> None:
    bad = case("MADE-002", "b", MUST, FAIL, findings=(replace(FINDING, observed=text),), mend=text, nodeid=text)
    run = record(bad, offers=(replace(ACME, version=text),))
    schemas = files("pytest_vessel.fixtures") / "schemas"
    report, line = (json.loads((schemas / f"{name}.json").read_text()) for name in ("report", "record"))
    Draft202012Validator(report).validate(json.loads(json.dumps(document(run))))
    for one in (run.started, *run.cases, run.finished):
        written = encode(one)
        assert written.isascii()
        assert "\n" not in written
        assert decode(written) == one
        Draft202012Validator(line).validate(json.loads(written))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SETTINGS, ""),
        (replace(SETTINGS, user_given=True), " --vessel-user nobody"),
        (replace(SETTINGS, timeout_s=7.5), " --vessel-timeout 7.5"),
        (replace(SETTINGS, explore=None), " --vessel-explore all"),
        (replace(SETTINGS, explore=20), " --vessel-explore 20"),
    ],
)
def test_command_that_runs_it_again(settings: object, words: str) -> None:
    command = reproduce(settings, ACME, "MADE-002", "b")  # type: ignore[arg-type]
    start = "pytest -p vessel --vessel-impl /opt/acme.toml --vessel-clause 'MADE-002[b]' --vessel-seed 5eed"
    assert command == start + words


def test_commands_are_shell_words() -> None:
    odd = replace(ACME, address="/a b/$x'y.toml")
    assert shlex.split(reproduce(SETTINGS, odd, "MADE-001", ""))[4] == odd.address
    kept = replace(SETTINGS, report_dir="/r s")
    assert shlex.split(replay_command(kept, "MADE-002", "b")) == [
        "pytest-vessel",
        "replay",
        "/r s/run.jsonl",
        "MADE-002[b]",
    ]
    assert replay_command(SETTINGS, "MADE-002", "b") == ""


def test_only_the_bad_case_is_run_again() -> None:
    found = clauses(record())
    assert "'MADE-002[b]'" in found["MADE-002"]["reproduce"]
    both = clauses(record(*(case("MADE-002", name, MUST, FAIL, findings=(FINDING,)) for name in "ab")))
    assert " MADE-002 " in both["MADE-002"]["reproduce"]
