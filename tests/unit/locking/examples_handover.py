"""Examples for the deciders of the copy's lock, its hand-over, and what becomes of it when somebody is killed."""

from __future__ import annotations

from dataclasses import replace

from made_up_looks import (
    ENDLESS,
    EXITED,
    FAILED,
    FREE,
    HELD,
    HELD_ALONE,
    HELD_POSIX,
    HUNG,
    NAKED,
    OK,
    REFUSED,
    RUNS,
    SILENT,
    STUCK,
    USED,
    WAITS,
)

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking import seen_copies as c
from pytest_vessel.conformance.locking import seen_handover as h
from pytest_vessel.conformance.locking.seen_handover import Moment, State
from pytest_vessel.judge import Verdict

LOCKED, UNLOCKED, ABSENT = State.LOCKED, State.FREE, State.ABSENT

COPY_FILE = h.CopyFile(RUNS, "regular", True, True)
IN_COPY = s.Use(RUNS, HELD, s.COPY_REF)
NAKED_COPY = s.Use(RUNS, FREE, s.COPY_REF)
MOMENTS = (
    Moment("execve", UNLOCKED, ABSENT),
    Moment("mkdir", LOCKED, ABSENT),
    Moment("openat", LOCKED, UNLOCKED),
    Moment("linkat", LOCKED, LOCKED),
    Moment("close", UNLOCKED, LOCKED),
)
TIMELINE = h.Timeline(RUNS, MOMENTS, 48, 1)
GAP = replace(TIMELINE, moments=(*MOMENTS, Moment("fcntl", UNLOCKED, UNLOCKED), Moment("rest", UNLOCKED, LOCKED)))
LATE = replace(TIMELINE, moments=(*MOMENTS[:3], Moment("close", UNLOCKED, UNLOCKED), Moment("rest", UNLOCKED, LOCKED)))
NEVER = replace(TIMELINE, moments=MOMENTS[:3])
RELEASE = s.Release(IN_COPY, None, None, True, 0.01)
WITH_DAEMON = replace(RELEASE, daemon_lived=True, with_daemon=HELD)
KEPT = h.Cleaned(EXITED, 0, 5)
LIVES = h.Strike("SIGTERM", True, HELD, KEPT)
DIED = h.Strike("SIGKILL", False, FREE, None)
STRIKES = h.Strikes(RUNS, HELD, "launcher", (LIVES, DIED), "")
BARE = replace(STRIKES, strikes=(DIED, replace(LIVES, locks=FREE)))
DELETED = replace(STRIKES, strikes=(replace(LIVES, cleaned=h.Cleaned(EXITED, 5, 5)),))
NOBODY = replace(STRIKES, strikes=(), missing="there is no process that is a supervisor")
ABANDONED = h.Abandoned(RUNS, "", True, True, 0.02)
PREPARED = h.Prepared(OK, True, 2, (), FREE, True)
FIRST = h.FirstAct(True, IN_COPY)
EXCLUDED = h.Excluded(True, s.Contention("", "an exclusive lock on COPY/.ref", FAILED, RUNS))
REPLACED = h.Replaced("src-replaced", RUNS, True, "", "at the payload's first act", USED)
MISTAKEN = h.Mistaken("copy-replaced", True, REFUSED, 0, 5, OK, True)
POSIX_USE = s.Use(RUNS, HELD_POSIX, s.COPY_REF)
CONTENTION = c.ParentContention(s.Contention("", "an exclusive lock", FAILED, RUNS), ())

