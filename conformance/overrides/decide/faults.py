"""Deciders of section E."""

from __future__ import annotations

from pytest_vessel.judge import Decision, decides
from pytest_vessel.judge.exploring import nothing_is_broken
from pytest_vessel.observation.exploration import Exploration


@decides("OVER-091", "OVER-092", "OVER-093", "OVER-094", "OVER-095")
def explored(seen: Exploration) -> Decision:
    """Source: OVER-091 to 095."""
    return nothing_is_broken(seen)
