"""What a failure says of a folder that differs: a line for each entry in its block, one line in the summary."""

from __future__ import annotations

from dataclasses import replace

from made_up_record import ACME, CASES, CLAUSES, SETTINGS

from pytest_vessel.judge import Verdict, fail
from pytest_vessel.report.failure import failure_block
from pytest_vessel.report.terminal import block_lines

DECISION = fail("OVR", "link-target", expected="a -> /x", observed="! a -> /y (expected /x)\n+ b/")


def block(observed: str) -> str:
    case = next(one for one in CASES if one.verdict is Verdict.FAIL)
    clause = next(one for one in CLAUSES if one.id == case.row.clause)
    (finding,) = DECISION.findings
    shown = replace(case, findings=(replace(finding, observed=observed),), judged=False)
    return failure_block(shown, clause, ACME, SETTINGS)


def test_several_lines_stand_below_their_place() -> None:
    assert "observed\n    OVR:\n      ! a -> /y (expected /x)\n      + b/\n" in block("! a -> /y (expected /x)\n+ b/")


def test_one_line_stands_beside_it() -> None:
    assert "observed\n    OVR: nothing there\n" in block("nothing there")


def test_what_differs_stands_below_even_alone() -> None:
    assert "observed\n    OVR:\n      + b/\n" in block("+ b/")


def test_marks_have_colours() -> None:
    lines = block_lines(block("! a -> /y (expected /x)\n+ b/\n- c"))
    assert {line.text.strip(): line.style for line in lines if line.style} == {
        "! a -> /y (expected /x)": "yellow",
        "+ b/": "green",
        "- c": "red",
    }


def test_the_summary_has_one_line() -> None:
    assert DECISION.text == "OVR: ! a -> /y (expected /x); + b/"
