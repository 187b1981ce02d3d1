"""Examples for the deciders of direct use, of removal, of the lock tool and of what is seen inside."""

from __future__ import annotations

from dataclasses import replace
from errno import EAGAIN

from made_up_looks import (
    BYTE,
    ENDLESS,
    EXITED,
    FAILED,
    FLOCK,
    FREE,
    HELD,
    HELD_ALONE,
    HELD_POSIX,
    HUNG,
    MUTE,
    NAKED,
    OFD,
    OK,
    REFUSED,
    RUNS,
    STUCK,
    USED,
    WAITS,
)

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.judge import Verdict
from pytest_vessel.observation.locks import LockTable, Mode
from pytest_vessel.observation.process import Descriptor, Ending

CONTENTION = s.Contention("", "an exclusive lock", FAILED, RUNS)
FALLBACK = s.Fallback(1, s.Use(RUNS, HELD_POSIX), HELD_POSIX)
INTERRUPTED = s.Interrupted(True, False, None, USED)
NO_LOCKS = s.NoLocks(2, FAILED, "/rt/.ref: in use", ("/rt/.ref",))
STRIPPED = s.Stripped(RUNS, HELD, HELD)
DESCRIPTORS = s.Descriptors(RUNS, (Descriptor(0, "0:1", 5), Descriptor(1, "0:1", 5)), "8:1", 42, True)
CROWD = s.Crowd(3, (RUNS, RUNS, RUNS))
RELEASE = s.Release(USED, True, HELD, True, 0.01)
MISSING = s.Missing(RUNS, USED, "regular", 0o644)
UNUSABLE = s.Unusable(RUNS, "fifo", FAILED, ())
UNTOUCHED = s.Untouched(RUNS, OK, 9, ())
INSIDE = s.Inside(RUNS, "8:1:42", (("/.ref", "8:1:42"), ("/usr/.ref", "8:1:42")), (), HELD)
TWO = LockTable((OFD, OFD), exclusive_refused=True)
LOCK_INSIDE = s.LockInside(RUNS, "/.ref", "locked", HELD, TWO)
TEST_INSIDE = s.TestInside(RUNS, "/.ref", HELD, "shared")
DENIED_INSIDE = s.LockInside(RUNS, "/.ref", f"lock-errno {EAGAIN}", HELD, HELD)
TOOL = s.Tool(Mode.SHARED, USED, 23, Ending(23), True)
CREATED = s.Created(RUNS, True, RUNS, True)
NOT_CREATED = s.Created(RUNS, False, FAILED, False)
REMOVAL = s.Removal("a shared lock", REFUSED, 0, 4, OK, True)
DELETION = s.Deletion((s.Attempt("rename", True, False, 4), s.Attempt("unlinkat", False, True, 4)), 4, OK, True)
BARRIER = s.Barrier(True, False, RUNS)

