"""Verdicts in pytest's words, and the exit status of a run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.clause import Level
from pytest_vessel.judge.outcome import Outcome, Status, exit_status, outcome
from pytest_vessel.judge.verdict import Verdict

LEVELS = (Level.MUST, Level.SHOULD, Level.MAY)


@pytest.mark.parametrize(
    ("level", "failing", "expected"),
    [
        (Level.MUST, Level.MUST, Outcome.FAILED),
        (Level.SHOULD, Level.MUST, Outcome.XFAILED),
        (Level.MAY, Level.MUST, Outcome.XFAILED),
        (Level.SHOULD, Level.SHOULD, Outcome.FAILED),
        (Level.MAY, Level.SHOULD, Outcome.XFAILED),
        (Level.MAY, Level.MAY, Outcome.FAILED),
        (Level.FACT, Level.MAY, Outcome.XFAILED),
    ],
)
def test_fails(level: Level, failing: Level, expected: Outcome) -> None:
    assert outcome(Verdict.FAIL, level, failing_level=failing) is expected


@pytest.mark.parametrize("level", Level)
def test_errors_always_fail_and_passes_never(level: Level) -> None:
    for failing in LEVELS:
        assert outcome(Verdict.ERROR, level, failing_level=failing) is Outcome.FAILED
        assert outcome(Verdict.PASS, level, failing_level=failing, strict=True) is Outcome.PASSED


@given(st.sampled_from(Verdict), st.sampled_from(Level), st.sampled_from(LEVELS))
def test_strict_concerns_undecided_musts_alone(verdict: Verdict, level: Level, failing: Level) -> None:
    strict, lenient = (outcome(verdict, level, failing_level=failing, strict=one) for one in (True, False))
    if (verdict, level) == (Verdict.INCONCLUSIVE, Level.MUST):
        assert (strict, lenient) == (Outcome.FAILED, Outcome.SKIPPED)
    else:
        assert strict is lenient


@given(st.sampled_from(Verdict), st.sampled_from(Level), st.sampled_from(LEVELS), st.booleans())
def test_only_a_pass_looks_like_one(verdict: Verdict, level: Level, failing: Level, strict: bool) -> None:
    shown = outcome(verdict, level, failing_level=failing, strict=strict)
    assert (shown is Outcome.PASSED) == (verdict is Verdict.PASS)


@pytest.mark.parametrize(
    ("own", "verdicts", "failures", "lost", "expected"),
    [
        (0, [Verdict.PASS], 0, 0, Status.DECIDED),
        (0, [Verdict.FAIL], 0, 0, Status.DECIDED),  # below the level
        (0, [Verdict.UNSUPPORTED, Verdict.FACT], 0, 0, Status.NOTHING_DECIDED),
        (0, [], 0, 0, Status.NOTHING_DECIDED),
        (5, [Verdict.PASS], 0, 0, Status.DECIDED),
        (5, [], 0, 1, Status.FAILED),
        (0, [Verdict.PASS], 0, 1, Status.FAILED),
        (0, [Verdict.FAIL], 1, 0, Status.FAILED),
        (1, [Verdict.PASS], 0, 0, Status.FAILED),
        (2, [Verdict.FAIL], 1, 1, Status.INTERRUPTED),
        (3, [Verdict.PASS], 0, 0, Status.INTERNAL_ERROR),
        (4, [], 0, 1, Status.USAGE),
    ],
)
def test_exit_status(own: int, verdicts: list[Verdict], failures: int, lost: int, expected: Status) -> None:
    assert exit_status(own, verdicts, failures=failures, lost=lost) == expected


@given(st.integers(0, 5), st.lists(st.sampled_from(Verdict)), st.integers(0, 3), st.integers(0, 3))
def test_zero_needs_a_decision_and_no_loss(own: int, verdicts: list[Verdict], failures: int, lost: int) -> None:
    if exit_status(own, verdicts, failures=failures, lost=lost) == 0:
        assert any(verdict.decided for verdict in verdicts)
        assert failures == lost == 0
