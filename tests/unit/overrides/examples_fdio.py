"""Examples for the deciders of how overrides are written and told of: as it should be, and each way of being wrong."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.conformance.overrides import seen_fdio as f
from pytest_vessel.conformance.overrides import seen_log as g
from pytest_vessel.judge import Verdict
from pytest_vessel.observation.process import Ending
from pytest_vessel.observation.tree import Entry, Kind, Tree

OK, REFUSED, SILENT = Ending(0), Ending(1, message="OVR/lib: no such folder\n"), Ending(1)
MADE, MANY = f.Made(OK, True, 13), f.Made(OK, True, 43)
NOT_MADE, EMPTY, CUT = f.Made(REFUSED, True, None), f.Made(OK, True, 0), f.Made(OK, False, 13)
NONE = f.Uses(0, ())
USE = f.Uses.of([f.Use("capture", "openat", "OVR/lib")])

HELPERS = f.Helpers(MADE, ("capture",), (), NONE)
BESIDE = f.Beside(MADE, ("lib", "share"), (), NONE)
SMALL, LARGE = f.LookedUp(MADE, 4, {"OVR": 2}), f.LookedUp(MANY, 34, {"OVR": 2})
GROWTH = f.Growth(SMALL, LARGE)
CHANGED = f.Changed(MADE, NONE)
ONCE = f.Descriptors((9,), early=True)
OPENED = f.Opened((MADE, MADE), (ONCE, ONCE))

LIBRARY = Entry("lib/x/liba.so.1", Kind.LINK, "/run/provider/liba")
THERE, NOWHERE = Tree((Entry("lib", Kind.FOLDER), LIBRARY)), Tree(())
SWAPPED = f.Swapped("mkdirat", OK, "lib", THERE, NOWHERE)
DIVERTED = f.Diverted.of(MADE, THERE, THERE)
WRITTEN = f.Diverted.of(MADE, NOWHERE, THERE)

LOG = g.Log(MADE, 40, (), ("copy: /p/tmp-1",))
COMPARED = g.Compared(MADE, MADE, 40, ())
LENGTHENED = g.Lengthened(MADE, MADE, 100, (4000, 5000))

GOOD = [
    ("OVER-060", HELPERS),
    ("OVER-061", BESIDE),
    ("OVER-062", GROWTH),
    ("OVER-062", f.Growth(SMALL, f.LookedUp(MANY, 4, {}))),
    ("OVER-063", CHANGED),
    ("OVER-064", OPENED),
    ("OVER-065", SWAPPED),
    ("OVER-065", replace(SWAPPED, ending=REFUSED, opened=NOWHERE)),
    ("OVER-066", replace(SWAPPED, decoy=THERE, part="share", opened=Tree((Entry("share/a", Kind.FILE, "{}"),)))),
    ("OVER-067[folder]", DIVERTED),
    ("OVER-067[parent]", replace(DIVERTED, made=NOT_MADE)),
    ("OVER-080", LOG),
    ("OVER-081", COMPARED),
    ("OVER-082", LENGTHENED),
    ("OVER-083", LOG),
]

BAD = [
    ("OVER-060", replace(HELPERS, made=NOT_MADE), "did-not-prepare"),
    ("OVER-060", replace(HELPERS, made=EMPTY), "absent"),
    ("OVER-060", replace(HELPERS, told=("--dest=OVR/lib",)), "told-absolute"),
    ("OVER-060", replace(HELPERS, named=USE), "named-absolute"),
    ("OVER-061", replace(BESIDE, made=NOT_MADE, changed=("lib",)), "changed"),
    ("OVER-061", replace(BESIDE, named=USE), "named"),
    ("OVER-062", replace(GROWTH, large=replace(LARGE, lookups=35)), "many-lookups"),
    ("OVER-062", replace(GROWTH, large=replace(LARGE, repeats={"OVR": 3})), "repeated-lookups"),
    ("OVER-062", replace(GROWTH, large=replace(LARGE, repeats={"OVR/lib": 2})), "repeated-lookups"),
    ("OVER-063", replace(CHANGED, uses=USE), "absolute-name"),
    ("OVER-064", replace(OPENED, descriptors=(ONCE, f.Descriptors((9, 12), early=True))), "not-opened-once"),
    ("OVER-064", replace(OPENED, descriptors=(f.Descriptors((), early=False), ONCE)), "not-opened-once"),
    ("OVER-064", replace(OPENED, descriptors=(ONCE, f.Descriptors((9,), early=False))), "opened-late"),
    ("OVER-064", replace(OPENED, descriptors=(ONCE, f.Descriptors((7,), early=True))), "another-number"),
    ("OVER-065", replace(SWAPPED, decoy=THERE), "diverted"),
    ("OVER-065", replace(SWAPPED, decoy=THERE, ending=REFUSED), "diverted"),
    ("OVER-065", replace(SWAPPED, ending=SILENT), "silent"),
    ("OVER-066", replace(SWAPPED, part="share"), "lost"),
    ("OVER-067[above]", WRITTEN, "written"),
    ("OVER-067[above]", replace(WRITTEN, made=NOT_MADE), "written"),
    ("OVER-067[folder]", replace(DIVERTED, made=EMPTY), "absent"),
    ("OVER-080", replace(LOG, lines=0), "empty"),
    ("OVER-080", replace(LOG, overrides=("made /p/tmp-1/overrides/lib",)), "absolute-path"),
    ("OVER-081", replace(COMPARED, differences=("- a", "+ b")), "differs"),
    ("OVER-082", replace(LENGTHENED, log_sizes=(4000, 5001)), "long-path"),
    ("OVER-083", replace(LOG, copy=()), "copy-unnamed"),
]

UNDECIDED = [
    ("OVER-060", replace(HELPERS, made=CUT), Verdict.INCONCLUSIVE),
    ("OVER-060", replace(HELPERS, programs=()), Verdict.NOT_APPLICABLE),
    ("OVER-062", replace(GROWTH, large=SMALL), Verdict.INCONCLUSIVE),
    ("OVER-065", replace(SWAPPED, held=""), Verdict.INCONCLUSIVE),
]
