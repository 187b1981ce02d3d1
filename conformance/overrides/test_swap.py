"""Section C: other folders in the place of the overrides folder, before it is made and while it is filled."""

from __future__ import annotations

import os

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.preparing import ground, prepared
from pytest_vessel.conformance.overrides.seen_fdio import Diverted, Swapped
from pytest_vessel.conformance.overrides.swapping import Swap
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.observation.tree import Tree
from pytest_vessel.system import tree
from pytest_vessel.system.bpf import CREATES, OPENS


@clause("OVER-065")
def test_swap_before_libraries(implementation: Implementation, judge: Judge) -> None:
    judge(_swapped(implementation, "lib"))


@clause("OVER-066")
def test_swap_before_manifests(implementation: Implementation, judge: Judge) -> None:
    judge(_swapped(implementation, "share"))


def _swapped(implementation: Implementation, part: str) -> Swapped:
    """What became of a part of the overrides where the swap came before that was made, or the first entry in it."""
    on = ground(implementation)
    running = implementation.prepare(on.runtime, on.parent, provider=on.provider, chosen=(*CREATES, *OPENS))
    swap = Swap(on.parent, lambda copy: implementation.as_copy(copy).overrides, part)
    running.gated(swap)
    ending = running.wait()
    return Swapped(swap.held, ending, part, tree.seen(swap.opened), tree.seen(swap.place))


@clause("OVER-067")
def test_links_of_the_runtime(implementation: Implementation, case: str, judge: Judge) -> None:
    on, outside = ground(implementation), implementation.outside
    copy = implementation.as_copy(on.parent.named("copy"))
    inside = copy.overrides.relative_to(copy.tree)
    planted = on.runtime.src / {"folder": inside, "parent": inside.parent, "above": inside.parents[1]}[case]
    planted.parent.mkdir(parents=True, exist_ok=True)
    if planted.is_dir():
        os.rename(planted, outside / "there")
    else:
        (outside / "there").mkdir()
    planted.symlink_to(outside / "there")
    before = tree.seen(outside) or Tree(())
    made = prepared(on, traced=False).made
    judge(Diverted.of(made, before, tree.seen(outside) or Tree(())))
