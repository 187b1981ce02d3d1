"""Schedules as text: the same in every run, and safe in a shell without quotes.

Moves, parted by commas; a move is `PARTY`, with `=ANSWER` where what the party was held at does not simply take place,
and with `@CALL:ROLE:NTH` where it is held again (`:1` is left out, and an empty role too)::

    set-up@fcntl:PARENT/.ref:2,pass,set-up
    pass@unlinkat:UNUSED/...,pass=kill
"""

from __future__ import annotations

import errno
import re

from pytest_vessel.observation.exploration import Move, Point, Schedule

_MOVE = re.compile(
    r"(?P<party>[a-z][a-z0-9-]*)"
    r"(=(?P<answer>kill|E[A-Z0-9]+))?"
    r"(@(?P<call>[a-z][a-z0-9_]*)(:(?P<role>[A-Za-z./]*))?(:(?P<nth>[1-9][0-9]*))?)?"
)


def written(schedule: Schedule) -> str:
    """A schedule as text."""
    return ",".join(map(_written, schedule))


def _written(move: Move) -> str:
    answer = "" if move.answer == "go" else f"={move.answer}"
    return f"{move.party}{answer}" + (f"@{_place(move.to)}" if move.to else "")


def _place(point: Point) -> str:
    words = [point.call, point.role, str(point.nth)] if point.nth > 1 else [point.call, point.role]
    return ":".join(words).rstrip(":")


def read_schedule(text: str) -> Schedule:
    """The reverse of `written`, but for the locks of the points, which decide nothing.

    Raises:
        ValueError: which word is no move, and why.
    """
    return tuple(map(_move, text.split(",")))


def _move(word: str) -> Move:
    found = _MOVE.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no move")
    answer = found["answer"] or "go"
    if answer not in ("go", "kill") and not hasattr(errno, answer):
        raise ValueError(f"{answer!r} is no error of this machine, in {word!r}")
    point = Point(found["call"], found["role"] or "", int(found["nth"] or 1)) if found["call"] else None
    return Move(found["party"], point, answer)
