"""Scenes of captures: a provider and a container that were built for one question."""

from __future__ import annotations

from typing import Any

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios, Values

REFUSAL = "refusal"
"""What is due where no link is."""


def _due(seen: Any) -> Values:
    """The links that are due, and those of the capture that can be had, where there was one."""
    return {"DUE": _links(seen), "WITNESS": _links(seen["witness"]) if seen["witness"] else ""}


def _links(seen: Any) -> str:
    """`NAME=TARGET` for each."""
    wanted = seen["wanted"]
    return REFUSAL if wanted is None else " ".join(f"{link['name']}={link['target']}" for link in wanted)


def _capture(left: str) -> Scenario:
    """`left`: what a capture that failed may leave behind."""
    return Scenario("capture", {"LEFT": left}, of_seen=_due, verb="capture", other="capture", other_name="witness")


CAPTURES: Scenarios = {
    **dict.fromkeys(("OVER-007", "OVER-040", "OVER-041", "OVER-042", "OVER-043", "OVER-044"), _capture("anything")),
    "OVER-044[nothing-left]": _capture("nothing"),
}
"""Clauses about what is captured of a provider."""
