"""The picture of a failure about locks: who did what, in which order, and which locks were held then. Pure.

    H   L   P
    o   .   .  holder holds an OFDLCK exclusive lock, whole file
    |   o   .  launcher starts (run)
    |   |   o  payload says that it runs; locks: OFDLCK exclusive lock, whole file
    o   |   |  holder releases its lock

A lane for each of them: `.` not there yet, or gone; `|` there; `o` does something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_vessel.record.scene import Event, Scene

ROWS = 11
"""More are cut out of the middle."""

_LANES = 6
_TEXT_WIDTH = 110
_HELD, _GOES = ": held back", ": goes on"


def timeline(scene: Scene | None) -> list[str]:
    """The lines, not escaped; none where nobody but a launcher did anything."""
    events = list(_joined(scene.events)) if scene is not None else []
    if len({event.who for event in events}) < 2:
        return []
    return drawn(events, rows=ROWS, left_out=scene.left_out if scene is not None else 0)


def drawn(events: Sequence[Event], *, rows: int, left_out: int = 0) -> list[str]:
    """The picture of these events, of at most so many rows."""
    lanes = list(dict.fromkeys(_lane(event.who) for event in events))[:_LANES]
    head = "  ".join(f"{_letter(lane):<2}" for lane in lanes).rstrip()
    return [head, *_cut(list(_rows(events, lanes)), rows, left_out)]


def _joined(events: Sequence[Event]) -> Iterator[Event]:
    """A call that is held back and goes on next is one row."""
    waiting: Event | None = None
    for event in events:
        if waiting is not None:
            joins = (event.who, event.what) == (waiting.who, waiting.what.replace(_HELD, _GOES))
            if joins:
                event = replace(event, what=waiting.what.replace(_HELD, ": held back, then goes on"))
            else:
                yield waiting
        waiting = event if event.what.endswith(_HELD) else None
        if waiting is None:
            yield event
    if waiting is not None:
        yield waiting


def _rows(events: Sequence[Event], lanes: Sequence[str]) -> Iterator[str]:
    there: set[str] = set()
    for event in events:
        acting = _lane(event.who)
        marks = ["o" if lane == acting else "|" if lane in there else "." for lane in lanes]
        there.add(acting)
        if event.mark == "end":
            there -= {acting, acting.replace("launcher", "payload")}
        yield "   ".join(marks) + "  " + _text(event)


def _text(event: Event) -> str:
    text = f"{event.who} {event.what}" + (f" ({event.times} times)" if event.times > 1 else "")
    if len(text) > _TEXT_WIDTH:
        text = text[: _TEXT_WIDTH - 3] + "..."
    return f"{text}; locks: {event.lock}" if event.lock else text


def _cut(rows: list[str], most: int, left_out: int) -> list[str]:
    if len(rows) > most or left_out:
        head, tail = rows[: most // 2], rows[most // 2 :]
        tail = tail[-(most - len(head) - 1) :]
        rows = [*head, f"... {len(rows) - len(head) - len(tail)} more", *tail]
        rows += [f"... and {left_out} later ones"] if left_out else []
    return rows


def _lane(who: str) -> str:
    """Other processes of a launcher act in its lane."""
    return who.partition("/")[0]


def _letter(lane: str) -> str:
    role, _, number = lane.partition(" ")
    return role[:1].upper() + number