GOOD = [
    ("LOCK-001[copy]", IN_COPY),
    ("LOCK-003[parent-ref]", CONTENTION),
    ("LOCK-006[copy]", s.Fallback(3, POSIX_USE, HELD_POSIX)),
    ("LOCK-012[copy]", CONTENTION),
    ("LOCK-041", COPY_FILE),
    ("LOCK-042", IN_COPY),
    ("LOCK-043", TIMELINE),
    ("LOCK-044", RELEASE),
    ("LOCK-045", WITH_DAEMON),
    ("LOCK-045", replace(RELEASE, daemon_lived=False)),
    ("LOCK-046[sigterm]", STRIKES),
    ("LOCK-046[sigterm]", replace(STRIKES, strikes=(replace(LIVES, cleaned=None),))),
    ("LOCK-047", ABANDONED),
    ("LOCK-047", replace(ABANDONED, after_s=2.5)),
    ("LOCK-048[sigkill]", STRIKES),
    ("LOCK-049[030]", TIMELINE),
    ("LOCK-049[041]", COPY_FILE),
    ("LOCK-049[042]", IN_COPY),
    ("LOCK-050[merged-usr]", PREPARED),
    ("LOCK-050[complete-root]", replace(PREPARED, collected=None)),
    ("LOCK-050[merged-usr]", replace(PREPARED, collected=False)),
    ("LOCK-051[run]", h.FirstAct(True, USED)),
    ("LOCK-051[copy]", FIRST),
    ("LOCK-051[copy-refused]", EXCLUDED),
    ("LOCK-052[src-replaced]", REPLACED),
    ("LOCK-052[src-gone]", replace(REPLACED, use=s.Use(FAILED, None))),
    ("LOCK-052[parent-waited]", REPLACED),
    ("LOCK-052[copy-replaced]", MISTAKEN),
    ("LOCK-052[runtime]", MISTAKEN),
    ("LOCK-053[holder]", STRIKES),
    ("LOCK-060[copy]", s.Inside(RUNS, "8:1:9", (("/.ref", "8:1:9"),), (), HELD, s.COPY_REF)),
]

