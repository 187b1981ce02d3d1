"""Scenes of copies that are made and run by nobody: how overrides are written, and what the log says of that."""

from __future__ import annotations

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios


def _prepared(name: str) -> Scenario:
    return Scenario(name, verb="prepare")


PREPARED: Scenarios = {
    "OVER-080": _prepared("log-relative"),
    "OVER-081": _prepared("log-alike"),
    "OVER-082": _prepared("log-longer"),
    "OVER-083": _prepared("log-copy"),
}
"""Clauses about the making of overrides and its log."""
