"""Scenes of copies that are made and run by nobody: how overrides are written, and what the log says of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios, Values


def _prepared(name: str, of_seen: Callable[[Any], Values] = lambda _seen: {}, **values: str) -> Scenario:
    return Scenario(name, values, of_seen, verb="prepare")


def _compared(name: str) -> Scenario:
    """The first and the last copy of the case: of other runtimes and providers."""
    return Scenario(name, verb="prepare", other="prepare", other_name="second")


def _decoys(seen: Any) -> Values:
    return {"DECOYS": " ".join(seen["names"])}


_DELAY_US = "500000"


PREPARED: Scenarios = {
    "OVER-060": _prepared("names-helpers"),
    "OVER-061": _prepared("names-beside", _decoys),
    "OVER-062": _compared("names-lookups"),
    "OVER-063": _prepared("names-launcher"),
    "OVER-064": _prepared("names-opened"),
    "OVER-065": _prepared("swapped-overrides", PART="lib", DELAY_US=_DELAY_US),
    "OVER-066": _prepared("swapped-overrides", PART="share", DELAY_US=_DELAY_US),
    "OVER-067": _prepared("planted"),
    "OVER-080": _prepared("log-relative"),
    "OVER-081": _prepared("log-alike"),
    "OVER-082": _compared("log-longer"),
    "OVER-083": _prepared("log-copy"),
}
"""Clauses about the making of overrides and its log."""
