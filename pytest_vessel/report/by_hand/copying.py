"""Scenes of mutable copies: their making, their lock, and what is left when somebody is killed."""

from __future__ import annotations

from pytest_vessel.report.by_hand.scenario import DELETES, MAKES, SLOW, Scenario, Scenarios

_EXPOSED = Scenario(
    "exposed", {"GUARD": "parent", "CALLS": f"fcntl,{MAKES}", "EXPECTED": "one of the two is locked"}, verb="copy"
)


def _swapped_copy(change: str, held: str = "no", *, of_parent: bool = True) -> Scenario:
    values = {"CHANGE": change, "HELD": held, "CALLS": f"fcntl,{MAKES}"}
    return Scenario("swapped-copy", values, verb="copy", last=True, of_parent=of_parent)


def _struck(signal: str, **values: str) -> Scenario:
    usual = {"SIGNAL": signal, "VICTIM": "launcher", "IGNORE": "no", "DAEMON": "no"}
    return Scenario("struck", {**usual, **values}, verb="copy", other="collect")


COPIES: Scenarios = {
    "LOCK-001[copy]": Scenario("use-kind", verb="copy"),
    "LOCK-002[copy]": Scenario("use-ofd", verb="copy"),
    "LOCK-003[copying-src]": Scenario("contend", {"KIND": "posix", "TOLD": "", **SLOW}, verb="copy"),
    "LOCK-003[parent-ref]": Scenario("contend", {"KIND": "posix", "TOLD": "", **SLOW}, verb="copy", of_parent=True),
    "LOCK-008[parent]": Scenario("no-locks", SLOW, verb="copy", of_parent=True),
    "LOCK-009[copy]": Scenario("strip", verb="copy"),
    "LOCK-011": Scenario("filling", {"WHAT": "entry", "CALLS": MAKES}, verb="copy"),
    "LOCK-012[copy]": Scenario("contend", {"KIND": "ofd", "TOLD": "", **SLOW}, verb="copy"),
    "LOCK-014": Scenario("filling", {"WHAT": "source", "CALLS": "getdents64,?link,linkat"}, verb="copy"),
    "LOCK-021[payload]": Scenario("free", verb="copy", of_parent=True),
    "LOCK-021[failure]": Scenario("failure", verb="copy", of_parent=True),
    "LOCK-021[setting-up]": Scenario("filling", {"WHAT": "copy", "CALLS": MAKES}, verb="copy", of_parent=True),
    "LOCK-022": Scenario("contend", {"KIND": "ofd", "TOLD": "", **SLOW}, verb="copy", of_parent=True),
    "LOCK-024": Scenario("told", verb="copy", of_parent=True),
    "LOCK-025[copy]": Scenario("beside", {"MODE": "shared"}, verb="copy", of_parent=True),
    "LOCK-025[collecting]": Scenario("beside", {"MODE": "shared"}, verb="copy", of_parent=True),
    "LOCK-026": Scenario("overlap", {"CALLS": MAKES}, verb="copy"),
    "LOCK-027": Scenario("beside", {"MODE": "exclusive"}, of_parent=True),
    "LOCK-028": Scenario("missing-parent", verb="copy"),
    **{
        f"LOCK-029[{what}]": Scenario("unusable-parent", {"WHAT": what}, verb="copy")
        for what in ("directory", "dangling-symlink", "fifo", "read-only-mount")
    },
    "LOCK-030": _EXPOSED,
    "LOCK-031[collect]": Scenario("survival", {"CALLS": MAKES}, verb="copy", other="collect"),
    "LOCK-031[copy]": Scenario("survival", {"CALLS": MAKES}, verb="copy", other="copy"),
    "LOCK-032[collect]": Scenario("held-pass", {"CALLS": DELETES}, verb="copy", other="collect", last=True),
    "LOCK-032[copy]": Scenario("held-pass", {"CALLS": DELETES}, verb="copy", other="copy", last=True),
    "LOCK-040": Scenario("names", verb="copy"),
    "LOCK-041": Scenario("own-file", verb="copy"),
    "LOCK-042": Scenario("use-shared", verb="copy"),
    "LOCK-043": Scenario(
        "exposed",
        {"GUARD": "copy", "CALLS": f"fcntl,{MAKES}", "EXPECTED": "locked from its first lock on"},
        verb="copy",
    ),
    "LOCK-044": Scenario("release", {"DAEMON": "no"}, verb="copy"),
    "LOCK-045": Scenario("release", {"DAEMON": "yes"}, verb="copy"),
    "LOCK-046[sigterm]": _struck("TERM", IGNORE="yes"),
    "LOCK-046[sigkill]": _struck("KILL", IGNORE="yes"),
    "LOCK-047": Scenario("abandoned", verb="copy"),
    "LOCK-048[sigterm]": _struck("TERM", DAEMON="yes"),
    "LOCK-048[sigterm-ignored]": _struck("TERM", DAEMON="yes", IGNORE="yes"),
    "LOCK-048[sigkill]": _struck("KILL", DAEMON="yes"),
    "LOCK-049[041]": Scenario("own-file", verb="copy"),
    "LOCK-049[042]": Scenario("use-shared", verb="copy"),
    "LOCK-049[030]": _EXPOSED,
    "LOCK-050[merged-usr]": Scenario("prepared", verb="prepare"),
    "LOCK-050[complete-root]": Scenario("prepared", verb="prepare"),
    "LOCK-051[copy]": Scenario("exposed", {"GUARD": "nobody", "CALLS": "fcntl", "EXPECTED": ""}, verb="copy"),
    "LOCK-051[copy-refused]": Scenario("refused-copy", SLOW, verb="copy"),
    "LOCK-052[copying-src-replaced]": _swapped_copy("replaced", of_parent=False),
    "LOCK-052[parent-replaced]": _swapped_copy("replaced"),
    "LOCK-052[parent-deleted]": _swapped_copy("deleted"),
    "LOCK-052[parent-waited]": _swapped_copy("replaced", "yes"),
    "LOCK-053[launcher]": _struck("KILL"),
    "LOCK-053[holder]": _struck("KILL", VICTIM="other"),
    "LOCK-053[supervisor]": _struck("KILL", VICTIM="other"),
    "LOCK-056[copy]": Scenario("descriptors", verb="copy"),
    "LOCK-057": Scenario("free", verb="copy"),
    "LOCK-060[copy]": Scenario("inside", verb="copy"),
    "LOCK-061[copy]": Scenario("inside", verb="copy"),
    "LOCK-062[copy]": Scenario("lock-inside", {"MODE": "shared", "ACCESS": "r"}, verb="copy"),
    "LOCK-063[copy]": Scenario("reported-inside", verb="copy"),
    "LOCK-064[copy]": Scenario("lock-inside", {"MODE": "exclusive", "ACCESS": "rw"}, verb="copy"),
    "LOCK-065": Scenario("private", verb="copy"),
    "LOCK-066[parent]": Scenario("message", SLOW, verb="copy", of_parent=True),
}
"""Clauses about the making of a copy, its lock, and who is killed."""
