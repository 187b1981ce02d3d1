"""What is broken in the end of a set-up with overrides in which a call failed, or was the last one."""

from __future__ import annotations

from pytest_vessel.conformance.overrides.copied import Copied
from pytest_vessel.conformance.overrides.faults import Broken, SetUp
from pytest_vessel.observation.tree import Tree, differences


def complete(scene: SetUp, it: Copied) -> Broken | None:
    """Where the payload runs, its overrides are as ever."""
    if not it.start.ready:
        return None
    lines = list(differences(scene.on.sound, it.tree or Tree(())))
    return ("incomplete", f"the payload runs with overrides that differ: {'; '.join(lines)}") if lines else None


def complete_or_told(scene: SetUp, it: Copied) -> Broken | None:
    """The same; and where it does not run, a status and a message say so."""
    if it.start.ready or (it.start.ending and it.start.ending.refused):
        return complete(scene, it)
    return "no-clear-error", str(it.start)


def names_what_failed(scene: SetUp, it: Copied) -> Broken | None:
    """A message names what could not be made."""
    if it.start.ready or scene.failed is None or scene.failed.name in it.running.message:
        return None
    return "unnamed", f"{scene.failed.name} could not be made; {it.start}"


def nothing_stays(scene: SetUp, it: Copied) -> Broken | None:
    """Of a set-up that failed no process stays, no lock is held, and nothing lies in TMPDIR."""
    if it.start.ready:
        return None
    it.running.settle()
    if it.running.call.stopped is not None:
        return "process-stays", f"its processes had to be ended, after {it.start}"
    if locked := scene.locks():
        return "lock-stays", f"{locked}, after {it.start}"
    return _litter(scene)


def gone_after_the_next(scene: SetUp, it: Copied) -> Broken | None:
    """What one that was killed has left is gone after another one, which cleans up."""
    it.running.finish()
    implementation, before = scene.on.implementation, scene.parent.names()
    collecting = {"collecting": "yes"} if implementation.offers("choices.collecting.yes") else {}
    running = implementation.copy(scene.on.runtime, scene.parent, provider=scene.on.provider, choices=collecting)
    start = running.start()
    running.finish()
    if not start.ready:
        return "hindered", f"the next set-up: {start}"
    if left := sorted(set(before) & set(scene.parent.names())):
        return "unfinished", f"the next set-up leaves {len(left)} copies that nobody uses"
    return _litter(scene)


def _litter(scene: SetUp) -> Broken | None:
    if left := sorted(scene.on.temporary - scene.temporary):
        return "litter", f"in TMPDIR: {', '.join(left)}"
    return None
