"""LOCK-082 to 084: every crash point and every interleaving of a set-up and a clean-up pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking.exploring import PASS, SET_UP, stage_of
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.explorer import explore
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.exploration import Exploration, Move, Point, Schedule
from pytest_vessel.system.bpf import DELETES, EXECS, RELEASES, SET_LOCKS

_ERRORS = {
    **dict.fromkeys((one.name for one in SET_LOCKS), "ENOLCK"),
    **dict.fromkeys((one.name for one in DELETES), "EIO"),
    **dict.fromkeys((one.name for one in (*RELEASES, *EXECS)), ""),
}
"""The error that a call may get: for those that are not named, ENOSPC; for those that cannot fail so, none."""


@clause("LOCK-084")
def test_interleavings(implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge) -> None:
    held, other = (PASS, SET_UP) if case == "pass-held" else (SET_UP, PASS)

    def schedules(point: Point) -> Iterable[Schedule]:
        yield Move(held, to=point), Move(other), Move(held)

    judge(_explored(implementation, vessel_holder, held, schedules))


@clause("LOCK-082")
def test_passes_that_are_cut_short(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    judge(_explored(implementation, vessel_holder, PASS, _cut_short(PASS, case)))


@clause("LOCK-083")
def test_set_ups_that_are_cut_short(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    judge(_explored(implementation, vessel_holder, SET_UP, _cut_short(SET_UP, case)))


@clause("LOCK-087")
def test_what_is_left_of_a_pass_goes(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    judge(_explored(implementation, vessel_holder, PASS, _cut_short(PASS, "killed"), finishing=True))


@clause("LOCK-088")
def test_what_is_left_of_a_set_up_goes(
    implementation: Implementation, vessel_holder: HolderFactory, judge: Judge
) -> None:
    judge(_explored(implementation, vessel_holder, SET_UP, _cut_short(SET_UP, "killed"), finishing=True))


def _cut_short(party: str, case: str) -> Callable[[Point], Iterable[Schedule]]:
    def schedules(point: Point) -> Iterable[Schedule]:
        answer = "kill" if case == "killed" else _ERRORS.get(point.call, "ENOSPC")
        if answer:
            yield Move(party, to=point), Move(party, answer=answer)

    return schedules


def _explored(
    implementation: Implementation,
    hold: HolderFactory,
    party: str,
    schedules: Callable[[Point], Iterable[Schedule]],
    *,
    finishing: bool = False,
) -> Exploration:
    settings = implementation.settings
    stage = stage_of(implementation, implementation.runtime(), hold, finishing=finishing, starting=party == SET_UP)
    return explore(stage, party, schedules, settings.explore, settings.seed)
