"""Deciders of section E."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_refused
from pytest_vessel.judge import Decision, decides, fail, inconclusive, passed
from pytest_vessel.judge.exploring import nothing_is_broken
from pytest_vessel.observation.exploration import Exploration
from pytest_vessel.observation.tree import Tree, differences


@decides("OVER-090")
def complete_or_refused(seen: s.Sweep) -> Decision:
    """Source: OVER-090. That it was refused at least once, and ran at least once, shows where the end of room was."""
    for attempt in seen.attempts:
        if refusal := _broken(seen.sound, attempt):
            return refusal
    runs = [attempt.inodes for attempt in seen.attempts if attempt.start.ready]
    if not runs or len(runs) == len(seen.attempts):
        how = "with any" if runs else "with none"
        return inconclusive(f"it runs {how} of {len(seen.attempts)} numbers of files, so no end of room was met")
    return passed(
        f"complete with room for {min(runs)} files, refused with {len(seen.attempts) - len(runs)} numbers below"
    )


def _broken(sound: Tree, attempt: s.Attempt) -> Decision | None:
    room = f"with room for {attempt.inodes} files: "
    if not attempt.start.ready:
        return not_refused(attempt.start, room)
    lines = "; ".join(differences(sound, attempt.tree or Tree(())))
    return fail(OVR, "incomplete", expected="all of it, or no start", observed=room + lines) if lines else None


@decides("OVER-091", "OVER-092", "OVER-093", "OVER-094", "OVER-095")
def explored(seen: Exploration) -> Decision:
    """Source: OVER-091 to 095."""
    return nothing_is_broken(seen)
