"""Profiles: conformant only where every MUST case is settled well, and one passed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.clause import Case, Clause, Level
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.profile import Profile, State, profiles
from pytest_vessel.judge.verdict import Verdict

OFFER = Offer("made-up", capabilities=("run",))


def clause(number: int, *, level: Level = Level.MUST, needs: tuple[str, ...] = ("run",), name: str = "") -> Clause:
    return Clause(f"MADE-{number:03}", "made", level, "sentence", "source", "made/up", (Case(name, needs, ()),))


def profile(*verdicts: Verdict, clauses: tuple[Clause, ...] = ()) -> Profile:
    chosen = clauses or tuple(clause(number) for number in range(len(verdicts)))
    seen = {(one.id, one.cases[0].name): verdict for one, verdict in zip(chosen, verdicts, strict=True)}
    (found,) = profiles(chosen, seen, OFFER)
    return found


PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR


@pytest.mark.parametrize(
    ("verdicts", "state", "because"),
    [
        ((PASS, PASS), State.CONFORMANT, ()),
        ((PASS, Verdict.NOT_APPLICABLE), State.CONFORMANT, ()),
        ((Verdict.NOT_APPLICABLE,), State.UNDECIDED, ()),
        ((PASS, FAIL, Verdict.INCONCLUSIVE), State.NOT_CONFORMANT, ("MADE-001",)),
        ((PASS, Verdict.INCONCLUSIVE), State.UNDECIDED, ("MADE-001",)),
        ((PASS, Verdict.UNSUPPORTED), State.UNDECIDED, ("MADE-001",)),
        ((PASS, Verdict.NOT_RUN), State.UNDECIDED, ("MADE-001",)),
        ((PASS, ERROR), State.UNDECIDED, ("MADE-001",)),
    ],
)
def test_states(verdicts: tuple[Verdict, ...], state: State, because: tuple[str, ...]) -> None:
    found = profile(*verdicts)
    assert (found.state, found.because) == (state, because)
    assert found.of == len(verdicts)
    assert found.passed == verdicts.count(PASS)


def test_want_of_a_choice_does_not_count() -> None:
    wanting = clause(2, needs=("run", "choices.wait.yes"), name="wait")
    found = profile(PASS, Verdict.UNSUPPORTED, clauses=(clause(1), wanting))
    assert found.state is State.CONFORMANT
    assert found.without == ("MADE-002[wait]",)


@pytest.mark.parametrize("needs", [("run", "remove"), ("remove", "choices.wait.yes"), ("layout.ref",)])
def test_want_of_a_verb_does(needs: tuple[str, ...]) -> None:
    found = profile(PASS, Verdict.UNSUPPORTED, clauses=(clause(1), clause(2, needs=needs)))
    assert found.state is State.UNDECIDED
    assert found.without == ()


def test_only_must_clauses_count() -> None:
    found = profile(PASS, FAIL, FAIL, clauses=(clause(1), clause(2, level=Level.SHOULD), clause(3, level=Level.MAY)))
    assert found.state is State.CONFORMANT
    assert found.of == 1


def test_planned_and_retired_clauses_are_part_of_none() -> None:
    clauses = (clause(1), replace(clause(2), planned=True), replace(clause(3), until="0.2"))
    (found,) = profiles(clauses, {("MADE-001", ""): PASS}, OFFER)
    assert (found.state, found.of) == (State.CONFORMANT, 1)
    assert profiles(clauses[1:], {}, OFFER) == ()


def test_a_missing_verdict_is_not_run() -> None:
    (found,) = profiles((clause(1), clause(2)), {("MADE-001", ""): PASS}, OFFER)
    assert (found.state, found.because) == (State.UNDECIDED, ("MADE-002",))


def test_profiles_keep_the_order_of_the_catalogue() -> None:
    clauses = (replace(clause(1), profile="b"), replace(clause(2), profile="a"), replace(clause(3), profile="b"))
    assert [found.name for found in profiles(clauses, {}, OFFER)] == ["b", "a"]


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=6))
def test_conformant_needs_a_pass_and_bears_no_fail(verdicts: list[Verdict]) -> None:
    found = profile(*verdicts)
    if found.state is State.CONFORMANT:
        assert PASS in verdicts
        assert set(verdicts) <= {PASS, Verdict.NOT_APPLICABLE}
    assert (found.state is State.NOT_CONFORMANT) == (FAIL in verdicts)
    assert found.offered == (set(verdicts) != {Verdict.UNSUPPORTED})
