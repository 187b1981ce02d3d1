"""The explorer: which points are one, which schedules the budget takes, and how a failing one is made shorter."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

import pytest

from pytest_vessel.fixtures import explorer
from pytest_vessel.fixtures.explorer import Stage, chosen, merged, shrunk
from pytest_vessel.observation.exploration import Breach, Move, Point, Schedule

LOCK = Point("fcntl", "PARENT/.ref", 1, "")
LOCKED = Point("fcntl", "PARENT/.ref", 2, "PARENT/.ref shared")
MAKE = Point("mkdirat", "COPY", 1, "PARENT/.ref shared")
LINKS = [Point("linkat", "COPY/...", number, "PARENT/.ref shared") for number in range(1, 9)]
NOWHERE = cast(Stage, nullcontext)


def test_points_with_the_same_call_role_and_locks_are_one() -> None:
    assert merged([LOCK, MAKE, *LINKS, LOCKED]) == [LOCK, MAKE, LINKS[0], LOCKED]


def held_at(point: Point) -> Schedule:
    return (Move("set-up", to=point), Move("pass"), Move("set-up"))


def test_all_schedules_are_taken_where_there_is_room() -> None:
    schedules = [held_at(point) for point in (*LINKS, LOCK)]
    assert chosen(schedules, 9, "5eed") == chosen(schedules, None, "5eed") == schedules


def test_what_changes_a_lock_comes_first() -> None:
    schedules = [held_at(point) for point in (*LINKS, LOCK, LOCKED)]
    assert set(chosen(schedules, 2, "5eed")) == {held_at(LOCK), held_at(LOCKED)}


def test_the_seed_chooses_among_equals() -> None:
    schedules = [held_at(point) for point in LINKS]
    assert chosen(schedules, 3, "5eed") == chosen(schedules, 3, "5eed")
    assert len({tuple(chosen(schedules, 3, str(seed))) for seed in range(20)}) > 1


def test_moves_that_a_failure_does_not_need_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it needs the pass alone."""

    def play(_stage: Any, schedule: Schedule) -> tuple[Breach | None, bool]:
        broken = any(move.party == "pass" for move in schedule)
        return (Breach(schedule, "lock-stays", "locked") if broken else None), True

    monkeypatch.setattr(explorer, "play", play)
    breach = Breach(held_at(MAKE), "lock-stays", "locked")
    found = shrunk(NOWHERE, breach)
    assert (found.schedule, found.shrunk) == (breach.schedule, (Move("pass"),))


def test_another_failure_is_not_taken_for_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "play", lambda _stage, schedule: (Breach(schedule, "hangs", "it hangs"), True))
    breach = Breach(held_at(MAKE), "lock-stays", "locked")
    assert shrunk(NOWHERE, breach).shrunk == breach.schedule


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (Move("pass"), "pass: goes on"),
        (Move("pass", to=LINKS[2]), "pass: held before linkat COPY/... #3"),
        (Move("set-up", answer="kill"), "set-up: killed, goes on"),
        (Move("set-up", to=LOCK, answer="EIO"), "set-up: gets EIO, held before fcntl PARENT/.ref"),
    ],
)
def test_moves_are_told_in_words(move: Move, words: str) -> None:
    assert str(move) == words
