"""The deciders of the locking suite: pure functions of what was seen; they also run in `pytest-vessel replay`."""

from pytest_vessel.conformance.locking.decide import (
    collect,
    copies,
    direct,
    exploration,
    handover,
    inside,
    kind,
    removal,
    strike,
    tool,
)

__all__ = ["collect", "copies", "direct", "exploration", "handover", "inside", "kind", "removal", "strike", "tool"]