BAD = [
    ("LOCK-001[copy]", NAKED_COPY, "unlocked"),
    ("LOCK-003[parent-ref]", replace(CONTENTION, appeared=("tmp-a",)), "copy-appeared"),
    ("LOCK-041", replace(COPY_FILE, start=EXITED), "did-not-start"),
    ("LOCK-041", replace(COPY_FILE, found="nothing"), "no-regular-file"),
    ("LOCK-041", replace(COPY_FILE, inside=False), "outside"),
    ("LOCK-041", replace(COPY_FILE, own=False), "shared-inode"),
    ("LOCK-042", NAKED_COPY, "unlocked"),
    ("LOCK-042", s.Use(RUNS, HELD_ALONE, s.COPY_REF), "wrong-mode"),
    ("LOCK-043", GAP, "gap"),
    ("LOCK-043", NEVER, "unlocked"),
    ("LOCK-043", replace(TIMELINE, start=FAILED), "did-not-start"),
    ("LOCK-043", replace(TIMELINE, moments=(*MOMENTS, Moment("rest", UNLOCKED, ABSENT))), "gap"),
    ("LOCK-044", replace(RELEASE, freed=False), "never-freed"),
    ("LOCK-044", replace(RELEASE, use=NAKED_COPY), "unlocked"),
    ("LOCK-045", replace(WITH_DAEMON, with_daemon=FREE), "unlocked"),
    ("LOCK-046[sigterm]", BARE, "unlocked"),
    ("LOCK-046[sigterm]", DELETED, "deleted-in-use"),
    ("LOCK-046[sigkill]", replace(STRIKES, before=FREE), "unlocked"),
    ("LOCK-046[sigkill]", replace(STRIKES, start=FAILED), "did-not-start"),
    ("LOCK-047", replace(ABANDONED, ended=False), "lives-on"),
    ("LOCK-047", replace(ABANDONED, freed=False), "never-freed"),
    ("LOCK-047", replace(ABANDONED, start=FAILED), "did-not-start"),
    ("LOCK-048[sigkill]", BARE, "unlocked"),
    ("LOCK-049[030]", LATE, "unprotected"),
    ("LOCK-049[030]", NEVER, "unlocked"),
    ("LOCK-049[030]", replace(TIMELINE, start=FAILED), "did-not-start"),
    ("LOCK-049[041]", replace(COPY_FILE, own=False), "shared-inode"),
    ("LOCK-049[042]", NAKED_COPY, "unlocked"),
    ("LOCK-050[merged-usr]", replace(PREPARED, ending=SILENT), "failed"),
    ("LOCK-050[merged-usr]", replace(PREPARED, found=False), "missing"),
    ("LOCK-050[merged-usr]", replace(PREPARED, locks=None), "missing"),
    ("LOCK-050[merged-usr]", replace(PREPARED, different=("a: missing",)), "differs"),
    ("LOCK-050[merged-usr]", replace(PREPARED, locks=HELD), "never-freed"),
    ("LOCK-051[copy]", replace(FIRST, use=NAKED_COPY), "unlocked"),
    ("LOCK-051[copy]", replace(FIRST, use=s.Use(FAILED, None)), "did-not-start"),
    (
        "LOCK-051[copy-refused]",
        replace(EXCLUDED, contention=replace(EXCLUDED.contention, start=RUNS, after=None)),
        "started-while-locked",
    ),
    (
        "LOCK-051[copy-refused]",
        h.Excluded(False, replace(EXCLUDED.contention, after=None)),
        "did-not-start",
    ),
    ("LOCK-052[src-replaced]", replace(REPLACED, use=NAKED), "unlocked"),
    ("LOCK-052[src-deleted]", replace(REPLACED, use=s.Use(RUNS, None)), "unlocked"),
    ("LOCK-052[src-replaced]", replace(REPLACED, sound=FAILED), "did-not-start"),
    ("LOCK-052[src-gone]", replace(REPLACED, use=s.Use(STUCK, None)), "hangs"),
    ("LOCK-052[src-gone]", replace(REPLACED, use=s.Use(ENDLESS, None)), "hangs"),
    ("LOCK-052[src-gone]", replace(REPLACED, use=s.Use(WAITS, None)), "hangs"),
    ("LOCK-052[src-gone]", replace(REPLACED, use=s.Use(EXITED, None)), "no-clear-error"),
    ("LOCK-052[copy-replaced]", replace(MISTAKEN, lost=5), "deleted-in-use"),
    ("LOCK-052[copy-replaced]", replace(MISTAKEN, gone=False), "never-deleted"),
    ("LOCK-052[runtime]", replace(MISTAKEN, ending=HUNG), "hangs"),
    ("LOCK-052[runtime]", replace(MISTAKEN, free=HUNG), "hangs"),
    ("LOCK-053[holder]", BARE, "unlocked"),
    (
        "LOCK-056[copy]",
        s.Descriptors(RUNS, (s.Descriptor(4, "8:1", 8),), "8:1", 7, True, (("8:1", 8),)),
        "inherited-lock",
    ),
]

UNDECIDED = [
    ("LOCK-046[sigterm]", replace(NOBODY, victim="launcher"), Verdict.NOT_APPLICABLE),
    ("LOCK-047", replace(ABANDONED, missing="the launcher has ended by itself"), Verdict.NOT_APPLICABLE),
    ("LOCK-051[copy]", replace(FIRST, caught=False), Verdict.INCONCLUSIVE),
    ("LOCK-051[copy-refused]", h.Excluded(False, replace(EXCLUDED.contention, start=RUNS)), Verdict.INCONCLUSIVE),
    ("LOCK-052[src-replaced]", replace(REPLACED, missing="it made no fcntl lock call"), Verdict.INCONCLUSIVE),
    ("LOCK-052[src-waited]", replace(REPLACED, waits=False), Verdict.NOT_APPLICABLE),
    ("LOCK-052[runtime]", replace(MISTAKEN, fired=False), Verdict.INCONCLUSIVE),
    ("LOCK-053[supervisor]", NOBODY, Verdict.NOT_APPLICABLE),
]