GOOD = [
    ("LOCK-001[run]", USED),
    ("LOCK-001[lock]", s.Use(RUNS, HELD_POSIX)),
    ("LOCK-002[run]", USED),
    ("LOCK-003[src]", CONTENTION),
    ("LOCK-003[src]", replace(CONTENTION, start=WAITS)),
    ("LOCK-005[runtime]", REMOVAL),
    ("LOCK-006", FALLBACK),
    ("LOCK-006", s.Fallback(0, s.Use(RUNS, HELD_POSIX), None)),
    ("LOCK-007[run]", INTERRUPTED),
    ("LOCK-007[lock-no-wait]", replace(INTERRUPTED, use=s.Use(FAILED, FREE))),
    ("LOCK-007[lock-wait]", replace(INTERRUPTED, waiting=True, beside=WAITS)),
    ("LOCK-008[run]", NO_LOCKS),
    ("LOCK-009[run]", STRIPPED),
    ("LOCK-010", USED),
    ("LOCK-012[held]", CONTENTION),
    ("LOCK-012[not-yet-granted]", BARRIER),
    ("LOCK-013", CROWD),
    ("LOCK-015[daemon]", RELEASE),
    ("LOCK-015[exit]", replace(RELEASE, daemon_lived=None, with_daemon=None)),
    ("LOCK-015[daemon]", replace(RELEASE, daemon_lived=False, with_daemon=None)),
    ("LOCK-016", MISSING),
    ("LOCK-016", s.Missing(RUNS, s.Use(FAILED, None), "nothing", 0)),
    ("LOCK-017", USED),
    ("LOCK-018", s.Use(RUNS, HELD_POSIX)),
    ("LOCK-019[fifo]", UNUSABLE),
    ("LOCK-020", UNTOUCHED),
    ("LOCK-056", DESCRIPTORS),
    ("LOCK-059", MISSING),
    ("LOCK-060", INSIDE),
    ("LOCK-061", replace(INSIDE, arranged=("/.ref",))),
    ("LOCK-062", LOCK_INSIDE),
    ("LOCK-063", TEST_INSIDE),
    ("LOCK-064", DENIED_INSIDE),
    ("LOCK-066[run]", NO_LOCKS),
    ("LOCK-081[ofd]", REMOVAL),
    ("LOCK-085[runtime]", DELETION),
    ("LOCK-086[runtime]", REMOVAL),
    ("LOCK-090[shared]", TOOL),
    ("LOCK-090[exclusive]", replace(TOOL, wanted=Mode.EXCLUSIVE, use=s.Use(RUNS, HELD_ALONE))),
    ("LOCK-091[no-wait]", replace(CONTENTION, told="no-wait")),
    ("LOCK-091[wait]", replace(CONTENTION, told="wait", start=WAITS)),
    ("LOCK-092[create]", CREATED),
    ("LOCK-092[no-create]", NOT_CREATED),
    ("LOCK-094", DESCRIPTORS),
]

