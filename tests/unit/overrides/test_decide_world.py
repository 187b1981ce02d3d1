"""The deciders of containers, on made-up records: what is right passes, and each wrong has its own code."""

from __future__ import annotations

from dataclasses import replace
from json import dumps

import examples_faults
import examples_fdio
import examples_world
import pytest

from pytest_vessel import clause
from pytest_vessel.conformance.overrides.seen_fdio import Diverted
from pytest_vessel.judge import Decision, Verdict, decider_of
from pytest_vessel.judge.decider import observation_type
from pytest_vessel.observation.codec import from_json, to_json
from pytest_vessel.observation.tree import Entry, Kind, Tree

EXAMPLES = (examples_world, examples_fdio, examples_faults)
GOOD = [example for part in EXAMPLES for example in part.GOOD]
BAD = [example for part in EXAMPLES for example in part.BAD]
UNDECIDED = [example for part in EXAMPLES for example in part.UNDECIDED]


def decide(case_id: str, observation: object) -> Decision:
    clause_id, _, case = case_id.partition("[")
    decider = decider_of("overrides", clause_id, case.rstrip("]"))
    return decider(from_json(observation_type(decider), to_json(observation)))


@pytest.mark.parametrize(("case_id", "observation"), GOOD, ids=[case_id for case_id, _ in GOOD])
def test_right_overrides_pass_with_evidence(case_id: str, observation: object) -> None:
    decision = decide(case_id, observation)
    assert decision.verdict is Verdict.PASS, decision
    assert decision.evidence


@pytest.mark.parametrize(("case_id", "observation", "code"), BAD, ids=[f"{c}-{code}" for c, _, code in BAD])
def test_wrong_overrides_fail_with_their_code(case_id: str, observation: object, code: str) -> None:
    decision = decide(case_id, observation)
    assert [finding.code for finding in decision.findings] == [code]
    assert all(finding.where and finding.expected and finding.observed for finding in decision.findings)


@pytest.mark.parametrize(("case_id", "observation", "verdict"), UNDECIDED, ids=[c for c, *_ in UNDECIDED])
def test_what_decides_nothing_is_told(case_id: str, observation: object, verdict: Verdict) -> None:
    assert decide(case_id, observation).verdict is verdict


def test_where_a_link_leads_is_told_briefly() -> None:
    libraries = Tree(tuple(Entry(f"lib{number}.so", Kind.FILE, "\0" * 65536) for number in range(100)))
    replaced = Tree(tuple(replace(entry, text="") for entry in libraries.entries))
    seen = Diverted.of(examples_fdio.MADE, libraries, replaced)
    assert (seen.outside, len(seen.changes)) == (100, 5)
    assert len(dumps(to_json(seen))) < 20000


def test_each_due_row_has_good_and_bad_examples() -> None:
    due = {one.id for one in clause.load(("overrides",)) if one.due and one.profile != "capture"}
    assert {case_id.partition("[")[0] for case_id, _ in GOOD} >= due - {"OVER-007"}
    assert {case_id.partition("[")[0] for case_id, *_ in BAD} >= due - {"OVER-007"}
