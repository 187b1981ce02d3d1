"""LOCK-031 and LOCK-032: a set-up and a clean-up at the same time, one of them held where it hurts most."""

from __future__ import annotations

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen_copies import Cleaning, Survival
from pytest_vessel.conformance.locking.watching import MAKES, SHOWN, deletes_below, fills_copy, hold_first
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.running import PATIENT, Running
from pytest_vessel.system.bpf import DELETES


def _cleaner(implementation: Implementation, runtime: Runtime, parent: Parent, case: str) -> Running:
    """A start that cleans up, in each of the ways that an implementation may offer."""
    if case == "copy":
        return implementation.copy(runtime, parent, choices={"collecting": "yes"}, chosen=DELETES)
    return implementation.collect(parent, chosen=DELETES)


@clause("LOCK-031")
def test_set_up_survives_a_clean_up(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    wanted = doing.contents(runtime.src)
    first = implementation.copy(runtime, parent, chosen=MAKES)
    fired = hold_first(first, fills_copy(parent))
    cleaner = _cleaner(implementation, runtime, parent, case)
    beside = cleaner.start()
    cleaner.settle()
    waited = not (cleaner.call.empty or beside.ready)
    before = set(parent.copies())
    first.open_gate()
    start = first.start()
    mine = copying.copy_of(implementation, runtime, parent, first)
    have = doing.contents(mine.tree) if mine is not None and mine.folder in before else {}
    missing = sorted(path for path in wanted if path not in have)
    cleaner.start()
    first.finish()
    judge(Survival(fired, waited, start, tuple(missing[:SHOWN]), cleaner.finish()))


@clause("LOCK-032")
def test_set_up_beside_a_clean_up(implementation: Implementation, case: str, judge: Judge) -> None:
    runtime, parent = implementation.runtime(), implementation.parent()
    unused = copying.unused(implementation, parent)
    cleaner = _cleaner(implementation, runtime, parent, case)
    fired = hold_first(cleaner, deletes_below(unused.folder))
    table = doing.look(parent.ref)
    before = set(parent.names())
    second = implementation.copy(runtime, parent, chosen=PATIENT)
    second.be_patient(parent.ref)
    beside = second.start()
    second.settle()
    appeared = tuple(sorted(set(parent.names()) - before))
    cleaner.open_gate()
    cleaner.start()
    if not (beside.ready or beside.waits):
        second.stop()
        second = implementation.copy(runtime, parent)
    second.patience = None
    second.open_gate()
    both = (second, cleaner)
    second.stage.until(lambda: all(one.talk.ready or one.call.empty for one in both), second.call.order.timeout_s)
    after, collected = second.start(), cleaner.start()
    running = [one for one in both if one.talk.ready]
    copies = {copy.folder for one in running if (copy := copying.copy_of(implementation, runtime, parent, one))}
    second.finish()
    ending = cleaner.finish()
    in_copy = collected.ready or case == "copy"
    judge(
        Cleaning(
            fired=fired,
            locked=table is not None and table.shared_refused,
            beside=beside,
            appeared=appeared,
            after=after,
            copies=len(copies),
            wanted=2 if in_copy else 1,
            collector=str(ending) if not ending.succeeded else "",
        )
    )
