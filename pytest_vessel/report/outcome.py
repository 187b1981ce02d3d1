"""A case in pytest's words: its outcome, and the letter and word that stand for it. Pure."""

from __future__ import annotations

from pytest_vessel.clause import Level
from pytest_vessel.judge.baseline import Expectation
from pytest_vessel.judge.outcome import Outcome, outcome
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine
from pytest_vessel.settings import Settings

_LETTERS = {
    Verdict.PASS: ".",
    Verdict.FAIL: "F",
    Verdict.ERROR: "E",
    Verdict.UNSUPPORTED: "u",
    Verdict.NOT_APPLICABLE: "n",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_RUN: "-",
    Verdict.FACT: "i",
}


def outcome_of(line: CaseLine, settings: Settings) -> Outcome:
    """The outcome of a case in a run with these settings."""
    level = Level(settings.level)
    return outcome(line.verdict, line.level, failing_level=level, strict=settings.strict, standing=line.standing)


def status_of(line: CaseLine, shown: Outcome) -> tuple[str, str, str]:
    """What pytest's progress shows: the category that is counted, a letter, a word."""
    word = str(line.verdict).upper()
    if shown is Outcome.FAILED and line.expectation is Expectation.STALE:
        return shown, "F", f"{word} (stale: listed as a failure)"
    if shown in (Outcome.PASSED, Outcome.FAILED):
        return shown, _LETTERS[line.verdict], word
    if shown is Outcome.XFAILED:
        return shown, "x", f"{word} ({_tolerance(line)})"
    return str(line.verdict), _LETTERS[line.verdict], word


def _tolerance(line: CaseLine) -> str:
    """Why a fail does not count."""
    if not line.tolerated:
        return "below the level"
    if line.expectation is Expectation.EXPIRED:
        return "known, expired"
    return "known" if line.expectation is Expectation.EXPECTED else "goes into the baseline"
