"""Deciders of the removal of a whole runtime."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.judge import Decision, decides, fail, inconclusive, passed


@decides("LOCK-005[runtime]", "LOCK-081", "LOCK-086[runtime]")
def runtime_in_use_stays(seen: s.Removal) -> Decision:
    """Source: LOCK-005, 081, 086. That the unused one goes is part of it: who never deletes keeps no promise."""
    if seen.lost:
        wanted = "a runtime in use stays whole"
        return fail(
            "SRC",
            "deleted-in-use",
            expected=wanted,
            observed=f"{seen.lost} of {seen.total} names gone beside {seen.held}",
        )
    if seen.busy.stopped or seen.free.stopped:
        return fail("remover", "hangs", expected="it ends", observed=str(seen.busy if seen.busy.stopped else seen.free))
    if not seen.gone:
        return fail("SRC", "never-deleted", expected="an unused runtime goes", observed=f"still there: {seen.free}")
    return passed(f"all {seen.total} names stayed beside {seen.held}, and went after it")


@decides("LOCK-085")
def deletion_is_under_the_lock(seen: s.Deletion) -> Decision:
    """Source: LOCK-085.

    A lock that is granted once the tree has lost its name under the remover's lock harms nobody: its owner looks
    whether the file is still the one at that path. That a removal removes is part of the promise; a clean-up may keep.
    """
    if not seen.gone and seen.role == "COPY":
        return inconclusive(f"the unused copy stayed, so how it is deleted was not seen: {seen.ending}")
    if not seen.gone:
        return fail(seen.role, "never-deleted", expected="an unused tree goes", observed=str(seen.ending))
    if not seen.attempts:
        return inconclusive("it made no call that deletes or renames, so none could be held")
    renamed_locked = not any(attempt.granted for attempt in seen.attempts if attempt.named)
    lost = [a for a in seen.attempts if a.granted and a.lost and (a.named or not renamed_locked)]
    if lost:
        return fail(
            seen.role,
            "deleted-in-use",
            expected="no lock is granted, or nothing is lost",
            observed=f"a shared lock was granted before {lost[0].call}, then {lost[0].lost} of {seen.total} names went",
        )
    tried = ", ".join(f"{a.call} ({'granted, nothing lost' if a.granted else 'refused'})" for a in seen.attempts)
    return passed(f"a shared lock was tried before {tried}")
