"""Scenes of copies that are made and run by nobody: how overrides are written, and what the log says of that."""

from __future__ import annotations

from typing import Any

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios, Values


def _prepared(name: str) -> Scenario:
    return Scenario(name, verb="prepare")


def _decoys(seen: Any) -> Values:
    return {"DECOYS": " ".join(seen["names"])}


PREPARED: Scenarios = {
    "OVER-060": _prepared("names-helpers"),
    "OVER-061": Scenario("names-beside", of_seen=_decoys, verb="prepare"),
    "OVER-062": Scenario("names-lookups", verb="prepare", other="prepare", other_name="second"),
    "OVER-063": _prepared("names-launcher"),
    "OVER-064": _prepared("names-opened"),
    "OVER-067": _prepared("planted"),
    "OVER-080": _prepared("log-relative"),
    "OVER-081": _prepared("log-alike"),
    "OVER-082": _prepared("log-longer"),
    "OVER-083": _prepared("log-copy"),
}
"""Clauses about the making of overrides and its log."""
