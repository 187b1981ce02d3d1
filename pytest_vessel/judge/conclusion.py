"""From what a decider says to what a run concludes: declared exceptions, then known failures. Pure."""

from __future__ import annotations

from datetime import date

from pytest_vessel.clause import Clause
from pytest_vessel.judge.baseline import Baseline, Standing, standing
from pytest_vessel.judge.exception import declared, excepted, stale_exception
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Decision
from pytest_vessel.row import Row


def concluded(
    decision: Decision, row: Row, *, clause: Clause, offer: Offer, baseline: Baseline, today: date
) -> tuple[Decision, Standing]:
    """The decision that counts, and how it stands to what was known: the same in a run and in a replay."""
    reason = declared(clause, row.case, offer)
    final = excepted(decision, reason)
    stale = stale_exception(decision, reason, clause, offer)
    return final, stale or standing(final, baseline.of(row), today=today, updates=baseline.updates)
