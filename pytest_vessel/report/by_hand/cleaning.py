"""Scenes of clean-up: one pass over the folder of copies."""

from __future__ import annotations

from pytest_vessel.report.by_hand.scenario import DELETES, SLOW, Scenario, Scenarios, deleting_call


def _kept(mode: str = "shared", kind: str = "ofd", **values: str) -> Scenario:
    """A pass beside a lock."""
    usual = {"HELD": "copy", "LINKED": "no", "MAY_WAIT": "yes", "START": "0", "LENGTH": "0"}
    return Scenario("kept", {**usual, "MODE": mode, "KIND": kind, **values}, verb="collect")


def _collected(what: str, may_stay: str = "no") -> Scenario:
    """A pass over something that nobody uses."""
    return Scenario("collected", {"WHAT": what, "MAY_STAY": may_stay}, verb="collect")


CLEAN_UP: Scenarios = {
    "LOCK-005[copy]": _kept(START="1000", LENGTH="1"),
    "LOCK-023[exclusive]": _kept("exclusive", HELD="parent"),
    "LOCK-023[exclusive-posix]": _kept("exclusive", "posix", HELD="parent"),
    "LOCK-052[copy-replaced]": Scenario("mistaken", {"VICTIM": "copy", **SLOW}, verb="collect"),
    "LOCK-058": _collected("linked"),
    **{f"LOCK-070[{what}]": _collected(what) for what in ("unlocked", "no-ref", "empty", "half-copied")},
    "LOCK-070[beside-used]": Scenario("beside-used", verb="collect"),
    **{f"LOCK-071[{mode}-{kind}]": _kept(mode, kind) for mode in ("shared", "exclusive") for kind in ("ofd", "posix")},
    "LOCK-071[first-half]": _kept(LENGTH="1099511627776"),
    "LOCK-071[second-half]": _kept(START="1099511627776"),
    "LOCK-072[locked]": _kept(LINKED="yes"),
    **{
        f"LOCK-073[{what}]": Scenario("no-copy", {"WHAT": what}, verb="collect")
        for what in ("other-name", "lock-file", "plain-file", "symlink")
    },
    "LOCK-075": _collected("links-out"),
    **{
        f"LOCK-076[{what}]": _collected(what, "yes") for what in ("symlink-out", "symlink-to-nothing", "folder", "fifo")
    },
    "LOCK-077": _collected("dangling"),
    "LOCK-078": Scenario("undeletable", {"CALLS": DELETES}, verb="collect"),
    "LOCK-079[parent-lock]": Scenario("pass-lock", {"CALLS": DELETES}, verb="collect"),
    "LOCK-079[no-wait]": _kept(MAY_WAIT="no"),
    "LOCK-080[shared]": _kept(HELD="parent"),
    "LOCK-080[shared-posix]": _kept("shared", "posix", HELD="parent"),
    "LOCK-085[copy]": Scenario("deletion-copy", of_seen=deleting_call, verb="collect"),
    "LOCK-086[copy]": _kept(),
}
"""Clauses about a clean-up pass over copies."""
