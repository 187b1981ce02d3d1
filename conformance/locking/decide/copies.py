"""Deciders of sections B and C for mutable copies: the runtime's lock and the parent's while a copy is made."""

from __future__ import annotations

import statistics
from itertools import combinations, zip_longest

from pytest_vessel.conformance.locking import seen_copies as s
from pytest_vessel.conformance.locking.decide.common import REF, not_started
from pytest_vessel.conformance.locking.decide.direct import conflict_keeps_the_payload_from_starting
from pytest_vessel.judge import Decision, Verdict, decides, fail, inconclusive, not_applicable, passed
from pytest_vessel.observation.process import Start

PARENT_REF = "PARENT/.ref"


@decides("LOCK-011", "LOCK-014")
def source_is_locked_at_each_call(seen: s.Filling) -> Decision:
    """Source: LOCK-011, 014."""
    return _locked_at_each_call(seen, REF)


@decides("LOCK-021[setting-up]")
def parent_is_locked_at_each_call(seen: s.Filling) -> Decision:
    """Source: LOCK-021. Shared or stronger."""
    return _locked_at_each_call(seen, PARENT_REF)


def _locked_at_each_call(seen: s.Filling, where: str) -> Decision:
    if refusal := not_started(seen.start):
        return refusal
    if not seen.watched.calls:
        return inconclusive("it made no such system call, so there was nothing to look at")
    if seen.watched.unlocked:
        observed = f"no lock before {', '.join(seen.watched.unlocked)}"
        return fail(where, "unlocked", expected="a lock at each of these calls", observed=observed)
    return passed(f"{where} was locked at each of {seen.watched.calls} calls")


@decides("LOCK-057")
def source_is_free_afterwards(seen: s.SourceAfter) -> Decision:
    """Source: LOCK-057."""
    if refusal := not_started(seen.start):
        return refusal
    if seen.uses:
        return not_applicable(f"the copy still uses SRC: {', '.join(seen.uses)}")
    if seen.locks is not None and seen.locks.protects:
        return fail(REF, "kept", expected="no lock once the payload runs", observed=str(seen.locks))
    return passed("SRC/.ref is free while the payload runs in a copy of its own")


@decides("LOCK-021[payload]", "LOCK-021[failure]")
def parent_is_free_afterwards(seen: s.ParentAfter) -> Decision:
    """Source: LOCK-021."""
    if seen.failed:
        when = f"after a set-up that failed ({seen.failed} answered ENOSPC)"
        if seen.start.ready:
            return fail("payload", "started", expected="no payload in half a copy", observed=f"it ran {when}")
        if seen.start.ending is None or seen.start.ending.stopped:
            return fail("launcher", "hangs", expected=f"it ends {when}", observed=str(seen.start))
    else:
        when = "while the payload runs"
        if refusal := not_started(seen.start):
            return refusal
    if not seen.freed:
        return fail(PARENT_REF, "kept", expected=f"free {when}", observed="locked")
    return passed(f"PARENT/.ref is free {when}")


@decides("LOCK-022", "LOCK-003[copying-src]", "LOCK-003[parent-ref]", "LOCK-012[copy]")
def lock_keeps_copies_away(seen: s.ParentContention) -> Decision:
    """Source: LOCK-003, 012, 022. Waiting and failing are both right."""
    if seen.appeared:
        wanted = "no new entry of PARENT while the lock is held"
        return fail("PARENT", "copy-appeared", expected=wanted, observed=f"appeared: {', '.join(seen.appeared)}")
    return conflict_keeps_the_payload_from_starting(seen.contention)


@decides("LOCK-024")
def waiting_is_told(seen: s.Waiting) -> Decision:
    """Source: LOCK-024. A message names the file when it holds its path."""
    if seen.start.ready:
        return fail("payload", "started-while-locked", expected="it waits", observed="it started beside the lock")
    if not seen.start.waits:
        return not_applicable(f"it does not wait: {seen.start}")
    if any(name in seen.message for name in seen.names):
        return passed("it told what it waits for, with the file's path")
    observed = f"it waits, having written {seen.message.strip()!r}" if seen.message.strip() else "it waits silently"
    return fail("launcher", "silent-wait", expected=f"a message that names {seen.names[0]}", observed=observed)


