"""Deciders of section G: lock tools."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking.decide.common import held, not_started, unlocked
from pytest_vessel.judge import Decision, decides, fact, fail, passed


@decides("LOCK-090")
def tool_holds_the_lock_and_returns_the_status(seen: s.Tool) -> Decision:
    """Source: LOCK-090."""
    if refusal := unlocked(seen.use, "FILE", f"a whole-file fcntl lock of mode {seen.wanted}"):
        return refusal
    assert seen.use.locks is not None
    if not any(lock.mode is seen.wanted for lock in seen.use.locks.fcntl):
        wanted = f"a lock of mode {seen.wanted}"
        return fail("FILE", "wrong-mode", expected=wanted, observed=str(seen.use.locks))
    if seen.ending.status != seen.status:
        return fail("launcher", "lost-status", expected=f"status {seen.status}", observed=str(seen.ending))
    if not seen.freed:
        return fail("FILE", "never-freed", expected="free when the command has exited", observed="still locked")
    return passed(f"{held(seen.use.locks)}; status {seen.status} came back")


@decides("LOCK-092")
def tool_creates_the_file_only_when_told(seen: s.Created) -> Decision:
    """Source: LOCK-092. An error is clear only from one that starts when the file is there."""
    if refusal := not_started(seen.sound, "the command runs when the file is there"):
        return refusal
    if seen.told and seen.start.ready and seen.exists:
        return passed("created, as told; the command ran")
    refused = seen.start.ending is not None and seen.start.ending.refused
    if not seen.told and not seen.exists and refused:
        return passed(f"nothing created, as told; {seen.start.ending}")
    observed = f"{'a file' if seen.exists else 'no file'} afterwards; {seen.start}"
    if seen.start.ready and not seen.exists:
        return fail("payload", "started-unlocked", expected="no start without a lock", observed=observed)
    if seen.told:
        return fail("FILE", "not-created", expected="the file is created, and the command runs", observed=observed)
    return fail("FILE", "created-untold", expected="no file is created, and a clear error", observed=observed)


@decides("LOCK-093")
def lock_of_a_daemon(seen: s.Daemon) -> Decision:
    """Source: LOCK-093, a fact."""
    if not seen.start.ready:
        return fact(f"the command did not start: {seen.start}")
    if seen.with_daemon is None:
        return fact("the daemon ends with the command")
    return fact("held until the daemon exits" if seen.with_daemon.protects else "released with the command")