BAD = [
    ("LOCK-001[run]", s.Use(RUNS, LockTable((FLOCK,))), "flock"),
    ("LOCK-001[run]", s.Use(RUNS, LockTable((BYTE,), exclusive_refused=True)), "part-of-file"),
    ("LOCK-001[run]", NAKED, "unlocked"),
    ("LOCK-001[run]", s.Use(FAILED, HELD), "did-not-start"),
    ("LOCK-002[run]", s.Use(RUNS, HELD_POSIX), "not-ofd"),
    ("LOCK-002[run]", NAKED, "unlocked"),
    ("LOCK-003[src]", replace(CONTENTION, start=RUNS, after=None), "started-while-locked"),
    ("LOCK-003[src]", replace(CONTENTION, start=EXITED), "silent-success"),
    ("LOCK-003[src]", replace(CONTENTION, start=MUTE), "silent"),
    ("LOCK-003[src]", replace(CONTENTION, start=STUCK), "hangs"),
    ("LOCK-003[src]", replace(CONTENTION, start=ENDLESS), "hangs"),
    ("LOCK-003[src]", replace(CONTENTION, after=FAILED), "stays-away"),
    ("LOCK-003[src]", replace(CONTENTION, start=WAITS, after=None), "stays-away"),
    ("LOCK-005[runtime]", replace(REMOVAL, lost=1), "deleted-in-use"),
    ("LOCK-005[runtime]", replace(REMOVAL, gone=False), "never-deleted"),
    ("LOCK-005[runtime]", replace(REMOVAL, busy=HUNG), "hangs"),
    ("LOCK-006", replace(FALLBACK, use=NAKED), "unlocked"),
    ("LOCK-006", replace(FALLBACK, use=USED), "no-posix-lock"),
    ("LOCK-006", replace(FALLBACK, with_daemon=FREE), "unlocked"),
    ("LOCK-007[run]", replace(INTERRUPTED, use=NAKED), "unlocked"),
    ("LOCK-007[run]", replace(INTERRUPTED, use=s.Use(EXITED, FREE)), "gave-up"),
    ("LOCK-007[run]", replace(INTERRUPTED, use=s.Use(MUTE, FREE)), "gave-up"),
    ("LOCK-007[lock-wait]", replace(INTERRUPTED, waiting=True, beside=RUNS), "started-while-locked"),
    ("LOCK-007[lock-wait]", replace(INTERRUPTED, waiting=True, use=s.Use(FAILED, FREE)), "gave-up"),
    ("LOCK-008[run]", replace(NO_LOCKS, start=RUNS), "started-unlocked"),
    ("LOCK-008[run]", replace(NO_LOCKS, start=EXITED), "no-clear-error"),
    ("LOCK-008[run]", replace(NO_LOCKS, start=MUTE), "no-clear-error"),
    ("LOCK-008[run]", replace(NO_LOCKS, start=STUCK), "no-clear-error"),
    ("LOCK-009", replace(STRIPPED, after=FREE), "unlocked"),
    ("LOCK-009", replace(STRIPPED, before=FREE), "unlocked"),
    ("LOCK-010", NAKED, "unlocked"),
    ("LOCK-010", s.Use(RUNS, HELD_ALONE), "wrong-mode"),
    ("LOCK-012[not-yet-granted]", replace(BARRIER, ready_before=True), "started-before-lock"),
    ("LOCK-012[not-yet-granted]", replace(BARRIER, after=STUCK), "did-not-start"),
    ("LOCK-013", replace(CROWD, starts=(RUNS, RUNS, FAILED)), "did-not-start"),
    ("LOCK-013", replace(CROWD, starts=(RUNS,)), "did-not-start"),
    ("LOCK-015[daemon]", replace(RELEASE, with_daemon=FREE), "unlocked"),
    ("LOCK-015[exit]", replace(RELEASE, freed=False), "never-freed"),
    ("LOCK-015[exit]", replace(RELEASE, use=NAKED), "unlocked"),
    ("LOCK-016", s.Missing(RUNS, NAKED, "regular", 0o644), "unlocked"),
    ("LOCK-016", s.Missing(RUNS, NAKED, "nothing", 0), "used-without-file"),
    ("LOCK-016", s.Missing(RUNS, s.Use(EXITED, None), "nothing", 0), "no-clear-error"),
    ("LOCK-016", replace(MISSING, sound=FAILED), "did-not-start"),
    ("LOCK-019[fifo]", replace(UNUSABLE, sound=FAILED), "did-not-start"),
    ("LOCK-092[no-create]", replace(NOT_CREATED, sound=FAILED), "did-not-start"),
    ("LOCK-019[fifo]", replace(UNUSABLE, outside=("x",)), "created"),
    ("LOCK-019[fifo]", replace(UNUSABLE, start=RUNS), "started-unlocked"),
    ("LOCK-019[fifo]", replace(UNUSABLE, start=STUCK), "hangs"),
    ("LOCK-019[fifo]", replace(UNUSABLE, start=ENDLESS), "hangs"),
    ("LOCK-019[fifo]", replace(UNUSABLE, start=EXITED), "no-clear-error"),
    ("LOCK-020", replace(UNTOUCHED, changed=("a: mode",)), "changed"),
    ("LOCK-020", replace(UNTOUCHED, start=EXITED), "did-not-start"),
    ("LOCK-056", replace(DESCRIPTORS, descriptors=(Descriptor(3, "8:1", 42),)), "inherited-lock"),
    ("LOCK-059", replace(MISSING, permissions=0o600), "wrong-permissions"),
    ("LOCK-060", replace(INSIDE, found=(("/.ref", ""), ("/usr/.ref", "8:1:42"))), "missing"),
    ("LOCK-060", replace(INSIDE, found=(("/.ref", "0:9:1"),), arranged=("/.ref",)), "leads-elsewhere"),
    ("LOCK-060", replace(INSIDE, locks=FREE), "unlocked"),
    ("LOCK-062", replace(LOCK_INSIDE, result="lock-errno 11"), "refused-inside"),
    ("LOCK-062", replace(LOCK_INSIDE, after=HELD), "not-seen-outside"),
    ("LOCK-063", replace(TEST_INSIDE, answer="free"), "not-reported-inside"),
    ("LOCK-064", replace(DENIED_INSIDE, result="locked"), "exclusive-inside"),
    ("LOCK-066[run]", replace(NO_LOCKS, message="no lock"), "nameless-message"),
    ("LOCK-066[run]", replace(NO_LOCKS, start=EXITED, message=""), "nameless-message"),
    ("LOCK-085[runtime]", replace(DELETION, attempts=(s.Attempt("rename", True, True, 4),)), "deleted-in-use"),
    (
        "LOCK-085[runtime]",
        replace(DELETION, attempts=(s.Attempt("rename", True, True, 0), s.Attempt("unlinkat", False, True, 4))),
        "deleted-in-use",
    ),
    ("LOCK-085[runtime]", replace(DELETION, gone=False), "never-deleted"),
    ("LOCK-090[shared]", replace(TOOL, use=NAKED), "unlocked"),
    ("LOCK-090[exclusive]", replace(TOOL, wanted=Mode.EXCLUSIVE), "wrong-mode"),
    ("LOCK-090[shared]", replace(TOOL, ending=OK), "lost-status"),
    ("LOCK-090[shared]", replace(TOOL, freed=False), "never-freed"),
    ("LOCK-091[no-wait]", replace(CONTENTION, told="no-wait", start=WAITS), "waits"),
    ("LOCK-091[wait]", replace(CONTENTION, told="wait"), "does-not-wait"),
    ("LOCK-092[create]", replace(CREATED, start=FAILED, exists=False), "not-created"),
    ("LOCK-092[create]", replace(CREATED, exists=False), "started-unlocked"),
    ("LOCK-092[no-create]", replace(NOT_CREATED, start=RUNS, exists=True), "created-untold"),
    ("LOCK-092[no-create]", replace(NOT_CREATED, start=EXITED), "created-untold"),
]

