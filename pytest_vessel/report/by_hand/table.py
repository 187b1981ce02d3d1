"""Which clause is shown by which kind of scene. A row for a case goes before one for its clause (its case `run`)."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.report.by_hand.capturing import CAPTURES
from pytest_vessel.report.by_hand.cleaning import CLEAN_UP
from pytest_vessel.report.by_hand.copying import COPIES
from pytest_vessel.report.by_hand.direct import DIRECT
from pytest_vessel.report.by_hand.overriding import OVERRIDES
from pytest_vessel.report.by_hand.preparing import PREPARED
from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios
from pytest_vessel.row import Row

SCENARIOS: Scenarios = {**DIRECT, **COPIES, **CLEAN_UP, **CAPTURES, **OVERRIDES, **PREPARED}

_UNNAMED = "strace cannot be told beforehand which calls are about a copy's file: its name is random"
_EXPLORED = "it takes an exploration: one run for each system call"
_HARD_LINKS = "the record does not keep hard links"
_UNWRITTEN = "nobody has written one for this case yet"

REASONS: Mapping[str, str] = {
    **dict.fromkeys(("LOCK-006[copy]", "LOCK-007[copy]", "LOCK-008[copy]", "LOCK-066[copy]"), _UNNAMED),
    **dict.fromkeys((f"LOCK-{number:03}" for number in (82, 83, 84, 87, 88, 89, 95, 96)), _EXPLORED),
    "OVER-020[hard-linked]": _HARD_LINKS,
    **dict.fromkeys((f"OVER-{number:03}" for number in (91, 92, 93, 95)), _EXPLORED),
    "OVER-019": _UNWRITTEN,
}
"""Clauses and cases that cannot be shown by hand, and why."""


def scenario_of(row: Row) -> Scenario | str:
    """The scenario of a row, or why there is none."""
    for name in (row.label, row.clause):
        if found := SCENARIOS.get(name) or REASONS.get(name):
            return found
    return _UNWRITTEN
