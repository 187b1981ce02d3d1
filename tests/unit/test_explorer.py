"""The explorer: which points are one, which schedules there are, which the budget takes, how a bad one is shortened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_vessel.errors import Inconclusive
from pytest_vessel.fixtures import explorer
from pytest_vessel.fixtures.explorer import explore, interleave, merged, rerun, shrunk, weighed
from pytest_vessel.fixtures.parties import Played, Stage
from pytest_vessel.observation.exploration import Breach, Move, Point, Schedule
from pytest_vessel.observation.schedule import read_schedule, written
from pytest_vessel.settings import Settings

LOCK = Point("fcntl", "PARENT/.ref", 1, "")
OPEN = Point("openat", "PARENT", 1, "PARENT/.ref shared")
LOCKED = Point("fcntl", "PARENT/.ref", 2, "PARENT/.ref shared")
CLOSE = Point("close", "SRC/.ref", 1, "")
MAKE = Point("mkdirat", "COPY", 1, "PARENT/.ref shared")
LINKS = [Point("linkat", "COPY/...", number, "PARENT/.ref shared") for number in range(1, 9)]
NOWHERE = cast(Stage, nullcontext)


def test_points_with_the_same_call_role_and_locks_are_one() -> None:
    assert [hold.point for hold in merged(weighed([LOCK, MAKE, *LINKS, LOCKED]))] == [LOCK, MAKE, LINKS[0], LOCKED]


def test_a_change_of_locks_is_a_point_of_its_own() -> None:
    """The same call is told apart where it is the first under these locks."""
    again = Point("linkat", "COPY/...", 9, "PARENT/.ref shared")
    assert [hold.point for hold in merged(weighed([*LINKS, CLOSE, again]))] == [LINKS[0], CLOSE, again]


def test_what_comes_before_and_after_a_change_of_locks_matters_most() -> None:
    seen = [OPEN, LOCK, MAKE, LINKS[0], OPEN, CLOSE]
    assert [hold.weight for hold in weighed(seen)] == [2, 0, 0, 1, 2, 0]


def test_a_party_has_asked_for_the_locks_that_it_made_calls_on_before() -> None:
    assert [hold.asked for hold in weighed([OPEN, LOCK, MAKE])] == [frozenset(), frozenset(), {"PARENT/.ref"}]


def held_at(point: Point) -> Schedule:
    return (Move("set-up", to=point), Move("pass"), Move("set-up"))


Broken = Callable[[Schedule], bool]


@pytest.fixture
def broken_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Broken], None]:
    """Say which schedules break something; each party comes to four points in each of its turns."""

    def play(_stage: Any, schedule: Schedule) -> Played:
        breach = Breach(schedule, "lock-stays", "locked") if broken[0](schedule) else None
        return Played(breach, True, tuple((LOCK, LOCKED, *LINKS[:2]) for _move in schedule))

    def choose(which: Broken) -> None:
        broken[0] = which

    broken: list[Broken] = [lambda _schedule: False]
    monkeypatch.setattr(explorer, "play", play)
    return choose


def holds(schedule: Schedule, *places: tuple[str, Point]) -> bool:
    return set(places) <= {(move.party, move.to) for move in schedule}


TURNS = ("set-up", "pass", "set-up", "pass")


@pytest.mark.usefixtures("broken_by")
def test_one_point_is_held_then_two_then_three() -> None:
    """Of the four points two are of one class."""
    explored = interleave(NOWHERE, TURNS, Settings("5eed", explore=1000))
    assert (explored.done, explored.of, explored.held, explored.calls) == (1 + 3 + 9 + 27, 40, 3, 4)


@pytest.mark.usefixtures("broken_by")
def test_without_a_budget_each_point_is_taken_alone() -> None:
    explored = interleave(NOWHERE, TURNS, Settings("5eed", explore=None))
    assert (explored.done, explored.of, explored.held) == (1 + 4, 5, 1)


@pytest.mark.usefixtures("broken_by")
def test_a_budget_ends_it_in_the_middle() -> None:
    explored = interleave(NOWHERE, TURNS, Settings("5eed", explore=6))
    assert (explored.done, explored.held) == (6, 2)
    assert explored.of > explored.done


def test_pairs_whose_programs_have_not_met_at_a_lock_file_come_later(broken_by: Callable[[Broken], None]) -> None:
    played: list[Schedule] = []
    broken_by(lambda schedule: bool(played.append(schedule)))
    interleave(NOWHERE, TURNS, Settings("5eed", explore=1000))
    first, second = (
        next(at for at, schedule in enumerate(played) if holds(schedule, ("set-up", point), ("pass", LOCKED)))
        for point in (LOCKED, LOCK)
    )
    assert first < second


def test_in_haste_the_first_breach_is_the_last_and_stays_as_it_is(broken_by: Callable[[Broken], None]) -> None:
    broken_by(lambda schedule: holds(schedule, ("set-up", LOCKED)))
    explored = interleave(NOWHERE, TURNS, Settings("5eed", hasty=True))
    (breach,) = explored.breaches
    assert holds(breach.schedule, ("set-up", LOCKED))
    assert breach.shortest == breach.schedule


@pytest.mark.parametrize(("meanwhile", "acts"), [("", ""), ("user", "user,")])
def test_a_party_is_cut_short_at_each_point(broken_by: Callable[[Broken], None], meanwhile: str, acts: str) -> None:
    played: list[str] = []
    broken_by(lambda schedule: bool(played.append(written(schedule))))
    explored = explore(
        NOWHERE, "pass", lambda point: "" if point == LOCK else "kill", Settings("5eed"), meanwhile=meanwhile
    )
    assert played == [
        "pass",
        f"pass@fcntl:PARENT/.ref:2,{acts}pass=kill",
        f"pass@linkat:COPY/...,{acts}pass=kill",
    ]
    assert (explored.done, explored.of, explored.calls) == (2, 2, 4)


def test_what_takes_two_held_points_is_found(broken_by: Callable[[Broken], None]) -> None:
    broken_by(lambda schedule: holds(schedule, ("set-up", LOCKED), ("pass", LOCK)))
    (breach, *_) = interleave(NOWHERE, TURNS, Settings("5eed", explore=20)).breaches
    assert written(breach.schedule) == "set-up@fcntl:PARENT/.ref:2,pass@fcntl:PARENT/.ref,set-up,pass"
    assert written(breach.shrunk) == "set-up@fcntl:PARENT/.ref:2,pass@fcntl:PARENT/.ref"


def test_three_breaches_are_enough(broken_by: Callable[[Broken], None]) -> None:
    broken_by(lambda schedule: any(move.to for move in schedule))
    explored = interleave(NOWHERE, TURNS, Settings("5eed", explore=20))
    assert (len(explored.breaches), explored.done, explored.held) == (3, 4, 1)


def test_an_outsider_acts_where_somebody_is_held(broken_by: Callable[[Broken], None]) -> None:
    broken_by(lambda schedule: holds(schedule, ("user", None), ("pass", LINKS[0])))
    (breach,) = interleave(NOWHERE, ("pass", "user"), Settings("5eed"), outsiders=("user",)).breaches
    assert written(breach.schedule) == "pass@linkat:COPY/...,user,pass"


def test_one_schedule_is_played_instead(broken_by: Callable[[Broken], None]) -> None:
    broken_by(lambda schedule: len(schedule) == 2)
    scene = SimpleNamespace(parties=("set-up", "pass"), outsiders={})
    explored = interleave(lambda: nullcontext(scene), TURNS, Settings("5eed", schedule="pass,set-up"))
    assert (explored.of, explored.done, [written(one.schedule) for one in explored.breaches]) == (1, 1, ["pass,set-up"])


def test_a_party_that_is_not_there_is_told() -> None:
    @contextmanager
    def stage() -> Any:
        yield SimpleNamespace(parties=("set-up",), outsiders={"user": str})

    with pytest.raises(Inconclusive, match="moves 'pass', whom this clause does not have") as caught:
        rerun(stage, read_schedule("set-up@fcntl,pass"))
    assert caught.value.mend == "It has: set-up, user."


def test_moves_that_a_failure_does_not_need_are_left_out(broken_by: Callable[[Broken], None]) -> None:
    """Here it needs the pass alone."""
    broken_by(lambda schedule: any(move.party == "pass" for move in schedule))
    breach = Breach(held_at(MAKE), "lock-stays", "locked")
    found = shrunk(NOWHERE, breach)
    assert (found.schedule, found.shrunk) == (breach.schedule, (Move("pass"),))


@pytest.mark.parametrize(("code", "reached"), [("hangs", True), ("lock-stays", False)])
def test_another_failure_is_not_taken_for_this_one(monkeypatch: pytest.MonkeyPatch, code: str, reached: bool) -> None:
    """Nor one on the way to which a point was not reached."""
    monkeypatch.setattr(
        explorer, "play", lambda _stage, schedule: Played(Breach(schedule, code, "it hangs"), reached, ())
    )
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
