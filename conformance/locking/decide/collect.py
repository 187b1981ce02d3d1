"""Deciders of section F: what a clean-up pass deletes, and what it leaves alone."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen_collect as s
from pytest_vessel.judge import Decision, decides, fact, fail, inconclusive, passed
from pytest_vessel.observation.process import Ending

IDLE = "the pass left an unused copy beside it, so that it keeps this one shows nothing"


def _harm(seen: s.Collected) -> Decision | None:
    """What no pass may do, whatever the candidate is."""
    if seen.outside:
        return fail("outside", "changed", expected="nothing outside changes", observed=", ".join(seen.outside))
    return _hang(seen.ending)


def _hang(ending: Ending) -> Decision | None:
    """A fail where a pass had to be ended by us."""
    if not (ending.stopped or ending.ended_by_us):
        return None
    observed = str(ending) if ending.stopped else "all of it was blocked, in no lock call"
    return fail("cleaner", "hangs", expected="the pass ends", observed=observed)


@decides("LOCK-058", "LOCK-070", "LOCK-077")
def unused_is_deleted(seen: s.Collected) -> Decision:
    """Source: LOCK-058, 070, 075, 077."""
    if harm := _harm(seen):
        return harm
    if not seen.gone:
        observed = f"{seen.total - seen.lost} of {seen.total} names are left of {seen.what}: {seen.ending}"
        return fail("COPY", "kept", expected="it is deleted", observed=observed)
    return passed(f"deleted: {seen.what}")


@decides("LOCK-075")
def nothing_outside_is_touched(seen: s.Collected) -> Decision:
    """Source: LOCK-075. A pass that deletes nothing at all breaks 070, but shows nothing here."""
    if not (seen.gone or seen.beside_gone or _harm(seen)):
        return inconclusive(IDLE)
    return unused_is_deleted(seen)


@decides("LOCK-070[beside-used]")
def unused_is_deleted_beside_used(seen: s.Neighbours) -> Decision:
    """Source: LOCK-070. That the others are kept is for LOCK-071."""
    if hang := _hang(seen.ending):
        return hang
    if seen.stayed:
        observed = f"kept, though nobody uses it: {', '.join(seen.stayed)}"
        return fail("COPY", "kept", expected="both are deleted, whatever is in use beside them", observed=observed)
    return passed("of two copies the one that nobody used went, whichever that was")


@decides("LOCK-079[no-wait]")
def copy_is_not_waited_for(seen: s.Collected) -> Decision:
    """Source: LOCK-079."""
    if seen.waited and not seen.lost:
        observed = "it waits for the lock of the copy"
        return fail("cleaner", "waits", expected="a copy in use is passed over", observed=observed)
    return it_is_kept(seen)


@decides("LOCK-005[copy]", "LOCK-071", "LOCK-072", "LOCK-073", "LOCK-086[copy]")
def it_is_kept(seen: s.Collected) -> Decision:
    """Source: LOCK-005, 071, 072, 073, 086. Waiting for the lock keeps the copy, too: that is for LOCK-079."""
    if seen.lost:
        observed = f"{seen.lost} of {seen.total} names of {seen.what} went" + (f" beside {seen.held}" * bool(seen.held))
        code = "deleted-in-use" if seen.held else "deleted"
        return fail("COPY" if seen.held else "PARENT", code, expected="it is kept, whole", observed=observed)
    if seen.changed:
        observed = f"another mode or content: {', '.join(seen.changed)}"
        return fail("COPY", "changed", expected="it is kept, whole", observed=observed)
    if harm := _harm(seen):
        return harm
    if not (seen.beside_gone or seen.later_gone):
        return inconclusive(IDLE)
    if seen.later_gone is False:
        return inconclusive("it was kept by a later pass, too, when nobody held it: that it is kept shows nothing")
    beside = f" beside {seen.held}" if seen.held else ""
    went = ["an unused copy went"] * seen.beside_gone + ["it went after the release"] * bool(seen.later_gone)
    return passed(f"kept whole{beside}: {seen.what}; {'; '.join(went)}")


@decides("LOCK-076")
def misleading_file_does_no_harm(seen: s.Collected) -> Decision:
    """Source: LOCK-076. The copy itself may go or stay."""
    if harm := _harm(seen):
        return harm
    if not seen.beside_gone:
        return inconclusive(IDLE)
    return passed(f"nothing outside changed; {'deleted' if seen.gone else 'kept'}: {seen.what}")


@decides("LOCK-074")
def entry_keep(seen: s.Collected) -> Decision:
    """Source: LOCK-074."""
    return fact("deleted" if seen.gone else "kept")


@decides("LOCK-078")
def pass_goes_on(seen: s.Stubborn) -> Decision:
    """Source: LOCK-078. A message names the copy when it holds its name."""
    if hang := _hang(seen.ending):
        return hang
    if not seen.refused:
        return inconclusive("it made no call that deletes something in a copy, so none could be refused")
    if seen.others_gone < seen.others:
        observed = f"{seen.others_gone} of {seen.others} other copies went: {seen.ending}"
        return fail("cleaner", "stops", expected="it goes on to the others", observed=observed)
    if seen.copy not in seen.message:
        wanted = f"a message that names {seen.copy}"
        return fail("cleaner", "silent", expected=wanted, observed=str(seen.ending))
    return passed(f"{seen.others_gone} others went, and a message named the one that could not be deleted")


@decides("LOCK-079[parent-lock]")
def pass_is_exclusive(seen: s.ParentWatch) -> Decision:
    """Source: LOCK-079."""
    if seen.not_exclusive:
        observed = f"no exclusive lock before {', '.join(seen.not_exclusive)}"
        return fail("PARENT/.ref", "not-exclusive", expected="an exclusive lock while it deletes", observed=observed)
    if not seen.calls:
        return inconclusive(f"it made no call that deletes something in a copy: {seen.ending}")
    return passed(f"PARENT/.ref was locked exclusively at each of {seen.calls} calls that delete")


@decides("LOCK-023", "LOCK-080")
def nothing_is_deleted_meanwhile(seen: s.Skipped) -> Decision:
    """Source: LOCK-023, 080. Waiting for the lock and leaving it for another time are both right."""
    if seen.lost:
        observed = f"{seen.lost} names of a copy went beside {seen.held}"
        return fail("PARENT", "deleted", expected="nothing is deleted meanwhile", observed=observed)
    if hang := _hang(seen.ending):
        return hang
    if not seen.gone:
        return inconclusive(f"an unused copy stayed without the lock, too: {seen.ending}")
    return passed(f"nothing went beside {seen.held}; the copy went after its release")
