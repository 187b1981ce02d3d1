"""Deciders of section A: which kind of lock, and what becomes of lock calls that fail."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking.decide.common import held, not_started, unlocked, unprotected
from pytest_vessel.judge import Decision, decides, fact, fail, failed, inconclusive, not_applicable, passed
from pytest_vessel.judge.verdict import Finding
from pytest_vessel.observation.locks import Kind, Lock, LockTable


@decides("LOCK-001")
def lock_is_a_whole_file_fcntl_lock(use: s.Use) -> Decision:
    """Source: LOCK-001. Any mode and either fcntl family passes; who holds it does not matter here."""
    if refusal := not_started(use.start):
        return refusal
    locks = use.locks or LockTable()
    wrong = [_wrong_kind(lock, use.file) for lock in locks.locks if lock.kind is Kind.FLOCK or not lock.whole_file]
    if wrong:
        return failed(*wrong)
    return unprotected(locks, where=use.file) or passed(held(locks))


def _wrong_kind(lock: Lock, where: str) -> Finding:
    code = "flock" if lock.kind is Kind.FLOCK else "part-of-file"
    return Finding(where, code, expected="a whole-file fcntl lock", observed=str(lock))


@decides("LOCK-002")
def lock_is_an_ofd_lock(use: s.Use) -> Decision:
    """Source: LOCK-002. One OFD lock is enough; POSIX locks beside it do not matter."""
    if refusal := unlocked(use):
        return refusal
    assert use.locks is not None
    for lock in use.locks.fcntl:
        if lock.kind is Kind.OFD:
            return passed(held(use.locks))
    return fail(use.file, "not-ofd", expected="an open file description lock", observed=str(use.locks))


@decides("LOCK-004")
def effect_of_flock(seen: s.Contention) -> Decision:
    """Source: LOCK-004, a fact."""
    return fact("flock has no effect on a start" if seen.start.ready else f"flock has an effect: {seen.start}")


@decides("LOCK-006")
def falls_back_to_posix(seen: s.Fallback) -> Decision:
    """Source: LOCK-006. Who never asks for an OFD lock passes when it holds a POSIX one."""
    if refusal := unlocked(seen.use):
        return refusal
    assert seen.use.locks is not None
    if not any(lock.kind is Kind.POSIX for lock in seen.use.locks.fcntl):
        return fail(seen.use.file, "no-posix-lock", expected="a POSIX lock", observed=str(seen.use.locks))
    if seen.with_daemon is not None and (
        refusal := unprotected(seen.with_daemon, "while a daemon of the payload lives", where=seen.use.file)
    ):
        return refusal
    asked = f"after {seen.refused_calls} refused OFD calls" if seen.refused_calls else "without asking for an OFD lock"
    return passed(f"{held(seen.use.locks)}, {asked}")


@decides("LOCK-007")
def interrupted_call_is_no_lock(seen: s.Interrupted) -> Decision:
    """Source: LOCK-007."""
    if not seen.fired:
        which = "waiting fcntl lock call" if seen.waiting else "fcntl lock call"
        return inconclusive(f"it made no {which} on the file, so none could be interrupted")
    if seen.beside is not None and seen.beside.ready:
        wanted = "no start while the lock is held"
        return fail("payload", "started-while-locked", expected=wanted, observed="the payload ran after EINTR")
    if seen.use.start.ready:
        return unprotected(seen.use.locks, where=seen.use.file) or passed(f"retried: {held(seen.use.locks)}")
    ending = seen.use.start.ending
    if not seen.waiting and ending is not None and ending.refused:
        return passed(f"reported: {ending}")
    wanted = "the call is retried" + ("" if seen.waiting else ", or its failure reported")
    return fail("launcher", "gave-up", expected=wanted, observed=str(seen.use.start))


@decides("LOCK-008")
def no_lock_means_no_payload(seen: s.NoLocks) -> Decision:
    """Source: LOCK-008."""
    if seen.start.ready:
        return fail(
            "payload",
            "started-unlocked",
            expected="no start without a lock",
            observed="the payload ran although no lock can be had",
        )
    return _refused(seen) or passed(f"{seen.refused_calls} lock calls refused; {seen.start.ending}")


def _refused(seen: s.NoLocks) -> Decision | None:
    if seen.start.ending is None or not seen.start.ending.refused:
        wanted = "a status that is not zero, and a message"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(seen.start))
    return None if seen.refused_calls else _unfired(seen)


@decides("LOCK-066")
def message_names_the_file(seen: s.NoLocks) -> Decision:
    """Source: LOCK-066. Any spelling of the path counts; the wording is recorded, never judged."""
    for name in seen.names:
        if name in seen.message:
            return passed(f"the message names {name}") if seen.refused_calls else _unfired(seen)
    observed = f"message: {seen.message.strip()!r}" if seen.message.strip() else "no message"
    return fail("launcher", "nameless-message", expected="a message that names the file", observed=observed)


def _unfired(seen: s.NoLocks) -> Decision:
    return inconclusive(f"it made no fcntl lock call on the file; {seen.start}")


@decides("LOCK-009")
def payload_cannot_drop_the_lock(seen: s.Stripped) -> Decision:
    """Source: LOCK-009."""
    if refusal := not_started(seen.start) or unprotected(seen.before, where=seen.file):
        return refusal
    after = "after the payload closed and unlocked all it could"
    return unprotected(seen.after, after, where=seen.file) or passed(f"{held(seen.after)} {after}")


@decides("LOCK-056", "LOCK-094")
def payload_inherits_no_lock(seen: s.Descriptors) -> Decision:
    """Source: LOCK-056, 094. Compared by device and inode, so that no path matters."""
    if refusal := not_started(seen.start):
        return refusal
    if not seen.stays:
        return not_applicable("the tool execs the command: its descriptor is the lock")
    files = {(seen.device, seen.inode), *seen.others}
    for one in seen.descriptors:
        if (one.device, one.inode) in files:
            wanted = "no descriptor of the lock file"
            return fail(
                "payload", "inherited-lock", expected=wanted, observed=f"descriptor {one.number} is a lock file"
            )
    numbers = ", ".join(str(one.number) for one in seen.descriptors)
    return passed(f"descriptors {numbers}: none is the lock file")
