"""LOCK-082 to 084: every crash point and every interleaving of a set-up and a clean-up pass."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking.exploring import PASS, SET_UP, stage_of
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.explorer import explore, learn, merged
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.exploration import Move

OTHER = {SET_UP: PASS, PASS: SET_UP}


@clause("LOCK-084")
def test_interleavings(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    held = PASS if case == "pass-held" else SET_UP
    stage = stage_of(implementation, implementation.runtime(), vessel_holder, finishing=True, starting=False)
    points = learn(stage, held)
    schedules = [(Move(held, to=point), Move(OTHER[held]), Move(held)) for point in merged(points)]
    judge(explore(stage, schedules, len(points), 200, "0"))
