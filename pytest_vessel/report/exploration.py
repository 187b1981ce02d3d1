"""What an exploring clause has seen, for readers: the schedule that broke something, how it went, and others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pytest_vessel.judge.decider import decider_of, observation_type
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.observation.codec import from_json
from pytest_vessel.observation.exploration import Breach, Event, Exploration
from pytest_vessel.observation.schedule import written
from pytest_vessel.record import scene
from pytest_vessel.record.line import CaseLine
from pytest_vessel.report.timeline import drawn, timeline

ROWS = 24
"""More are cut out of the middle."""


def breaches_of(case: CaseLine, suite: str) -> Sequence[Breach]:
    """The schedules that a failed case is about, the first found first; none where it is about something else."""
    if case.verdict is not Verdict.FAIL or not case.judged:
        return ()
    if observation_type(decider_of(suite, case.row.clause, case.row.case)) is not Exploration:
        return ()
    return from_json(Exploration, case.observation).breaches


def schedule_lines(breaches: Sequence[Breach]) -> list[str]:
    """The moves of the first, shortened; and the text of what it was found as, where that is longer."""
    if not breaches:
        return []
    first = breaches[0]
    found = [f"(found as {written(first.schedule)})"] if first.schedule != first.shortest else []
    return [*map(str, first.shortest), *found]


def later_lines(breaches: Sequence[Breach]) -> list[str]:
    """A line for each breach but the first."""
    return [f"{one.observed}: {written(one.shortest)}" for one in breaches[1:]]


def picture(case: CaseLine, suite: str) -> list[str]:
    """The timeline of a case: of its first breach, where there is one, and else of all that happened."""
    breaches = breaches_of(case, suite)
    return drawn(list(_condensed(breaches[0].events)), rows=ROWS) if breaches else timeline(case.scene)


def _condensed(events: Sequence[Event]) -> Iterator[scene.Event]:
    """Calls that a party makes one after the other, under the same locks, in one row."""
    for (party, passed, locks), same in groupby(events, key=lambda event: (event.party, event.passed, event.locks)):
        what = [event.what for event in same]
        if passed and len(what) > 2:
            what = [f"{what[0]} ... {what[-1]} ({len(what)} calls)"]
        for text in what:
            yield scene.Event(party, text, lock=locks)
