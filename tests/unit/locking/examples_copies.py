"""Examples for the deciders of mutable copies and of the parent's lock."""

from __future__ import annotations

from dataclasses import replace

from made_up_looks import ENDLESS, EXITED, FAILED, FREE, HELD, MUTE, OK, REFUSED, RUNS, STUCK, WAITS

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking import seen_copies as c
from pytest_vessel.judge import Verdict

CONTENTION = s.Contention("", "an exclusive lock", FAILED, RUNS)
FILLING = c.Filling(RUNS, c.Watched(12, ()))
SOURCE_AFTER = c.SourceAfter(RUNS, FREE, ())
PARENT_AFTER = c.ParentAfter("", RUNS, True)
PARENT_FAILED = c.ParentAfter("mkdir(usr)", FAILED, True)
PARENT_CONTENTION = c.ParentContention(CONTENTION, ())
WAITING = c.Waiting(WAITS, "waiting for /p/.ref", ("/p/.ref",))
BESIDE = c.Beside("a shared lock on PARENT/.ref", RUNS, 0)
OVERLAP = c.Overlap("mkdir(usr)", RUNS, RUNS)
NEW_PARENT = c.NewParent(RUNS, RUNS, True, ())
UNUSABLE_PARENT = c.UnusableParent(RUNS, "fifo", FAILED, "/p/.ref: is no file", ("/p/.ref",), ())
UNPROTECTED = c.Unprotected(RUNS, 70, (), True)
SURVIVAL = c.Survival("mkdir(usr)", False, RUNS, (), OK)
CLEANING = c.Cleaning("unlinkat(file)", True, FAILED, (), RUNS, 2, 2, "")
NAMES = c.Names(3, ("a81bc2", "77fe30", "0dc94e"), ((1234,), (1240,), (1246,)))
PERMISSIONS = c.Permissions(RUNS, 0o700)

GOOD = [
    ("LOCK-011", FILLING),
    ("LOCK-014", FILLING),
    ("LOCK-021[setting-up]", FILLING),
    ("LOCK-021[payload]", PARENT_AFTER),
    ("LOCK-021[failure]", PARENT_FAILED),
    ("LOCK-022", PARENT_CONTENTION),
    ("LOCK-022", c.ParentContention(replace(CONTENTION, start=WAITS), ())),
    ("LOCK-024", WAITING),
    ("LOCK-025[copy]", BESIDE),
    ("LOCK-026", OVERLAP),
    ("LOCK-027", BESIDE),
    ("LOCK-028", NEW_PARENT),
    ("LOCK-028", c.NewParent(RUNS, FAILED, False, ())),
    ("LOCK-029[fifo]", UNUSABLE_PARENT),
    ("LOCK-030", UNPROTECTED),
    ("LOCK-031[copy]", SURVIVAL),
    ("LOCK-032[copy]", CLEANING),
    ("LOCK-032[collect]", replace(CLEANING, beside=WAITS)),
    ("LOCK-040", NAMES),
    ("LOCK-057", SOURCE_AFTER),
    ("LOCK-065", PERMISSIONS),
]

