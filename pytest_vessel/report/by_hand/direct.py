"""Scenes of runtimes used directly, of their removal, and of lock tools."""

from __future__ import annotations

from pytest_vessel.report.by_hand.scenario import SLOW, Scenario, Scenarios, deleting_call

_SLOWER = {"DELAY_US": "3000000"}

DIRECT: Scenarios = {
    "LOCK-001[run]": Scenario("use-kind"),
    "LOCK-001[lock]": Scenario("use-kind", verb="lock"),
    "LOCK-002[run]": Scenario("use-ofd"),
    "LOCK-002[lock]": Scenario("use-ofd", verb="lock"),
    "LOCK-003[src]": Scenario("contend", {"KIND": "posix", "TOLD": "", **SLOW}),
    "LOCK-005[runtime]": Scenario("removal", {"KIND": "ofd", "START": "1000", "LENGTH": "1"}, verb="remove"),
    "LOCK-006": Scenario("old-kernel"),
    "LOCK-007[run]": Scenario("interrupted", SLOW),
    "LOCK-007[lock-no-wait]": Scenario("interrupted", SLOW, verb="lock"),
    "LOCK-007[lock-wait]": Scenario("interrupted-wait", verb="lock"),
    "LOCK-008[run]": Scenario("no-locks", SLOW),
    "LOCK-008[lock]": Scenario("no-locks", SLOW, verb="lock"),
    "LOCK-066[run]": Scenario("message", SLOW),
    "LOCK-066[lock]": Scenario("message", SLOW, verb="lock"),
    "LOCK-009": Scenario("strip"),
    "LOCK-056": Scenario("descriptors"),
    "LOCK-010": Scenario("use-shared"),
    "LOCK-012[held]": Scenario("contend", {"KIND": "ofd", "TOLD": "", **SLOW}),
    "LOCK-012[not-yet-granted]": Scenario("barrier", _SLOWER),
    "LOCK-013": Scenario("crowd"),
    "LOCK-015[exit]": Scenario("release", {"DAEMON": "no"}),
    "LOCK-015[daemon]": Scenario("release", {"DAEMON": "yes"}),
    "LOCK-016": Scenario("missing", SLOW),
    "LOCK-017": Scenario("use-shared"),
    "LOCK-018": Scenario("use-shared", read_only_ref=True),
    "LOCK-059": Scenario("created-mode"),
    "LOCK-051[run]": Scenario("barrier", _SLOWER),
    **{
        f"LOCK-052[src-{change}]": Scenario("swapped", {"CHANGE": change, **_SLOWER})
        for change in ("replaced", "deleted", "gone")
    },
    "LOCK-052[src-waited]": Scenario("swapped-waiting", last=True),
    "LOCK-052[runtime]": Scenario("mistaken", {"VICTIM": "runtime", **SLOW}, verb="remove"),
    **{
        f"LOCK-019[{what}]": Scenario("unusable", {"WHAT": what, **SLOW})
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
    "LOCK-085[runtime]": Scenario("deletion", of_seen=deleting_call, verb="remove"),
    "LOCK-086[runtime]": Scenario(
        "removal", {"KIND": "ofd", "START": "0", "LENGTH": "0"}, verb="remove", read_only_ref=True
    ),
    "LOCK-090[shared]": Scenario("tool", {"MODE": "shared"}, verb="lock"),
    "LOCK-090[exclusive]": Scenario("tool", {"MODE": "exclusive"}, verb="lock"),
    "LOCK-091[no-wait]": Scenario("contend", {"KIND": "ofd", "TOLD": "no-wait", **SLOW}, verb="lock"),
    "LOCK-091[wait]": Scenario("contend", {"KIND": "ofd", "TOLD": "wait", **SLOW}, verb="lock"),
    "LOCK-092[create]": Scenario("created", {"TOLD": "create", **SLOW}, verb="lock", last=True),
    "LOCK-092[no-create]": Scenario("created", {"TOLD": "no-create", **SLOW}, verb="lock", last=True),
    "LOCK-094": Scenario("descriptors", verb="lock"),
}
