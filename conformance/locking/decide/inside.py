"""Deciders of section E: the lock file as processes inside the container see it."""

from __future__ import annotations

from errno import EACCES, EAGAIN

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.conformance.locking.decide.common import not_started, unprotected
from pytest_vessel.judge import Decision, decides, fail, failed, inconclusive, not_applicable, passed
from pytest_vessel.judge.verdict import Finding
from pytest_vessel.observation.locks import Mode


@decides("LOCK-060", "LOCK-061")
def paths_inside_lead_to_the_lock(seen: s.Inside) -> Decision:
    """Source: LOCK-060, 061. What the adapter arranged is looked at, but never makes a pass."""
    if refusal := not_started(seen.start) or unprotected(seen.locks, where=seen.file):
        return refusal
    wrong = [
        Finding(path, "leads-elsewhere" if leads else "missing", "the locked inode", f"leads to {leads or 'nothing'}")
        for path, leads in seen.found
        if leads != seen.locked
    ]
    if wrong:
        return failed(*wrong)
    own = [path for path, _leads in seen.found if path not in seen.arranged]
    if not own:
        return not_applicable("the adapter's command line arranged every one of these paths")
    return passed(f"{', '.join(own)}: the locked inode")


@decides("LOCK-062")
def lock_inside_is_seen_outside(seen: s.LockInside) -> Decision:
    """Source: LOCK-062."""
    if refusal := not_started(seen.start):
        return refusal
    if seen.result != "locked":
        return fail(seen.path, "refused-inside", expected="a shared lock is granted", observed=seen.result)
    more = len(seen.after.fcntl) - len(seen.before.fcntl)
    if more < 1:
        wanted = "the lock is seen on the lock file outside"
        return fail(seen.path, "not-seen-outside", expected=wanted, observed=f"outside: {seen.after}")
    return passed(f"granted on {seen.path}, and seen outside")


@decides("LOCK-063")
def lock_outside_is_reported_inside(seen: s.TestInside) -> Decision:
    """Source: LOCK-063."""
    if refusal := not_started(seen.start):
        return refusal
    if not seen.outside.protects:
        return inconclusive("the lock that the harness holds outside could not be seen")
    if seen.answer not in (Mode.SHARED, Mode.EXCLUSIVE):
        wanted = "F_OFD_GETLK reports the lock"
        return fail(seen.path, "not-reported-inside", expected=wanted, observed=seen.answer)
    return passed(f"{seen.path}: a {seen.answer} lock is reported")


@decides("LOCK-064")
def exclusive_lock_inside_is_refused(seen: s.LockInside) -> Decision:
    """Source: LOCK-064. Where the file cannot be opened for writing inside, there is nothing to refuse."""
    if refusal := not_started(seen.start):
        return refusal
    word, _, number = seen.result.partition(" ")
    if word == "open-errno":
        return not_applicable(f"{seen.path} cannot be opened for writing inside (errno {number})")
    if word == "lock-errno" and int(number) in (EAGAIN, EACCES):
        return passed(f"{seen.path}: refused with errno {number}")
    return fail(seen.path, "exclusive-inside", expected="refused with EAGAIN or EACCES", observed=seen.result)
