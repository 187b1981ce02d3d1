"""Section C: how the overrides are written, seen in the system calls of a `prepare`."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.preparing import FEW, MANY, ground, prepared
from pytest_vessel.conformance.overrides.seen_fdio import Beside, Changed, Growth, Helpers, LookedUp, Opened, Use, Uses
from pytest_vessel.conformance.overrides.world import NATIVE
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

DECOYS = ("aliases", "icd.d", "lib", "overrides", "share", "vulkan", NATIVE.name)
"""Names that folders of overrides have."""


@clause("OVER-060")
def test_helpers_do_not_get_the_absolute_name(implementation: Implementation, judge: Judge) -> None:
    it = prepared(ground(implementation))
    seen = it.namings
    told = [seen.short(word) for helper in seen.executions for word in helper.argv if seen.folder in word]
    named = Uses.of(seen.use(one) for one in seen.by_name if one.actor.program)
    programs = sorted({helper.program for helper in seen.executions})
    judge(Helpers(it.made, tuple(programs), tuple(told), named))


@clause("OVER-061")
def test_current_folder_is_left_alone(implementation: Implementation, judge: Judge) -> None:
    current = implementation.work / "work"
    for name in DECOYS:
        (current / name).mkdir()
    it = prepared(ground(implementation))
    changed = [name for name in DECOYS if not (current / name).is_dir() or os.listdir(current / name)]
    named = [one for one in it.namings.all if one.current and _top(one.path, current) in DECOYS]
    uses = Uses.of(Use(one.actor.program, one.call.name, os.path.relpath(one.path, current)) for one in named)
    judge(Beside(it.made, DECOYS, tuple(changed), uses))


def _top(path: str, folder: Path) -> str:
    """The entry of a folder that a path leads through."""
    return os.path.relpath(path, folder).split("/")[0]


@clause("OVER-062")
def test_growth_of_lookups(implementation: Implementation, judge: Judge) -> None:
    judge(Growth(_looked_up(implementation, FEW), _looked_up(implementation, MANY)))


def _looked_up(implementation: Implementation, drivers: int) -> LookedUp:
    it = prepared(ground(implementation, drivers))
    paths = Counter(it.namings.short(one.path) for one in it.namings.lookups)
    return LookedUp(it.made, paths.total(), {path: count for path, count in paths.items() if count > 1})


@clause("OVER-063")
def test_launcher_changes_nothing_by_an_absolute_name(implementation: Implementation, judge: Judge) -> None:
    it = prepared(ground(implementation))
    seen = it.namings
    changes = [one for one in seen.by_name if one.changes and not one.actor.program and one.path != seen.folder]
    judge(Changed(it.made, Uses.of(map(seen.use, changes))))


@clause("OVER-064")
def test_folder_is_opened_once(implementation: Implementation, judge: Judge) -> None:
    on = ground(implementation)
    first, second = prepared(on, comparable=True), prepared(on, comparable=True)
    judge(Opened((first.made, second.made), (first.namings.opened, second.namings.opened)))
