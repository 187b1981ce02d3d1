"""What differs between two runs, from their records alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_record import ACME, CASES, CLAUSES, FAIL, FINDING, MUST, case, record

from pytest_vessel.judge.baseline import Expectation
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.report.difference import Change, Difference, as_json, compare, lines

OTHER = replace(FINDING, code="hangs")
UNKNOWN, KNOWN = Expectation.UNEXPECTED, Expectation.EXPECTED


def of(verdict: Verdict, code: str = "unlocked", expectation: Expectation | None = None) -> CaseLine:
    findings = (replace(FINDING, code=code),) if verdict is FAIL else ()
    found = case("MADE-001", "", MUST, verdict, findings=findings, evidence="seen", why="because")
    return found if expectation is None else replace(found, expectation=expectation)


PASS, ILL, UNCLEAR = of(Verdict.PASS), of(FAIL), of(Verdict.INCONCLUSIVE)
NOT_RUN, ERROR, LACKING = of(Verdict.NOT_RUN), of(Verdict.ERROR), of(Verdict.UNSUPPORTED)


def between(before: CaseLine, after: CaseLine) -> Change | None:
    found = compare(record(before), record(after))
    return found.changed[0].change if found.changed else None


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (PASS, ILL, Change.WORSE),
        (PASS, UNCLEAR, Change.WORSE),
        (PASS, NOT_RUN, Change.WORSE),
        (PASS, ERROR, Change.WORSE),
        (PASS, LACKING, Change.WORSE),
        (UNCLEAR, ILL, Change.WORSE),
        (NOT_RUN, ERROR, Change.WORSE),
        (ILL, of(FAIL, "hangs"), Change.WORSE),
        (of(FAIL, expectation=KNOWN), of(FAIL, expectation=Expectation.EXPIRED), Change.WORSE),
        (PASS, of(Verdict.PASS, expectation=Expectation.STALE), Change.WORSE),
        (ILL, PASS, Change.BETTER),
        (UNCLEAR, PASS, Change.BETTER),
        (ILL, of(FAIL, expectation=KNOWN), Change.BETTER),
        (ILL, UNCLEAR, Change.OTHER),
        (ILL, ERROR, Change.OTHER),
        (ERROR, ILL, Change.OTHER),
        (LACKING, UNCLEAR, Change.OTHER),
        (of(FAIL, expectation=Expectation.NONE), of(FAIL, expectation=KNOWN), Change.OTHER),
    ],
)
def test_what_a_change_means(before: CaseLine, after: CaseLine, change: Change) -> None:
    assert between(before, after) is change


@pytest.mark.parametrize("line", [PASS, ILL, UNCLEAR, NOT_RUN, ERROR, LACKING])
def test_texts_and_times_are_no_change(line: CaseLine) -> None:
    findings = tuple(replace(one, observed="other words") for one in line.findings)
    later = replace(line, evidence="seen again", why="else", findings=findings, duration_s=9.0, n=7, nodeid="x")
    assert between(line, later) is None


def test_a_fact_is_its_text() -> None:
    fact = case("MADE-004", "", CLAUSES[3].level, Verdict.FACT, evidence="it is so")
    assert between(fact, replace(fact, evidence="it is not")) is Change.OTHER
    assert between(fact, fact) is None


@given(st.permutations(CASES), st.permutations(CASES))
def test_order_of_arrival_is_no_change(one: list[CaseLine], other: list[CaseLine]) -> None:
    found = compare(record(*one), record(*other))
    assert (found.changed, found.same) == ((), 6)


def test_case_that_was_not_part_of_the_later_run() -> None:
    before = record(PASS, ILL)
    assert [(one.change, one.after.verdict) for one in compare(record(PASS), record(CASES[2])).changed] == [
        (Change.WORSE, "absent"),
        (Change.OTHER, "inconclusive"),
    ]
    assert before.by_row, "later lines of a row win"
    retired = record(CASES[2])
    clauses = (replace(CLAUSES[0], until="0.2"), *CLAUSES[1:])
    gone = replace(retired, started=replace(retired.started, clauses=clauses))
    assert compare(record(PASS), gone).count(Change.WORSE) == 0


def named(name: str, *lines: CaseLine) -> Record:
    mine = [replace(line, row=replace(line.row, implementation=name)) for line in lines or CASES]
    return record(*mine, offers=(replace(ACME, name=name, version=f"{name} 2"),))


def test_two_single_implementations_are_paired() -> None:
    found = compare(record(), named("other"))
    assert (found.changed, found.same) == ((), 6)
    both = (ACME, replace(ACME, name="other"))
    assert compare(record(offers=both), named("other")).count(Change.WORSE) == 1


WORSE = compare(
    record(PASS, CASES[2]), record(replace(ILL, findings=(OTHER,)), replace(CASES[2], verdict=Verdict.UNSUPPORTED))
)


def test_lines() -> None:
    assert list(lines(WORSE)) == [
        "- acme (acme 1.0), seed 5eed, ",
        "+ acme (acme 1.0), seed 5eed, ",
        "worse   MADE-001: pass -> fail (unexpected)",
        "          was: seen",
        "          now: SRC/.ref: hangs",
        "other   MADE-002[a]: inconclusive -> unsupported",
        "          now: no gate here",
        "1 worse, 0 better, 1 other, 0 the same",
    ]


def test_worse_comes_first() -> None:
    lines_of = [
        replace(CASES[2], verdict=Verdict.PASS, evidence="well"),
        replace(CASES[3], findings=(OTHER,)),
        replace(CASES[0], verdict=Verdict.UNSUPPORTED),
    ]
    found = compare(record(*CASES), record(*lines_of, CASES[1], CASES[4], CASES[5]))
    assert [one.change for one in found.changed] == [Change.WORSE, Change.BETTER, Change.OTHER]


def test_json() -> None:
    data = json.loads(json.dumps(as_json(WORSE)))
    assert {key: data[key] for key in ("schema", "worse", "better", "other", "same")} == {
        "schema": 1,
        "worse": 1,
        "better": 0,
        "other": 1,
        "same": 0,
    }
    first = data["changes"][0]
    assert (first["change"], first["clause"], first["case"]) == ("worse", "MADE-001", "")
    assert first["before"]["verdict"] == "pass"
    assert len(first["after"]["fingerprint"]) == 12
    assert data["after"]["implementations"] == [{"name": "acme", "version": "acme 1.0"}]


@given(st.sampled_from([PASS, ILL, UNCLEAR, ERROR, LACKING]), st.sampled_from([PASS, ILL, UNCLEAR, ERROR, LACKING]))
def test_the_way_back_is_never_worse_too_unless_both_fail(one: CaseLine, other: CaseLine) -> None:
    there, back = between(one, other), between(other, one)
    assert (there is None) == (back is None)
    assert not (there is Change.BETTER and back is not Change.WORSE)


def test_nothing_in_common() -> None:
    found: Difference = compare(record(CASES[0]), record(CASES[1]))
    assert found.same == 0
    assert {one.row.label for one in found.changed} == {"MADE-001", "MADE-002[b]"}
