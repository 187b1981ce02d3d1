"""What several deciders of this suite ask first. Pure."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.judge import Decision, fail
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Start

REF = s.SRC_REF
A_SHARED_LOCK = "a shared whole-file fcntl lock"


def not_started(start: Start, expected: str = "the payload runs") -> Decision | None:
    """A fail where the payload did not run although nothing stood against it."""
    if start.ready:
        return None
    return fail("payload", "did-not-start", expected=expected, observed=str(start))


def unlocked(use: s.Use, where: str = "", expected: str = A_SHARED_LOCK) -> Decision | None:
    """A fail where the payload did not run, or ran without a lock that protects it."""
    if refusal := not_started(use.start):
        return refusal
    return unprotected(use.locks, where=where or use.file, expected=expected)


def unprotected(
    locks: LockTable | None, when: str = "while the payload runs", *, where: str = REF, expected: str = A_SHARED_LOCK
) -> Decision | None:
    """A fail where these locks would not keep anybody from deleting; None where they would."""
    if locks is not None and locks.protects:
        return None
    seen = "no lock file" if locks is None else str(locks)
    return fail(where, "unlocked", expected=f"{expected} {when}", observed=f"{seen} {when}")


def held(locks: LockTable | None) -> str:
    """The lock that protects, and who holds it, as evidence."""
    found = list(locks.fcntl) if locks else []
    pids = sorted({pid for lock in found for pid in lock.holders})
    return f"{found[0]}" + (f", held by pid {', '.join(map(str, pids))}" if pids else "") if found else "a lock is held"
