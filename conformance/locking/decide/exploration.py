"""Deciders of the exploring clauses."""

from __future__ import annotations

from pytest_vessel.judge import Decision, decides, fail, inconclusive, passed
from pytest_vessel.observation.exploration import Exploration


@decides("LOCK-082", "LOCK-083", "LOCK-084", "LOCK-087", "LOCK-088")
def nothing_is_broken(seen: Exploration) -> Decision:
    """Source: LOCK-082, 083, 084, 087, 088."""
    if seen.breaches:
        first = seen.breaches[0]
        schedule = "; ".join(map(str, first.shrunk or first.schedule))
        return fail("schedule", first.code, expected="nothing is broken", observed=f"{first.observed} ({schedule})")
    if seen.done <= seen.missed:
        return inconclusive("no system call on a file of the scene was seen, so there was nothing to hold")
    return passed(f"{seen.done - seen.missed} of {seen.of} points of {seen.calls} calls, nothing broken")