@decides("LOCK-025", "LOCK-027")
def it_proceeds_beside_the_lock(seen: s.Beside) -> Decision:
    """Source: LOCK-025, 027."""
    if refusal := not_started(seen.start, f"the payload runs beside {seen.held}"):
        return refusal
    if seen.lost:
        observed = f"{seen.lost} files of an unused copy went beside {seen.held}"
        return fail("PARENT", "deleted", expected="clean-up is skipped", observed=observed)
    return passed(f"the payload ran beside {seen.held}")


@decides("LOCK-026")
def copies_are_made_at_once(seen: s.Overlap) -> Decision:
    """Source: LOCK-026."""
    if not seen.fired:
        return inconclusive("the first start made no name in a copy, so it could not be held there")
    if not seen.second.ready:
        observed = f"{seen.second}, while the first was held at {seen.fired}"
        return fail("launcher", "excludes-others", expected="the second start proceeds", observed=observed)
    if refusal := not_started(seen.first, "the first payload runs as well"):
        return refusal
    return passed(f"the second payload ran while the first set-up was held at {seen.fired}")


@decides("LOCK-028")
def missing_parent_is_made(seen: s.NewParent) -> Decision:
    """Source: LOCK-028. Making it and refusing are both right, for one that starts when the folder is there."""
    if refusal := not_started(seen.sound, "the payload runs when PARENT is there"):
        return refusal
    if seen.there:
        return fail("PARENT", "litter", expected="nothing but PARENT appears", observed=", ".join(seen.there))
    if seen.start.ready and seen.parent_made:
        return passed("PARENT was made with its parents")
    if seen.start.ready:
        return fail("PARENT", "not-made", expected="PARENT is made, or an error", observed="the payload ran without it")
    return _clear_error(seen.start)


def _clear_error(start: Start) -> Decision:
    if start.ending is None or start.ending.stopped:
        return fail("launcher", "hangs", expected="a clear error", observed=str(start))
    if not start.ending.refused:
        wanted = "a status that is not zero, and a message"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(start.ending))
    return passed(str(start.ending))


@decides("LOCK-029")
def unusable_parent_lock_is_a_clear_error(seen: s.UnusableParent) -> Decision:
    """Source: LOCK-029."""
    if refusal := not_started(seen.sound, "the payload runs when PARENT/.ref is sound"):
        return refusal
    if seen.start.ready:
        observed = f"the payload ran; PARENT/.ref: {seen.what}"
        return fail("payload", "started-unlocked", expected="a clear error", observed=observed)
    error = _clear_error(seen.start)
    if error.verdict is not Verdict.PASS:
        return error
    if seen.left:
        return fail("PARENT", "left-behind", expected="nothing is left behind", observed=", ".join(seen.left))
    if not any(name in seen.message for name in seen.names):
        wanted = f"a message that names {seen.names[0]}"
        return fail("launcher", "nameless-error", expected=wanted, observed=str(seen.start.ending))
    return error


@decides("LOCK-030")
def no_copy_is_exposed(seen: s.Unprotected) -> Decision:
    """Source: LOCK-030: whenever there is a copy, its own lock or that of PARENT keeps a clean-up away."""
    if refusal := not_started(seen.start):
        return refusal
    if not seen.looks:
        return inconclusive("no system call that was looked at found a copy in PARENT")
    if seen.exposed:
        observed = f"neither lock was held before {', '.join(seen.exposed)}"
        return fail("COPY", "exposed", expected="PARENT/.ref or COPY/.ref is locked", observed=observed)
    if not seen.released:
        return fail(PARENT_REF, "never-released", expected="locked, then free", observed="never locked, or never freed")
    return passed(f"one of the two locks was held at each of {seen.looks} looks")


@decides("LOCK-031")
def set_up_survives(seen: s.Survival) -> Decision:
    """Source: LOCK-031. The cleaner may wait for the set-up, or skip."""
    if not seen.fired:
        return inconclusive("the set-up made no name in a copy, so it could not be held there")
    if refusal := not_started(seen.a, "the set-up that was held goes on to its payload"):
        return refusal
    if seen.missing:
        observed = f"its copy lacks {', '.join(seen.missing)}"
        return fail("COPY", "deleted-in-use", expected="the copy survives the clean-up", observed=observed)
    if not seen.b.succeeded:
        return fail("cleaner", "failed", expected="the clean-up succeeds", observed=str(seen.b))
    how = "waited" if seen.b_waited else "went by"
    return passed(f"held at {seen.fired} while the clean-up {how}, then whole")


