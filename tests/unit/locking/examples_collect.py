"""Examples for the deciders of clean-up and of exploration."""

from __future__ import annotations

from dataclasses import replace

from made_up_looks import HUNG, OK, REFUSED

from pytest_vessel.conformance.locking import seen_collect as c
from pytest_vessel.judge import Verdict
from pytest_vessel.observation.exploration import Breach, Exploration, Move, Point

WENT = c.Collected("a copy", "", 3, 3, True, (), OK)
KEPT = c.Collected("a copy", "a shared lock", 0, 3, True, (), OK, later_gone=True)
STUBBORN = c.Stubborn(1, "tmp-first", 2, 2, "tmp-first: cannot be deleted", REFUSED)
NEIGHBOURS = c.Neighbours(0, (), OK)
ENDED = replace(HUNG, stopped=None, ended_by_us=True)
WATCHED = c.ParentWatch(5, (), True, OK)
SKIPPED = c.Skipped("a shared lock on PARENT/.ref", 0, True, OK)
POINT = Point("unlinkat", "UNUSED/...")
SCHEDULE = (Move("pass", to=POINT), Move("set-up"), Move("pass"))
EXPLORED = Exploration(21, 18, 18, 0, ())
BROKEN = replace(EXPLORED, breaches=(Breach(SCHEDULE, "deleted-in-use", "a copy in use went"),))

KEEPS = ("LOCK-005[copy]", "LOCK-071[shared-ofd]", "LOCK-072[locked]", "LOCK-079[no-wait]", "LOCK-086[copy]")
DELETES = ("LOCK-058", "LOCK-070[empty]", "LOCK-075", "LOCK-077")
SKIPS = ("LOCK-023[exclusive-posix]", "LOCK-080[shared]")
EXPLORES = ("LOCK-082[killed]", "LOCK-083[killed]", "LOCK-084[pass-held]", "LOCK-087", "LOCK-088", "LOCK-089[copy]")
EXPLORES += ("LOCK-095[src-gone]", "LOCK-096[start-held]")

GOOD = [
    *((case_id, KEPT) for case_id in KEEPS),
    *((case_id, WENT) for case_id in DELETES),
    *((case_id, SKIPPED) for case_id in SKIPS),
    *((case_id, EXPLORED) for case_id in EXPLORES),
    *((case_id, replace(KEPT, beside_gone=False)) for case_id in KEEPS),
    *((case_id, replace(KEPT, waited=True)) for case_id in KEEPS if "no-wait" not in case_id),
    ("LOCK-070[beside-used]", NEIGHBOURS),
    ("LOCK-073[other-name]", replace(KEPT, held="", later_gone=None)),
    ("LOCK-076[fifo]", WENT),
    ("LOCK-076[fifo]", KEPT),
    ("LOCK-078", STUBBORN),
    ("LOCK-079[parent-lock]", WATCHED),
]

BAD = [
    *((case_id, replace(KEPT, lost=1), "deleted-in-use") for case_id in KEEPS),
    *((case_id, replace(KEPT, changed=("usr/file",)), "changed") for case_id in KEEPS),
    *((case_id, replace(KEPT, ending=ending), "hangs") for case_id in KEEPS for ending in (HUNG, ENDED)),
    *((case_id, replace(WENT, lost=2), "kept") for case_id in DELETES),
    *((case_id, replace(WENT, outside=("file",)), "changed") for case_id in DELETES),
    *((case_id, replace(SKIPPED, lost=1), "deleted") for case_id in SKIPS),
    *((case_id, replace(SKIPPED, ending=HUNG), "hangs") for case_id in SKIPS),
    *((case_id, BROKEN, "deleted-in-use") for case_id in EXPLORES),
    ("LOCK-070[beside-used]", replace(NEIGHBOURS, stayed=("tmp-one",)), "kept"),
    ("LOCK-070[beside-used]", replace(NEIGHBOURS, ending=ENDED), "hangs"),
    ("LOCK-073[other-name]", replace(KEPT, held="", lost=3), "deleted"),
    ("LOCK-076[fifo]", replace(KEPT, ending=HUNG), "hangs"),
    ("LOCK-076[fifo]", replace(KEPT, outside=("file stays locked",)), "changed"),
    ("LOCK-078", replace(STUBBORN, others_gone=1), "stops"),
    ("LOCK-078", replace(STUBBORN, message="cannot be deleted"), "silent"),
    ("LOCK-078", replace(STUBBORN, ending=HUNG), "hangs"),
    ("LOCK-079[no-wait]", replace(KEPT, waited=True), "waits"),
    ("LOCK-079[parent-lock]", replace(WATCHED, not_exclusive=("unlinkat(file)",)), "not-exclusive"),
]

UNDECIDED = [
    *((case_id, replace(KEPT, beside_gone=False, later_gone=False), Verdict.INCONCLUSIVE) for case_id in KEEPS),
    *((case_id, replace(KEPT, later_gone=False), Verdict.INCONCLUSIVE) for case_id in KEEPS),
    *((case_id, replace(SKIPPED, gone=False), Verdict.INCONCLUSIVE) for case_id in SKIPS),
    *((case_id, replace(EXPLORED, missed=18), Verdict.INCONCLUSIVE) for case_id in EXPLORES),
    *((case_id, replace(EXPLORED, calls=0, of=1, done=1), Verdict.INCONCLUSIVE) for case_id in EXPLORES),
    ("LOCK-073[plain-file]", replace(KEPT, held="", later_gone=None, beside_gone=False), Verdict.INCONCLUSIVE),
    ("LOCK-074", WENT, Verdict.FACT),
    ("LOCK-074", KEPT, Verdict.FACT),
    ("LOCK-075", replace(WENT, lost=0, beside_gone=False), Verdict.INCONCLUSIVE),
    ("LOCK-076[fifo]", replace(KEPT, beside_gone=False), Verdict.INCONCLUSIVE),
    ("LOCK-078", replace(STUBBORN, refused=0), Verdict.INCONCLUSIVE),
    ("LOCK-079[parent-lock]", replace(WATCHED, calls=0), Verdict.INCONCLUSIVE),
]
