"""The picture of who did what: lanes, order, bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.record.scene import Event, Scene
from pytest_vessel.report.timeline import ROWS, timeline

FREE, HELD = "no lock", "OFDLCK exclusive lock, whole file"


def scene(*events: Event, left_out: int = 0) -> Scene:
    return Scene(events=events, left_out=left_out)


def test_who_does_what_beside_whom() -> None:
    seen = scene(
        Event("holder", "holds a lock", "begin"),
        Event("launcher", "starts (run)", "begin"),
        Event("payload", "says that it runs", "begin", lock=HELD),
        Event("holder", "releases its lock", "end"),
        Event("launcher", "ends: status 1", "end", lock=FREE),
    )
    assert timeline(seen) == [
        "H   L   P",
        "o   .   .  holder holds a lock",
        "|   o   .  launcher starts (run)",
        f"|   |   o  payload says that it runs; locks: {HELD}",
        "o   |   |  holder releases its lock",
        f".   o   |  launcher ends: status 1; locks: {FREE}",
    ]


def test_a_second_start_has_lanes_of_its_own_and_the_first_is_gone() -> None:
    seen = scene(
        Event("launcher", "starts (run)", "begin"),
        Event("payload", "says that it runs", "begin"),
        Event("launcher", "ends", "end"),
        Event("launcher 2", "starts (run)", "begin"),
        Event("launcher 2/1", "calls openat: held back"),
    )
    assert timeline(seen)[0] == "L   P   L2"
    assert timeline(seen)[-1] == ".   .   o  launcher 2/1 calls openat: held back"


def test_a_call_that_is_held_back_and_goes_on_at_once_is_one_row() -> None:
    held, goes = Event("launcher", "calls F_SETLK: held back"), Event("launcher", "calls F_SETLK: goes on")
    payload = Event("payload", "runs")
    assert [row[7:] for row in timeline(scene(payload, held, goes))[2:]] == [
        "launcher calls F_SETLK: held back, then goes on"
    ]
    assert [row[7:] for row in timeline(scene(held, payload, goes))[1:]] == [
        "launcher calls F_SETLK: held back",
        "payload runs",
        "launcher calls F_SETLK: goes on",
    ]


def test_repeated_and_long_rows() -> None:
    seen = scene(Event("launcher", "calls unlinkat", times=7), Event("payload", "x" * 400))
    assert timeline(seen)[1].endswith("launcher calls unlinkat (7 times)")
    assert timeline(seen)[2].endswith("xxx...")
    assert len(timeline(seen)[2]) < 130


def test_the_middle_is_cut_and_what_was_not_recorded_is_said() -> None:
    events = [Event("launcher", "starts", "begin"), *(Event("payload", f"does {number}") for number in range(30))]
    lines = timeline(scene(*events, left_out=4))
    assert len(lines) == 1 + ROWS + 1
    assert lines[1].endswith("launcher starts")
    assert lines[6] == "... 21 more"
    assert lines[-2].endswith("payload does 29")
    assert lines[-1] == "... and 4 later ones"


def test_nothing_to_see() -> None:
    assert timeline(None) == []
    assert timeline(scene()) == []
    assert timeline(scene(Event("launcher", "starts"), Event("launcher", "ends"))) == []


WHO = st.sampled_from(["holder", "holder 2", "launcher", "launcher/1", "launcher 2", "payload", *"abcdefgh"])


@given(st.lists(st.builds(Event, WHO, st.text(max_size=20), st.sampled_from(["", "begin", "end"]))), st.integers(0, 3))
def test_it_is_always_bounded(events: list[Event], left_out: int) -> None:
    assert len(timeline(scene(*events, left_out=left_out))) <= ROWS + 2
