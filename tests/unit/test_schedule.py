"""Schedules as text: there and back, safe in a shell, and refused with the word that is wrong."""

from __future__ import annotations

import errno
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.observation.exploration import Move, Point
from pytest_vessel.observation.schedule import read_schedule, written

ROLES = ("", "SRC", "SRC/.ref", "SRC/...", "PARENT/.ref", "COPY", "COPY/.ref", "UNUSED/...", "ASIDE")
POINTS = st.builds(Point, st.sampled_from(("fcntl", "openat2", "execve")), st.sampled_from(ROLES), st.integers(1, 999))
ANSWERS = st.sampled_from(("go", "kill", *errno.errorcode.values()))
MOVES = st.builds(Move, st.sampled_from(("set-up", "pass", "second")), st.none() | POINTS, ANSWERS)


@given(st.lists(MOVES, min_size=1, max_size=6).map(tuple))
def test_what_is_written_is_read_again(schedule: tuple[Move, ...]) -> None:
    assert read_schedule(written(schedule)) == schedule


@given(st.lists(MOVES, min_size=1, max_size=6).map(tuple))
def test_no_shell_makes_anything_of_it(schedule: tuple[Move, ...]) -> None:
    assert shlex.quote(written(schedule)) == written(schedule)


def test_it_is_short() -> None:
    held = Move("set-up", Point("fcntl", "PARENT/.ref", 2, "SRC/.ref shared"))
    assert written((held, Move("pass"), Move("set-up", answer="kill"))) == (
        "set-up@fcntl:PARENT/.ref:2,pass,set-up=kill"
    )
    assert (
        written((Move("pass", Point("execve", "", 2)), Move("pass", Point("execve", ""))))
        == "pass@execve::2,pass@execve"
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "'' is no move"),
        ("set-up,,pass", "'' is no move"),
        ("set-up;pass", "'set-up;pass' is no move"),
        ("set-up@", "'set-up@' is no move"),
        ("set-up@fcntl:PARENT/.ref:0", "'set-up@fcntl:PARENT/.ref:0' is no move"),
        ("pass,set-up=die", "'set-up=die' is no move"),
        ("set-up=ENOTHING", "'ENOTHING' is no error of this machine, in 'set-up=ENOTHING'"),
    ],
)
def test_what_is_no_schedule_is_named(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="is no") as caught:
        read_schedule(text)
    assert str(caught.value) == wrong
