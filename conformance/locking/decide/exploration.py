"""Deciders of the exploring clauses."""

from __future__ import annotations

from pytest_vessel.judge import Decision, decides
from pytest_vessel.judge.exploring import nothing_is_broken
from pytest_vessel.observation.exploration import Exploration


@decides("LOCK-082", "LOCK-083", "LOCK-084", "LOCK-087", "LOCK-088", "LOCK-089", "LOCK-095", "LOCK-096")
def explored(seen: Exploration) -> Decision:
    """Source: LOCK-082, 083, 084, 087, 088, 089, 095, 096."""
    return nothing_is_broken(seen)
