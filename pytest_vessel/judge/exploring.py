"""What an exploration decides, in every suite."""

from __future__ import annotations

from pytest_vessel.judge.verdict import Decision, fail, inconclusive, passed
from pytest_vessel.observation.exploration import Exploration


def nothing_is_broken(seen: Exploration) -> Decision:
    """A pass where schedules were played to their points, and none broke anything."""
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