@decides("LOCK-032")
def clean_up_keeps_set_ups_away(seen: s.Cleaning) -> Decision:
    """Source: LOCK-032."""
    if not seen.fired:
        return inconclusive("the clean-up deleted nothing of an unused copy, so it could not be held there")
    if not seen.locked:
        wanted = "PARENT/.ref is locked exclusively while it deletes"
        return fail(PARENT_REF, "unlocked", expected=wanted, observed=f"no exclusive lock before {seen.fired}")
    if seen.beside.ready or seen.appeared:
        observed = f"appeared: {', '.join(seen.appeared)}" if seen.appeared else "the payload runs"
        return fail("PARENT", "copy-appeared", expected="it waits or fails", observed=observed)
    if not seen.beside.waits and _clear_error(seen.beside).verdict is not Verdict.PASS:
        return _clear_error(seen.beside)
    if refusal := not_started(seen.after, "the payload starts once the clean-up is over"):
        return refusal
    if seen.collector:
        return fail("cleaner", "failed", expected="the clean-up succeeds", observed=seen.collector)
    if seen.copies != seen.wanted:
        wanted = f"{seen.wanted} distinct copies in use"
        return fail("COPY", "shared", expected=wanted, observed=f"{seen.copies}")
    how = "waited" if seen.beside.waits else f"failed ({seen.beside.ending})"
    return passed(f"{how} while the clean-up was held at {seen.fired}; {seen.copies} in use afterwards")


PREDICTABLE_SHARE = 0.4
"""Two random words of 6 or more characters differ in most places; names that count or tell the time in few."""

SHORTEST_WORD = 6


@decides("LOCK-040")
def names_are_unpredictable(seen: s.Names) -> Decision:
    """Source: LOCK-040.

    Random words of 16 or more letters differ in nearly all places. That they come from a good source is not shown.
    """
    if len(seen.words) != seen.wanted:
        observed = f"{len(seen.words)} new copies after {len(seen.pids)} of {seen.wanted} starts"
        return fail("COPY", "no-copy", expected="one new copy for each start", observed=observed)
    if len(set(seen.words)) != len(seen.words):
        return fail("COPY", "same-name", expected="names that differ", observed=", ".join(seen.words))
    if min(map(len, seen.words)) < SHORTEST_WORD:
        wanted = f"at least {SHORTEST_WORD} characters that nobody can foresee"
        return fail("COPY", "short-name", expected=wanted, observed=", ".join(seen.words))
    with_pid = [word for word, pids in zip(seen.words, seen.pids, strict=True) if _names_pid(word, pids)]
    if len(with_pid) > 1:
        return fail("COPY", "predictable-name", expected="no pid in it", observed=", ".join(with_pid))
    share = statistics.mean(_difference(one, other) for one, other in combinations(seen.words, 2))
    if share < PREDICTABLE_SHARE:
        observed = f"{', '.join(seen.words)}: {share:.0%} of the characters differ"
        return fail("COPY", "predictable-name", expected="names that differ in most characters", observed=observed)
    return passed(f"{len(seen.words)} names differ in {share:.0%} of their characters on average")


def _names_pid(word: str, pids: tuple[int, ...]) -> bool:
    return any(str(pid) in word for pid in pids if pid > 999)


def _difference(one: str, other: str) -> float:
    pairs = list(zip_longest(one, other))
    differing: int = sum(left != right for left, right in pairs)
    return differing / len(pairs)


@decides("LOCK-065")
def copy_is_private(seen: s.Permissions) -> Decision:
    """Source: LOCK-065."""
    if refusal := not_started(seen.start):
        return refusal
    if seen.mode is None:
        return inconclusive("not exactly one copy was found, so there was none to look at")
    if seen.mode & 0o077:
        return fail("COPY", "open-to-others", expected="mode 0700", observed=f"mode {seen.mode:04o}")
    return passed(f"mode {seen.mode:04o}")