BAD = [
    ("LOCK-011", replace(FILLING, watched=c.Watched(1, ("mkdir(tmp-1)",))), "unlocked"),
    ("LOCK-011", replace(FILLING, start=FAILED), "did-not-start"),
    ("LOCK-021[setting-up]", replace(FILLING, watched=c.Watched(1, ("mkdir(usr)",))), "unlocked"),
    ("LOCK-021[payload]", replace(PARENT_AFTER, freed=False), "kept"),
    ("LOCK-021[payload]", replace(PARENT_AFTER, start=FAILED), "did-not-start"),
    ("LOCK-021[failure]", replace(PARENT_FAILED, freed=False), "kept"),
    ("LOCK-021[failure]", replace(PARENT_FAILED, start=RUNS), "started"),
    ("LOCK-021[failure]", replace(PARENT_FAILED, start=ENDLESS), "hangs"),
    ("LOCK-022", replace(PARENT_CONTENTION, appeared=("tmp-1",)), "copy-appeared"),
    ("LOCK-022", c.ParentContention(replace(CONTENTION, start=RUNS, after=None), ()), "started-while-locked"),
    ("LOCK-022", c.ParentContention(replace(CONTENTION, start=EXITED), ()), "silent-success"),
    ("LOCK-024", replace(WAITING, message=""), "silent-wait"),
    ("LOCK-024", replace(WAITING, message="waiting"), "silent-wait"),
    ("LOCK-024", replace(WAITING, start=RUNS), "started-while-locked"),
    ("LOCK-025[copy]", replace(BESIDE, start=FAILED), "did-not-start"),
    ("LOCK-025[copy]", replace(BESIDE, start=WAITS), "did-not-start"),
    ("LOCK-025[collecting]", replace(BESIDE, lost=2), "deleted"),
    ("LOCK-026", replace(OVERLAP, second=WAITS), "excludes-others"),
    ("LOCK-026", replace(OVERLAP, first=FAILED), "did-not-start"),
    ("LOCK-027", replace(BESIDE, start=WAITS), "did-not-start"),
    ("LOCK-028", replace(NEW_PARENT, there=("deep.new",)), "litter"),
    ("LOCK-028", replace(NEW_PARENT, parent_made=False), "not-made"),
    ("LOCK-028", replace(NEW_PARENT, start=EXITED), "no-clear-error"),
    ("LOCK-028", replace(NEW_PARENT, start=MUTE), "no-clear-error"),
    ("LOCK-028", replace(NEW_PARENT, start=STUCK), "hangs"),
    ("LOCK-028", replace(NEW_PARENT, sound=FAILED, start=FAILED), "did-not-start"),
    ("LOCK-029[fifo]", replace(UNUSABLE_PARENT, start=RUNS), "started-unlocked"),
    ("LOCK-029[fifo]", replace(UNUSABLE_PARENT, start=ENDLESS), "hangs"),
    ("LOCK-029[fifo]", replace(UNUSABLE_PARENT, start=EXITED), "no-clear-error"),
    ("LOCK-029[fifo]", replace(UNUSABLE_PARENT, left=("tmp-1",)), "left-behind"),
    ("LOCK-029[fifo]", replace(UNUSABLE_PARENT, message="no lock"), "nameless-error"),
    ("LOCK-030", replace(UNPROTECTED, exposed=("close",)), "exposed"),
    ("LOCK-030", replace(UNPROTECTED, released=False), "never-released"),
    ("LOCK-031[copy]", replace(SURVIVAL, missing=("bin/sh",)), "deleted-in-use"),
    ("LOCK-031[copy]", replace(SURVIVAL, a=FAILED), "did-not-start"),
    ("LOCK-031[copy]", replace(SURVIVAL, b=REFUSED), "failed"),
    ("LOCK-032[copy]", replace(CLEANING, locked=False), "unlocked"),
    ("LOCK-032[copy]", replace(CLEANING, beside=RUNS), "copy-appeared"),
    ("LOCK-032[copy]", replace(CLEANING, appeared=("tmp-1",)), "copy-appeared"),
    ("LOCK-032[copy]", replace(CLEANING, beside=EXITED), "no-clear-error"),
    ("LOCK-032[copy]", replace(CLEANING, after=FAILED), "did-not-start"),
    ("LOCK-032[copy]", replace(CLEANING, collector="status 1"), "failed"),
    ("LOCK-032[copy]", replace(CLEANING, copies=1), "shared"),
    ("LOCK-040", replace(NAMES, words=("a81bc2",)), "no-copy"),
    ("LOCK-040", replace(NAMES, words=("a81bc2", "a81bc2", "77fe30")), "same-name"),
    ("LOCK-040", replace(NAMES, words=("a1", "b2", "c3")), "short-name"),
    ("LOCK-040", replace(NAMES, words=("000001", "000002", "000003")), "predictable-name"),
    ("LOCK-040", replace(NAMES, words=("xx1234", "yz1240", "ab1246")), "predictable-name"),
    ("LOCK-057", replace(SOURCE_AFTER, locks=HELD), "kept"),
    ("LOCK-065", replace(PERMISSIONS, mode=0o755), "open-to-others"),
]

UNDECIDED = [
    ("LOCK-011", replace(FILLING, watched=c.Watched(0, ())), Verdict.INCONCLUSIVE),
    ("LOCK-024", replace(WAITING, start=FAILED), Verdict.NOT_APPLICABLE),
    ("LOCK-026", replace(OVERLAP, fired=""), Verdict.INCONCLUSIVE),
    ("LOCK-030", replace(UNPROTECTED, looks=0), Verdict.INCONCLUSIVE),
    ("LOCK-031[copy]", replace(SURVIVAL, fired=""), Verdict.INCONCLUSIVE),
    ("LOCK-032[copy]", replace(CLEANING, fired=""), Verdict.INCONCLUSIVE),
    ("LOCK-057", replace(SOURCE_AFTER, uses=("a mount",)), Verdict.NOT_APPLICABLE),
    ("LOCK-065", replace(PERMISSIONS, mode=None), Verdict.INCONCLUSIVE),
]
