"""Section E: calls that fail, programs that fail, and set-ups that are killed."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides import fault_checks as checks
from pytest_vessel.conformance.overrides.faults import (
    IDLE,
    SET_UP,
    below_overrides,
    executes,
    ground,
    makes_below_overrides,
    stage_of,
)
from pytest_vessel.conformance.overrides.few_files import swept
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.explorer import explore
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.exploration import Point
from pytest_vessel.system.bpf import CREATES, OPENS

_MAKING, _OPENING = (frozenset(one.name for one in some) for some in (CREATES, OPENS))
ERRORS = {"ENOSPC": _MAKING, "EMFILE": _OPENING, "EACCES": _MAKING | _OPENING}
"""Which calls can get which error."""


def _full(_point: Point) -> str:
    return "ENOSPC"


def _killed(_point: Point) -> str:
    return "kill"


@clause("OVER-090")
def test_room_for_few_files(implementation: Implementation, judge: Judge) -> None:
    judge(swept(ground(implementation)))


@clause("OVER-091")
def test_message_names_what_failed(implementation: Implementation, judge: Judge) -> None:
    stage = stage_of(ground(implementation), makes_below_overrides, checks.names_what_failed)
    judge(explore(stage, SET_UP, _full, implementation.settings))


@clause("OVER-092")
def test_nothing_stays_of_a_failure(implementation: Implementation, judge: Judge) -> None:
    stage = stage_of(ground(implementation), makes_below_overrides, checks.nothing_stays)
    judge(explore(stage, SET_UP, _full, implementation.settings))


@clause("OVER-093")
def test_each_call_fails(implementation: Implementation, case: str, judge: Judge) -> None:
    def answer(point: Point) -> str:
        return case if point.call in ERRORS[case] else ""

    stage = stage_of(ground(implementation), below_overrides, checks.complete_or_told)
    judge(explore(stage, SET_UP, answer, implementation.settings))


PROGRAMS = {
    "not-executed": (lambda _point: "EACCES", checks.complete_or_told, ""),
    "killed": (_killed, checks.complete, ""),
    "does-nothing": (lambda _point: "go", checks.complete, IDLE),
}
"""What becomes of a program that is to be executed, what is due then, and who sees to it."""


@clause("OVER-094")
def test_each_program_fails(implementation: Implementation, case: str, judge: Judge) -> None:
    answer, check, meanwhile = PROGRAMS[case]
    stage = stage_of(ground(implementation), executes, check)
    judge(explore(stage, SET_UP, answer, implementation.settings, meanwhile=meanwhile))


@clause("OVER-095")
def test_what_a_killed_set_up_leaves_goes(implementation: Implementation, judge: Judge) -> None:
    stage = stage_of(ground(implementation), below_overrides, checks.gone_after_the_next)
    judge(explore(stage, SET_UP, _killed, implementation.settings))
