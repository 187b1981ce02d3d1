"""Which cases a mutant meets in a matrix, and the files that say so."""

from __future__ import annotations

from dataclasses import replace

import made_up_record
import pytest

from pytest_vessel import clause
from pytest_vessel.clause import SUITES
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.quickest import enough, known, seen, text

SECONDS = {"dove": {"slow": 3.0, "quick": 0.1}, "crow": {"slow": 2.0, "other": 0.5}}
ALL = ["quick", "slow", "other"]


def test_each_mutant_meets_the_case_that_it_fails_soonest() -> None:
    assert enough(SECONDS, {"dove": ["quick", "slow"]})["dove"][0] == "quick"


def test_each_case_that_one_fails_is_met_by_one_that_does() -> None:
    assert enough(SECONDS, {"dove": ALL, "crow": ALL}) == {"dove": ["quick"], "crow": ["other", "slow"]}


def test_one_that_is_not_known_meets_all() -> None:
    assert enough(SECONDS, {"owl": ALL}) == {"owl": ALL}
    assert enough({}, {"dove": ALL}) == {"dove": ALL}


def test_only_cases_that_are_asked_for_are_met() -> None:
    assert enough(SECONDS, {"dove": ["slow"]}) == {"dove": ["slow"]}
    assert enough(SECONDS, {"dove": ["other"]}) == {"dove": ["other"]}, "known to fail none of these"


@pytest.mark.parametrize("suite", SUITES)
def test_files_name_what_there_is(suite: str) -> None:
    catalogue = clause.load((suite,))
    for clause_id, mutants in known(suite).items():
        row = catalogue[clause_id]
        assert set(mutants) <= set(row.kills), clause_id
        assert {case for cases in mutants.values() for case in cases} <= {case.name for case in row.cases}, clause_id


def test_the_file_is_what_records_say() -> None:
    fails = [made_up_record.case("MADE-002", name, clause.Level.MUST, Verdict.FAIL) for name in "ba"]
    made = made_up_record.record(*fails, made_up_record.case("MADE-001", "", clause.Level.MUST, Verdict.FAIL))
    rows = tuple(replace(row, kills=("dove",)) for row in made_up_record.CLAUSES)
    found = seen({"dove": replace(made, started=replace(made.started, clauses=rows)), "crow": made}, "made")
    assert found == {"MADE-002": {"dove": {"b": 0.5, "a": 0.5}}}, "no choice in MADE-001; no row names the crow"
    assert text(found) == '{\n"MADE-002": {\n "dove": {"b": 0.5, "a": 0.5}\n}\n}\n'
