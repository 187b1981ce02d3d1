"""Deciders of the exploring clauses."""

from __future__ import annotations

from pytest_vessel.judge import Decision, decides, fail, inconclusive, passed
from pytest_vessel.observation.exploration import Exploration


@decides("LOCK-082", "LOCK-083", "LOCK-084", "LOCK-087", "LOCK-088", "LOCK-089", "LOCK-095", "LOCK-096")
def nothing_is_broken(seen: Exploration) -> Decision:
    """Source: LOCK-082, 083, 084, 087, 088, 089, 095, 096."""
    if seen.breaches:
        first = seen.breaches[0]
        schedule = "; ".join(map(str, first.shortest))
        return fail("schedule", first.code, expected="nothing is broken", observed=f"{first.observed} ({schedule})")
    if not seen.calls:
        return inconclusive("no system call on a file of the scene was seen, so there was nothing to hold")
    if seen.done <= seen.missed:
        return inconclusive("a point of the schedule was not reached", mend="Explore again, without --vessel-schedule.")
    several = f", up to {seen.held} held at once" if seen.held > 1 else ""
    done = f"{seen.done - seen.missed} of {seen.of} schedules at {seen.calls} calls{several}"
    return passed(f"{done}: nothing broken")
