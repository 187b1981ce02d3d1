"""Section D: what the log of a `prepare` says, and whether two logs can be compared."""

from __future__ import annotations

from os.path import basename

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides import loglines
from pytest_vessel.conformance.overrides.preparing import MANY, ground, prepared
from pytest_vessel.conformance.overrides.seen_log import Compared, Lengthened, Log
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

FURTHER = 100
"""So many characters one PARENT's path is longer than the other's."""

_SHOWN = 5


@clause("OVER-080", "OVER-083")
def test_paths_in_the_log(implementation: Implementation, judge: Judge) -> None:
    it = prepared(ground(implementation), traced=False, comparable=True)
    overrides = [line for line in loglines.messages(it.log) if it.overrides in line]
    copy = [line for line in it.log.splitlines() if it.copy in line]
    judge(Log(it.made, len(it.log.splitlines()), tuple(overrides[:_SHOWN]), tuple(copy[:_SHOWN])))


@clause("OVER-081")
def test_two_logs_alike(implementation: Implementation, judge: Judge) -> None:
    on = ground(implementation)
    _, first, second = (prepared(on, traced=False, comparable=True) for _ in range(3))  # the first finds nothing cached
    lines = [list(loglines.quiet(it.log, {basename(it.copy): "COPY"})) for it in (first, second)]
    judge(Compared(first.made, second.made, len(lines[0]), loglines.differences(*lines)[:_SHOWN]))


@clause("OVER-082")
def test_longer_parent(implementation: Implementation, judge: Judge) -> None:
    far = implementation.work / "parents" / ("x" * (FURTHER - 1))
    far.mkdir()
    short = prepared(ground(implementation, MANY), traced=False, comparable=True)
    long = prepared(ground(implementation, MANY, within=far), traced=False, comparable=True)
    sizes = [sum(map(len, loglines.messages(it.log))) for it in (short, long)]
    judge(Lengthened(short.made, long.made, FURTHER, (sizes[0], sizes[1])))
