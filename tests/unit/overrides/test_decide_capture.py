"""The deciders of captures, on made-up records: what is right passes, and each way of being wrong has its own code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_vessel import clause
from pytest_vessel.conformance.overrides.seen_capture import Capture, Link
from pytest_vessel.judge import Decision, Verdict, decider_of
from pytest_vessel.observation.process import Bound, Ending

PROFILE = "capture"
A, B = Link("liba.so.1", "/run/provider/usr/lib/liba.so.1.2"), Link("libb.so.1", "/run/provider/usr/lib/libb.so.1.0")
OK, REFUSED = Ending(0), Ending(1, message="libb.so.1: not found\n")
MADE = Capture(("liba.so.1",), (A, B), OK, (A, B))
NOT_MADE = Capture(("liba.so.1", "libb.so.1"), None, REFUSED, None, witness=MADE)
UNLINKED = replace(MADE, links=None)


def decide(seen: Capture, case_id: str = "OVER-041") -> Decision:
    clause_id, _, case = case_id.partition("[")
    return decider_of("overrides", clause_id, case.rstrip("]"))(seen)


@pytest.mark.parametrize(
    ("seen", "evidence"),
    [
        (MADE, "linked liba.so.1, libb.so.1, and nothing else"),
        (replace(MADE, wanted=(), links=()), "linked nothing, as is due"),
        (replace(MADE, wanted=(), links=None), "linked nothing, as is due"),
        (NOT_MADE, "refused: status 1, message: 'libb.so.1: not found'"),
        (replace(NOT_MADE, links=(A,)), "refused: status 1, message: 'libb.so.1: not found'"),
    ],
)
def test_what_is_right(seen: Capture, evidence: str) -> None:
    decision = decide(seen)
    assert (decision.verdict, decision.evidence) == (Verdict.PASS, evidence)


@pytest.mark.parametrize(
    ("seen", "where", "code"),
    [
        (replace(MADE, ending=REFUSED, links=None), "capture", "failed"),
        (replace(MADE, ending=Ending(None, stopped=Bound.TIME)), "capture", "failed"),
        (replace(MADE, links=(A,)), "DEST/libb.so.1", "not-captured"),
        (replace(MADE, wanted=(A,)), "DEST/libb.so.1", "captured-unasked"),
        (replace(MADE, links=(A, replace(B, target="/usr/lib/libb.so.1.0"))), "DEST/libb.so.1", "leads-elsewhere"),
        (replace(MADE, links=(A, replace(B, target=""))), "DEST/libb.so.1", "leads-elsewhere"),
        (replace(NOT_MADE, witness=UNLINKED), "capture", "captures-nothing"),
        (replace(MADE, wanted=(), links=None, witness=UNLINKED), "capture", "captures-nothing"),
        (replace(NOT_MADE, witness=replace(MADE, ending=REFUSED)), "capture", "captures-nothing"),
        (replace(NOT_MADE, ending=OK, links=(A,)), "capture", "not-refused"),
        (replace(NOT_MADE, ending=OK, links=()), "capture", "not-refused"),
        (replace(NOT_MADE, ending=Ending(1)), "capture", "unclear-error"),
        (replace(NOT_MADE, ending=Ending(None, 11, message="crash")), "capture", "unclear-error"),
        (replace(NOT_MADE, ending=Ending(None, stopped=Bound.TIME, message="busy")), "capture", "unclear-error"),
    ],
)
def test_what_is_wrong(seen: Capture, where: str, code: str) -> None:
    decision = decide(seen)
    assert decision.verdict is Verdict.FAIL
    (finding,) = decision.findings
    assert (finding.where, finding.code) == (where, code)
    assert finding.expected
    assert finding.observed


def test_all_differences_are_told() -> None:
    other = Link("libc.so.6", "/run/provider/usr/lib/libc.so.6")
    found = decide(replace(MADE, links=(replace(A, target="/x"), other))).findings
    assert [finding.code for finding in found] == ["not-captured", "captured-unasked", "leads-elsewhere"]


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (NOT_MADE, ""),
        (replace(NOT_MADE, links=(A,)), "left-behind"),
        (replace(NOT_MADE, witness=UNLINKED), "captures-nothing"),
        (replace(NOT_MADE, links=()), "left-behind"),
        (replace(NOT_MADE, ending=OK, links=(A,)), "not-refused"),
    ],
)
def test_what_is_left(seen: Capture, code: str) -> None:
    decision = decide(seen, "OVER-044[nothing-left]")
    assert [finding.code for finding in decision.findings] == [code] * bool(code)


def test_each_clause_of_the_profile_has_a_decider() -> None:
    due = [one for one in clause.load(("overrides",)) if one.due and one.profile == PROFILE]
    assert due
    for one in due:
        for case in one.cases:
            assert decider_of("overrides", one.id, case.name)
