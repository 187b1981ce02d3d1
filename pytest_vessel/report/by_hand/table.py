"""Which clause is shown by which kind of scene. A row for a case goes before one for its clause (its case `run`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_vessel.row import Row

Values = Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """One kind of scene, and what varies in it.

    Attributes:
        scene: name of its shell text.
        values: shell variables that it reads.
        of_seen: more of them, out of the observation.
        verb: what is under test: in the scene `remove` is `remover`, `collect` is `cleaner`, everything else `subject`.
        last: whether the last start of the verb is the one to show, where they differ.
        cleaner: the verb that cleans up beside `copy`: `cleaner` in the scene, its other start where both are one verb.
        of_parent: whether `$REF` is the lock file of the folder of copies.
        read_only_ref: `.ref` may be read by the unprivileged user, and not be written.
    """

    scene: str
    values: Values = field(default_factory=dict)
    of_seen: Callable[[Any], Values] = lambda _seen: {}
    verb: str = "run"
    last: bool = False
    cleaner: str = ""
    of_parent: bool = False
    read_only_ref: bool = False


def scenario_of(row: Row) -> Scenario | str:
    """The scenario of a row, or why there is none."""
    of_clause = SCENARIOS.get(row.clause) if row.case in ("", "run") else None  # not what it is about a copy
    found = SCENARIOS.get(row.label) or of_clause
    return found or REASONS.get(row.label) or REASONS.get(row.clause) or "nobody has written one for this case yet"


def _deleting_call(seen: Any) -> Values:
    """The call before which a lock was granted and after which something was gone, or else the first of all."""
    attempts = (seen or {}).get("attempts") or [{"call": "unlinkat"}]
    lost = [one for one in attempts if one.get("granted") and one.get("lost")]
    return {"CALL": str((lost or attempts)[0]["call"])}


_SLOW = {"DELAY_US": "1500000"}
_SLOWER = {"DELAY_US": "3000000"}

_MAKES = "?mkdir,mkdirat,?link,linkat,?symlink,symlinkat"
_DELETES = "?unlink,unlinkat,?rmdir,?rename,?renameat,renameat2"
_READS = "getdents64,?link,linkat"

_WHOLE = {"START": "0", "LENGTH": "0"}


def _kept(mode: str = "shared", kind: str = "ofd", **values: str) -> Scenario:
    """A pass beside a lock."""
    usual = {"HELD": "copy", "LINKED": "no", "MAY_WAIT": "yes", **_WHOLE}
    return Scenario("kept", {**usual, "MODE": mode, "KIND": kind, **values}, verb="collect")


def _collected(what: str, may_stay: str = "no") -> Scenario:
    """A pass over something that nobody uses."""
    return Scenario("collected", {"WHAT": what, "MAY_STAY": may_stay}, verb="collect")


_CLEAN_UP: Mapping[str, Scenario] = {
    "LOCK-005[copy]": _kept(START="1000", LENGTH="1"),
    "LOCK-023[exclusive]": _kept("exclusive", HELD="parent"),
    "LOCK-023[exclusive-posix]": _kept("exclusive", "posix", HELD="parent"),
    **{f"LOCK-070[{what}]": _collected(what) for what in ("unlocked", "no-ref", "empty", "half-copied")},
    "LOCK-070[beside-used]": Scenario("beside-used", verb="collect"),
    **{f"LOCK-071[{mode}-{kind}]": _kept(mode, kind) for mode in ("shared", "exclusive") for kind in ("ofd", "posix")},
    "LOCK-071[first-half]": _kept(LENGTH="1099511627776"),
    "LOCK-071[second-half]": _kept(START="1099511627776"),
    "LOCK-072[locked]": _kept(LINKED="yes"),
    "LOCK-058": _collected("linked"),
    **{
        f"LOCK-073[{what}]": Scenario("no-copy", {"WHAT": what}, verb="collect")
        for what in ("other-name", "lock-file", "plain-file", "symlink")
    },
    "LOCK-075": _collected("links-out"),
    **{
        f"LOCK-076[{what}]": _collected(what, "yes") for what in ("symlink-out", "symlink-to-nothing", "folder", "fifo")
    },
    "LOCK-077": _collected("dangling"),
    "LOCK-052[copy-replaced]": Scenario("mistaken", {"VICTIM": "copy"}, verb="collect"),
    "LOCK-085[copy]": Scenario("deletion-copy", of_seen=_deleting_call, verb="collect"),
    "LOCK-078": Scenario("undeletable", {"CALLS": _DELETES}, verb="collect"),
    "LOCK-079[parent-lock]": Scenario("pass-lock", {"CALLS": _DELETES}, verb="collect"),
    "LOCK-079[no-wait]": _kept(MAY_WAIT="no"),
    "LOCK-080[shared]": _kept(HELD="parent"),
    "LOCK-080[shared-posix]": _kept("shared", "posix", HELD="parent"),
    "LOCK-086[copy]": _kept(),
}

_EXPOSED = Scenario("exposed", {"GUARD": "parent", "CALLS": f"fcntl,{_MAKES}", "EXPECTED": "one of the two is locked"}, verb="copy")


def _swapped_copy(change: str, held: str = "no", *, of_parent: bool = True) -> Scenario:
    values = {"CHANGE": change, "HELD": held, "CALLS": f"fcntl,{_MAKES}"}
    return Scenario("swapped-copy", values, verb="copy", last=True, of_parent=of_parent)


def _struck(signal: str, **values: str) -> Scenario:
    usual = {"SIGNAL": signal, "VICTIM": "launcher", "IGNORE": "no", "DAEMON": "no"}
    return Scenario("struck", {**usual, **values}, verb="copy", cleaner="collect")


_COPY: Mapping[str, Scenario] = {
    "LOCK-001[copy]": Scenario("use-kind", verb="copy"),
    "LOCK-002[copy]": Scenario("use-ofd", verb="copy"),
    "LOCK-003[copying-src]": Scenario("contend", {"KIND": "posix", "TOLD": "", **_SLOW}, verb="copy"),
    "LOCK-003[parent-ref]": Scenario(
        "contend", {"KIND": "posix", "TOLD": "", **_SLOW}, verb="copy", of_parent=True
    ),
    "LOCK-008[parent]": Scenario("no-locks", _SLOW, verb="copy", of_parent=True),
    "LOCK-066[parent]": Scenario("message", _SLOW, verb="copy", of_parent=True),
    "LOCK-009[copy]": Scenario("strip", verb="copy"),
    "LOCK-056[copy]": Scenario("descriptors", verb="copy"),
    "LOCK-012[copy]": Scenario("contend", {"KIND": "ofd", "TOLD": "", **_SLOW}, verb="copy"),
    "LOCK-021[payload]": Scenario("free", verb="copy", of_parent=True),
    "LOCK-021[failure]": Scenario("failure", verb="copy", of_parent=True),
    "LOCK-022": Scenario("contend", {"KIND": "ofd", "TOLD": "", **_SLOW}, verb="copy", of_parent=True),
    "LOCK-024": Scenario("told", verb="copy", of_parent=True),
    "LOCK-025[copy]": Scenario("beside", {"MODE": "shared"}, verb="copy", of_parent=True),
    "LOCK-025[collecting]": Scenario("beside", {"MODE": "shared"}, verb="copy", of_parent=True),
    "LOCK-027": Scenario("beside", {"MODE": "exclusive"}, of_parent=True),
    "LOCK-028": Scenario("missing-parent", verb="copy"),
    **{
        f"LOCK-029[{what}]": Scenario("unusable-parent", {"WHAT": what}, verb="copy")
        for what in ("directory", "dangling-symlink", "fifo", "read-only-mount")
    },
    "LOCK-040": Scenario("names", verb="copy"),
    "LOCK-041": Scenario("own-file", verb="copy"),
    "LOCK-042": Scenario("use-shared", verb="copy"),
    "LOCK-044": Scenario("release", {"DAEMON": "no"}, verb="copy"),
    "LOCK-045": Scenario("release", {"DAEMON": "yes"}, verb="copy"),
    "LOCK-049[041]": Scenario("own-file", verb="copy"),
    "LOCK-049[042]": Scenario("use-shared", verb="copy"),
    "LOCK-050[merged-usr]": Scenario("prepared", verb="prepare"),
    "LOCK-050[complete-root]": Scenario("prepared", verb="prepare"),
    "LOCK-057": Scenario("free", verb="copy"),
    "LOCK-060[copy]": Scenario("inside", verb="copy"),
    "LOCK-061[copy]": Scenario("inside", verb="copy"),
    "LOCK-062[copy]": Scenario("lock-inside", {"MODE": "shared", "ACCESS": "r"}, verb="copy"),
    "LOCK-063[copy]": Scenario("reported-inside", verb="copy"),
    "LOCK-064[copy]": Scenario("lock-inside", {"MODE": "exclusive", "ACCESS": "rw"}, verb="copy"),
    "LOCK-065": Scenario("private", verb="copy"),
    "LOCK-011": Scenario("filling", {"WHAT": "entry", "CALLS": _MAKES}, verb="copy"),
    "LOCK-014": Scenario("filling", {"WHAT": "source", "CALLS": _READS}, verb="copy"),
    "LOCK-021[setting-up]": Scenario("filling", {"WHAT": "copy", "CALLS": _MAKES}, verb="copy", of_parent=True),
    "LOCK-026": Scenario("overlap", {"CALLS": _MAKES}, verb="copy"),
    "LOCK-030": _EXPOSED,
    "LOCK-031[collect]": Scenario("survival", {"CALLS": _MAKES}, verb="copy", cleaner="collect"),
    "LOCK-031[copy]": Scenario("survival", {"CALLS": _MAKES}, verb="copy", cleaner="copy"),
    "LOCK-032[collect]": Scenario("held-pass", {"CALLS": _DELETES}, verb="copy", cleaner="collect", last=True),
    "LOCK-032[copy]": Scenario("held-pass", {"CALLS": _DELETES}, verb="copy", cleaner="copy", last=True),
    "LOCK-043": Scenario("exposed", {"GUARD": "copy", "CALLS": f"fcntl,{_MAKES}", "EXPECTED": "locked from its first lock on"}, verb="copy"),
    "LOCK-046[sigterm]": _struck("TERM", IGNORE="yes"),
    "LOCK-046[sigkill]": _struck("KILL", IGNORE="yes"),
    "LOCK-047": Scenario("abandoned", verb="copy"),
    "LOCK-048[sigterm]": _struck("TERM", DAEMON="yes"),
    "LOCK-048[sigterm-ignored]": _struck("TERM", DAEMON="yes", IGNORE="yes"),
    "LOCK-048[sigkill]": _struck("KILL", DAEMON="yes"),
    "LOCK-049[030]": _EXPOSED,
    "LOCK-053[launcher]": _struck("KILL"),
    "LOCK-053[holder]": _struck("KILL", VICTIM="other"),
    "LOCK-053[supervisor]": _struck("KILL", VICTIM="other"),
    "LOCK-051[copy]": Scenario("exposed", {"GUARD": "nobody", "CALLS": "fcntl", "EXPECTED": ""}, verb="copy"),
    "LOCK-051[copy-refused]": Scenario("refused-copy", verb="copy"),
    "LOCK-052[copying-src-replaced]": _swapped_copy("replaced", of_parent=False),
    "LOCK-052[parent-replaced]": _swapped_copy("replaced"),
    "LOCK-052[parent-deleted]": _swapped_copy("deleted"),
    "LOCK-052[parent-waited]": _swapped_copy("replaced", "yes"),
}

SCENARIOS: Mapping[str, Scenario] = {
    "LOCK-001[run]": Scenario("use-kind"),
    "LOCK-001[lock]": Scenario("use-kind", verb="lock"),
    "LOCK-002[run]": Scenario("use-ofd"),
    "LOCK-002[lock]": Scenario("use-ofd", verb="lock"),
    "LOCK-003[src]": Scenario("contend", {"KIND": "posix", "TOLD": "", **_SLOW}),
    "LOCK-005[runtime]": Scenario("removal", {"KIND": "ofd", "START": "1000", "LENGTH": "1"}, verb="remove"),
    "LOCK-006": Scenario("old-kernel"),
    "LOCK-007[run]": Scenario("interrupted", _SLOW),
    "LOCK-007[lock-no-wait]": Scenario("interrupted", _SLOW, verb="lock"),
    "LOCK-007[lock-wait]": Scenario("interrupted-wait", verb="lock"),
    "LOCK-008[run]": Scenario("no-locks", _SLOW),
    "LOCK-008[lock]": Scenario("no-locks", _SLOW, verb="lock"),
    "LOCK-066[run]": Scenario("message", _SLOW),
    "LOCK-066[lock]": Scenario("message", _SLOW, verb="lock"),
    "LOCK-009": Scenario("strip"),
    "LOCK-056": Scenario("descriptors"),
    "LOCK-010": Scenario("use-shared"),
    "LOCK-012[held]": Scenario("contend", {"KIND": "ofd", "TOLD": "", **_SLOW}),
    "LOCK-012[not-yet-granted]": Scenario("barrier", _SLOWER),
    "LOCK-013": Scenario("crowd"),
    "LOCK-015[exit]": Scenario("release", {"DAEMON": "no"}),
    "LOCK-015[daemon]": Scenario("release", {"DAEMON": "yes"}),
    "LOCK-016": Scenario("missing", _SLOW),
    "LOCK-017": Scenario("use-shared"),
    "LOCK-018": Scenario("use-shared", read_only_ref=True),
    "LOCK-059": Scenario("created-mode"),
    "LOCK-051[run]": Scenario("barrier", _SLOWER),
    **{
        f"LOCK-052[src-{change}]": Scenario("swapped", {"CHANGE": change, **_SLOWER})
        for change in ("replaced", "deleted", "gone")
    },
    "LOCK-052[src-waited]": Scenario("swapped-waiting", last=True),
    "LOCK-052[runtime]": Scenario("mistaken", {"VICTIM": "runtime"}, verb="remove"),
    **{
        f"LOCK-019[{what}]": Scenario("unusable", {"WHAT": what, **_SLOW})
        for what in ("directory", "dangling-symlink", "symlink-out", "fifo")
    },
    "LOCK-020": Scenario("untouched"),
    "LOCK-060": Scenario("inside"),
    "LOCK-061": Scenario("inside"),
    "LOCK-062": Scenario("lock-inside", {"MODE": "shared", "ACCESS": "r"}),
    "LOCK-063": Scenario("reported-inside"),
    "LOCK-064": Scenario("lock-inside", {"MODE": "exclusive", "ACCESS": "rw"}),
    "LOCK-081[ofd]": Scenario("removal", {"KIND": "ofd", "START": "0", "LENGTH": "0"}, verb="remove"),
    "LOCK-081[posix]": Scenario("removal", {"KIND": "posix", "START": "0", "LENGTH": "0"}, verb="remove"),
    "LOCK-085[runtime]": Scenario("deletion", of_seen=_deleting_call, verb="remove"),
    "LOCK-086[runtime]": Scenario(
        "removal", {"KIND": "ofd", "START": "0", "LENGTH": "0"}, verb="remove", read_only_ref=True
    ),
    "LOCK-090[shared]": Scenario("tool", {"MODE": "shared"}, verb="lock"),
    "LOCK-090[exclusive]": Scenario("tool", {"MODE": "exclusive"}, verb="lock"),
    "LOCK-091[no-wait]": Scenario("contend", {"KIND": "ofd", "TOLD": "no-wait", **_SLOW}, verb="lock"),
    "LOCK-091[wait]": Scenario("contend", {"KIND": "ofd", "TOLD": "wait", **_SLOW}, verb="lock"),
    "LOCK-092[create]": Scenario("created", {"TOLD": "create", **_SLOW}, verb="lock", last=True),
    "LOCK-092[no-create]": Scenario("created", {"TOLD": "no-create", **_SLOW}, verb="lock", last=True),
    "LOCK-094": Scenario("descriptors", verb="lock"),
    **_COPY,
    **_CLEAN_UP,
}

REASONS: Mapping[str, str] = {}
"""Clauses and cases that cannot be shown by hand, and why."""
