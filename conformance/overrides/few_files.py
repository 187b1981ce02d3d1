"""Set-ups whose copy lies in a file system that has room for few files."""

from __future__ import annotations

from pytest_vessel.conformance.overrides.copied import Copied
from pytest_vessel.conformance.overrides.faults import Ground
from pytest_vessel.conformance.overrides.seen import Attempt, Sweep

FEWEST, MOST = 2, 1 << 14
_ABOVE = 5
"""So many folders above the overrides, and links to them, may be made for their sake."""


def swept(on: Ground) -> Sweep:
    """Look for the least that is enough, and try each number below it down to where the overrides are begun."""
    attempts: dict[int, Attempt] = {}

    def runs(inodes: int) -> bool:
        attempts.setdefault(inodes, _attempt(on, inodes))
        return attempts[inodes].start.ready

    few, enough = FEWEST, 2 * FEWEST
    while enough < MOST and not runs(enough):
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if runs(middle) else (middle, enough)
    for inodes in range(max(FEWEST, enough - len(on.sound.entries) - _ABOVE), enough + 1):
        runs(inodes)
    return Sweep(on.sound, tuple(attempts[inodes] for inodes in sorted(attempts)))


def _attempt(on: Ground, inodes: int) -> Attempt:
    parent = on.implementation.parent()
    running = on.implementation.copy(on.runtime, parent, provider=on.provider, inodes=inodes)
    it = Copied(on.implementation, on.runtime, on.provider, parent, running)
    tree = it.tree_inside
    running.finish()
    return Attempt(inodes, it.start, tree)
