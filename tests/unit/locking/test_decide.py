"""The deciders, on made-up observations: what is right passes, and each way of being wrong has its own code."""

from __future__ import annotations

import examples_collect
import examples_copies
import examples_direct
import examples_handover
import pytest

from pytest_vessel import clause
from pytest_vessel.judge import Decision, Verdict, decider_of

EXAMPLES = (examples_direct, examples_copies, examples_collect, examples_handover)
GOOD = [example for part in EXAMPLES for example in part.GOOD]
BAD = [example for part in EXAMPLES for example in part.BAD]
UNDECIDED = [example for part in EXAMPLES for example in part.UNDECIDED]
SHARED = {"LOCK-014", "LOCK-017", "LOCK-018", "LOCK-061", "LOCK-081", "LOCK-086", "LOCK-094"}
"""Clauses that share a decider with one that has bad examples."""


def decide(case_id: str, observation: object) -> Decision:
    clause_id, _, case = case_id.partition("[")
    return decider_of("locking", clause_id, case.rstrip("]"))(observation)


@pytest.mark.parametrize(("case_id", "observation"), GOOD, ids=[case_id for case_id, _ in GOOD])
def test_what_is_right_passes_with_evidence(case_id: str, observation: object) -> None:
    decision = decide(case_id, observation)
    assert decision.verdict is Verdict.PASS, decision
    assert decision.evidence


@pytest.mark.parametrize(("case_id", "observation", "code"), BAD, ids=[f"{c}-{code}" for c, _, code in BAD])
def test_what_is_wrong_fails_with_its_code(case_id: str, observation: object, code: str) -> None:
    decision = decide(case_id, observation)
    assert decision.verdict is Verdict.FAIL, decision
    assert [finding.code for finding in decision.findings] == [code]
    for finding in decision.findings:
        assert finding.where
        assert finding.expected
        assert finding.observed


@pytest.mark.parametrize(("case_id", "observation", "verdict"), UNDECIDED, ids=[c for c, *_ in UNDECIDED])
def test_what_decides_nothing_is_said(case_id: str, observation: object, verdict: Verdict) -> None:
    decision = decide(case_id, observation)
    assert decision.verdict is verdict, decision
    assert decision.text


def test_every_due_clause_has_a_decider_with_good_and_bad_examples() -> None:
    due = {one.id for one in clause.load(("locking",)) if one.due and one.level is not clause.Level.FACT}
    assert {case_id.partition("[")[0] for case_id, _ in GOOD} == due
    assert {case_id.partition("[")[0] for case_id, *_ in BAD} >= due - SHARED
    for one in clause.load(("locking",)):
        for case in one.cases if one.due else ():
            assert decider_of("locking", one.id, case.name)
