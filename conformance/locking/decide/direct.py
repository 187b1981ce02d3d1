"""Deciders of section B: the lock of a runtime that is used directly."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking.decide.common import A_SHARED_LOCK, REF, held, not_started, unlocked, unprotected
from pytest_vessel.judge import Decision, decides, fail, inconclusive, not_applicable, passed


@decides("LOCK-010", "LOCK-017", "LOCK-018", "LOCK-042", "LOCK-049[042]")
def container_is_locked_shared(use: s.Use) -> Decision:
    """Source: LOCK-010, 017, 018, 042. Any shared fcntl lock passes; who holds it does not matter here."""
    if refusal := unlocked(use):
        return refusal
    assert use.locks is not None
    if use.locks.shared_refused:
        return fail(use.file, "wrong-mode", expected=A_SHARED_LOCK, observed=str(use.locks))
    return passed(held(use.locks))


@decides("LOCK-003", "LOCK-012", "LOCK-091")
def conflict_keeps_the_payload_from_starting(seen: s.Contention) -> Decision:
    """Source: LOCK-003, 012, 091. Waiting and failing are both right, unless it was told which."""
    if seen.start.ready:
        return fail(
            "payload",
            "started-while-locked",
            expected="no start while the lock is held",
            observed=f"started beside {seen.held}",
        )
    if seen.start.waits:
        how = "waited"
        if seen.told == "no-wait":
            return fail("launcher", "waits", expected="it fails at once, as told", observed="it waits")
    elif seen.start.ending is None or seen.start.ending.stopped:
        return fail("launcher", "hangs", expected="waits for the lock, or fails", observed=str(seen.start))
    elif not seen.start.ending.refused:
        code = "silent-success" if seen.start.ending.succeeded else "silent"
        wanted = "a status that is not zero, and a message"
        return fail("launcher", code, expected=wanted, observed=str(seen.start.ending))
    else:
        how = f"failed ({seen.start.ending})"
        if seen.told == "wait":
            return fail("launcher", "does-not-wait", expected="it waits, as told", observed=how)
    if seen.after is None or not seen.after.ready:
        wanted = "the payload starts once the lock is free"
        return fail("payload", "stays-away", expected=wanted, observed=f"{how}, then {seen.after or 'nothing'}")
    return passed(f"{how} beside {seen.held}; started once it was free")


@decides("LOCK-012[not-yet-granted]")
def nothing_runs_before_the_lock(seen: s.Barrier) -> Decision:
    """Source: LOCK-012: not even for the moment in which the lock call has not returned."""
    if not seen.fired:
        return inconclusive("it made no fcntl lock call on the file, so none could be held")
    if seen.ready_before:
        return fail(
            "payload",
            "started-before-lock",
            expected="no start before the lock is granted",
            observed="the payload ran while the lock call was held",
        )
    if refusal := not_started(seen.after, "the payload runs once the lock is granted"):
        return refusal
    return passed("nothing ran while its lock call was held; the payload started after")


@decides("LOCK-013")
def all_start_beside_shared_locks(seen: s.Crowd) -> Decision:
    """Source: LOCK-013."""
    others = [start for start in seen.starts if not start.ready]
    if others or len(seen.starts) != seen.wanted:
        observed = f"{seen.wanted - len(others)} of {seen.wanted} run; {others[0] if others else 'some are missing'}"
        return fail("payload", "did-not-start", expected=f"all {seen.wanted} run", observed=observed)
    return passed(f"{seen.wanted} payloads ran at once beside other shared locks")


@decides("LOCK-015", "LOCK-044", "LOCK-045")
def lock_lives_as_long_as_the_container(seen: s.Release) -> Decision:
    """Source: LOCK-015, 044, 045. The time that the release takes is recorded, not judged."""
    if refusal := unlocked(seen.use):
        return refusal
    with_daemon = "while a daemon of the payload lives"
    if seen.daemon_lived and (refusal := unprotected(seen.with_daemon, with_daemon, where=seen.use.file)):
        return refusal
    if not seen.freed:
        return fail(
            seen.use.file, "never-freed", expected="free when the last process is gone", observed="still locked"
        )
    daemon = {None: "", True: "kept while a daemon lived, ", False: "the daemon ended with the payload, "}
    return passed(f"{daemon[seen.daemon_lived]}free {_in_time(seen.freed_after_s)} after the last process")


def _in_time(seconds: float) -> str:
    return "within 1 s" if seconds <= 1 else f"{seconds:.1f} s"


@decides("LOCK-016")
def missing_file_is_never_unlocked_use(seen: s.Missing) -> Decision:
    """Source: LOCK-016. Creating the file and refusing are both right, for one that starts when the file is there."""
    if refusal := not_started(seen.sound, "the payload runs when the file is there"):
        return refusal
    if not seen.use.start.ready:
        ending = seen.use.start.ending
        if ending is not None and ending.refused:
            return passed(f"refused: {ending}")
        wanted = "the file is created and locked, or a clear error"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(seen.use.start))
    if seen.found != "regular":
        wanted = "the file is created and locked first, or a clear error"
        return fail(REF, "used-without-file", expected=wanted, observed=f"the payload runs; at the path: {seen.found}")
    return unprotected(seen.use.locks) or passed(f"created; {held(seen.use.locks)}")


@decides("LOCK-059")
def created_file_can_be_shared(seen: s.Missing) -> Decision:
    """Source: LOCK-059. The harness starts everything with umask 022."""
    if seen.found == "nothing":
        return not_applicable("it creates no lock file")
    if seen.found != "regular":
        return fail(REF, "no-regular-file", expected="a regular file", observed=f"at the path: {seen.found}")
    if seen.permissions != 0o644:
        return fail(REF, "wrong-permissions", expected="mode 0644", observed=f"mode {seen.permissions:04o}")
    return passed("created with mode 0644")


@decides("LOCK-019")
def unusable_file_is_a_clear_error(seen: s.Unusable) -> Decision:
    """Source: LOCK-019. An error is clear only from one that starts when the file is sound."""
    if refusal := not_started(seen.sound, "the payload runs when the file is sound"):
        return refusal
    if seen.outside:
        wanted = "nothing outside SRC is created"
        return fail("outside", "created", expected=wanted, observed=f"appeared: {', '.join(seen.outside)}")
    if seen.start.ready:
        return fail(
            "payload", "started-unlocked", expected="a clear error", observed=f"the payload ran with a {seen.what}"
        )
    if seen.start.ending is None or seen.start.ending.stopped:
        return fail("launcher", "hangs", expected="a clear error", observed=str(seen.start))
    if not seen.start.ending.refused:
        wanted = "a status that is not zero, and a message"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(seen.start.ending))
    return passed(str(seen.start.ending))


@decides("LOCK-020")
def runtime_is_untouched(seen: s.Untouched) -> Decision:
    """Source: LOCK-020."""
    if refusal := not_started(seen.start):
        return refusal
    if seen.changed:
        return fail("SRC", "changed", expected="no change", observed=", ".join(seen.changed[:5]))
    return passed(f"{seen.compared} files unchanged")
