"""The end of a run with `--vessel-baseline-update`: the file is written anew, or it is said why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.baselines.update import update
from pytest_vessel.context import Context
from pytest_vessel.errors import BaselineError
from pytest_vessel.judge.outcome import Status
from pytest_vessel.record.line import CaseLine, Started


@dataclass(frozen=True)
class Refreshed:
    """What became of the file, in a line, and with which status the run ends."""

    text: str
    status: int

    @property
    def style(self) -> str:
        """The colour that repeats it."""
        return "red" if self.text.startswith("baseline not updated") else "green"


def refresh(context: Context, started: Started, cases: Sequence[CaseLine], incomplete: str, status: int) -> Refreshed:
    """Update the file of the settings from the cases of a run.

    Args:
        incomplete: what the run left out; empty where it is complete.
        status: what it would exit with.
    """
    path = Path(str(context.settings.baseline))
    if incomplete or status in (Status.INTERRUPTED, Status.INTERNAL_ERROR):
        why = incomplete or "the run did not end well"
        ended = status if status in (Status.INTERRUPTED, Status.INTERNAL_ERROR) else Status.USAGE
        return Refreshed(f"baseline not updated: {why}; only a complete run may write {path}", ended)
    arrived = {line.row: line.decision for line in cases}
    seen = {row: arrived[row] for row in context.due}
    kernel = started.environment["kernel"]
    try:
        done = update(path, seen, catalogue=context.catalogue, offers=context.offers, kernel=kernel)
    except BaselineError as problem:
        return Refreshed(f"baseline not updated: {problem}".replace("\n", ""), Status.USAGE)
    return Refreshed(f"baseline updated: {done} ({path})", status)