UNDECIDED = [
    ("LOCK-007[run]", replace(INTERRUPTED, fired=False), Verdict.INCONCLUSIVE),
    ("LOCK-008[run]", replace(NO_LOCKS, refused_calls=0), Verdict.INCONCLUSIVE),
    ("LOCK-066[run]", replace(NO_LOCKS, refused_calls=0), Verdict.INCONCLUSIVE),
    ("LOCK-012[not-yet-granted]", replace(BARRIER, fired=False), Verdict.INCONCLUSIVE),
    ("LOCK-056", replace(DESCRIPTORS, stays=False), Verdict.NOT_APPLICABLE),
    ("LOCK-059", s.Missing(RUNS, s.Use(FAILED, None), "nothing", 0), Verdict.NOT_APPLICABLE),
    ("LOCK-060", replace(INSIDE, arranged=("/.ref", "/usr/.ref")), Verdict.NOT_APPLICABLE),
    ("LOCK-063", replace(TEST_INSIDE, outside=FREE), Verdict.INCONCLUSIVE),
    ("LOCK-064", replace(DENIED_INSIDE, result="open-errno 30"), Verdict.NOT_APPLICABLE),
    ("LOCK-085[runtime]", replace(DELETION, attempts=()), Verdict.INCONCLUSIVE),
    ("LOCK-085[copy]", replace(DELETION, gone=False, role="COPY"), Verdict.INCONCLUSIVE),
    ("LOCK-004", replace(CONTENTION, start=RUNS), Verdict.FACT),
    ("LOCK-004", CONTENTION, Verdict.FACT),
    ("LOCK-093", s.Daemon(RUNS, HELD), Verdict.FACT),
    ("LOCK-093", s.Daemon(RUNS, None), Verdict.FACT),
    ("LOCK-093", s.Daemon(EXITED, None), Verdict.FACT),
]
