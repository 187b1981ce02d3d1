"""What a verdict means for a test run: the outcome in pytest's words, and the exit status. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum

from pytest_vessel.clause import Level
from pytest_vessel.judge.baseline import Expectation, Standing
from pytest_vessel.judge.verdict import Verdict

_RANK = {Level.MAY: 0, Level.SHOULD: 1, Level.MUST: 2}
_UNKNOWN = Standing()


class Outcome(StrEnum):
    """pytest's words."""

    PASSED = "passed"
    FAILED = "failed"
    XFAILED = "xfailed"
    SKIPPED = "skipped"


class Status(IntEnum):
    """Exit statuses, those of pytest with a sharper sense."""

    DECIDED = 0
    FAILED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_DECIDED = 5


def outcome(
    verdict: Verdict, level: Level, *, failing_level: Level, strict: bool = False, standing: Standing = _UNKNOWN
) -> Outcome:
    """The outcome of one case.

    A fail counts at `failing_level` or above, unless it is tolerated as known; a pass that is listed as a failure is
    stale, and fails at any level. `strict`: an undecided MUST fails.
    """
    if standing.expectation is Expectation.STALE and not standing.tolerated:
        return Outcome.FAILED
    if verdict is Verdict.PASS:
        return Outcome.PASSED
    if verdict is Verdict.ERROR:
        return Outcome.FAILED
    if verdict is Verdict.FAIL:
        if standing.tolerated or level is Level.FACT or _RANK[level] < _RANK[failing_level]:
            return Outcome.XFAILED
        return Outcome.FAILED
    if strict and level is Level.MUST and verdict is Verdict.INCONCLUSIVE:
        return Outcome.FAILED
    return Outcome.SKIPPED


def exit_status(own: int, verdicts: Iterable[Verdict], *, failures: int, lost: int) -> int:
    """The exit status of a whole run.

    Args:
        own: what the test runner would exit with; its interruptions and errors stay.
        verdicts: of all cases.
        failures: cases whose outcome is failed.
        lost: rows that no verdict came for, and that nobody left out knowingly.
    """
    if own not in (Status.DECIDED, Status.FAILED, Status.NOTHING_DECIDED):
        return own
    if failures or lost or own == Status.FAILED:
        return Status.FAILED
    return Status.DECIDED if any(verdict.decided for verdict in verdicts) else Status.NOTHING_DECIDED
