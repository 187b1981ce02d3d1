"""Deciders of section D: the copy's lock, and its hand-over."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen_handover as s
from pytest_vessel.conformance.locking.decide.common import not_started, unprotected
from pytest_vessel.conformance.locking.decide.direct import conflict_keeps_the_payload_from_starting
from pytest_vessel.conformance.locking.seen import COPY_REF, PARENT_REF, SRC_REF
from pytest_vessel.conformance.locking.seen_handover import State
from pytest_vessel.judge import Decision, decides, fail, inconclusive, not_applicable, passed


@decides("LOCK-041", "LOCK-049[041]")
def copy_has_a_lock_file_of_its_own(seen: s.CopyFile) -> Decision:
    """Source: LOCK-041. A hard link to SRC/.ref would make one lock of two."""
    if refusal := not_started(seen.start):
        return refusal
    wanted = "it leads to a regular file in COPY"
    if seen.found != "regular":
        return fail(COPY_REF, "no-regular-file", expected=wanted, observed=f"it leads to: {seen.found}")
    if not seen.inside:
        return fail(COPY_REF, "outside", expected=wanted, observed="it leads out of COPY")
    if not seen.own:
        return fail(COPY_REF, "shared-inode", expected=f"another file than {SRC_REF}", observed="they are one file")
    return passed(f"a regular file in COPY, another than {SRC_REF}")


@decides("LOCK-043")
def copy_is_locked_without_a_gap(seen: s.Timeline) -> Decision:
    """Source: LOCK-043. From the first moment at which COPY/.ref is locked."""
    if refusal := not_started(seen.start):
        return refusal
    first = next((at for at, moment in enumerate(seen.moments) if moment.copy is State.LOCKED), None)
    if first is None:
        wanted = "locked during the set-up, and from then on"
        return fail(COPY_REF, "unlocked", expected=wanted, observed="locked at no moment")
    for moment in seen.moments[first:]:
        if moment.copy is not State.LOCKED:
            observed = f"{moment.copy} before {moment.before}, after it had been locked"
            return fail(COPY_REF, "gap", expected="locked at every moment", observed=observed)
    return passed(f"locked at each of {seen.looks} looks until the payload rested, across {seen.programs} execs")


@decides("LOCK-049[030]")
def copy_is_locked_when_parent_is_free(seen: s.Timeline) -> Decision:
    """Source: LOCK-049, 030."""
    if refusal := not_started(seen.start):
        return refusal
    bare = [one for one in seen.moments if one.parent is not State.LOCKED and one.copy is State.FREE]
    if bare:
        observed = f"{PARENT_REF} {bare[0].parent}, {COPY_REF} not locked, before {bare[0].before}"
        wanted = f"while {PARENT_REF} is free, {COPY_REF} is locked"
        return fail(COPY_REF, "unprotected", expected=wanted, observed=observed)
    if seen.moments[-1].copy is not State.LOCKED:
        return fail(COPY_REF, "unlocked", expected="locked in the end", observed=f"{seen.moments[-1].copy} in the end")
    return passed(f"{COPY_REF} was locked whenever a copy was there and {PARENT_REF} free")


@decides("LOCK-050")
def prepared_copy_is_whole_and_free(seen: s.Prepared) -> Decision:
    """Source: LOCK-050. That a pass deletes it is recorded, not judged: the lock says that it may."""
    if not seen.ending.succeeded:
        return fail("launcher", "failed", expected="status 0", observed=str(seen.ending))
    if not seen.found:
        return fail("COPY", "missing", expected="a copy", observed="there is none in PARENT")
    if seen.different:
        wanted = f"all {seen.compared} regular files of SRC with equal content"
        return fail("COPY", "differs", expected=wanted, observed=", ".join(seen.different[:5]))
    if seen.locks is None:
        return fail(COPY_REF, "missing", expected="a lock file that is free", observed="there is none")
    if seen.locks.protects:
        return fail(COPY_REF, "never-freed", expected="free, since nobody uses the copy", observed=str(seen.locks))
    what = {None: "", True: "; a clean-up pass took it", False: "; a clean-up pass left it"}[seen.collected]
    return passed(f"{seen.compared} files with equal content, lock free{what}")


@decides("LOCK-051")
def locked_before_the_first_act(seen: s.FirstAct) -> Decision:
    """Source: LOCK-051. Whoever starts the payload before its lock is granted has none at that moment."""
    if refusal := not_started(seen.use.start):
        return refusal
    if not seen.caught:
        return inconclusive("the payload's first system call was not seen, so nobody looked")
    when = "at the payload's first system call"
    return unprotected(seen.use.locks, when, where=seen.use.file) or passed(f"{seen.use.locks} {when}")


@decides("LOCK-051[copy-refused]")
def refused_lock_keeps_the_payload_from_starting(seen: s.Excluded) -> Decision:
    """Source: LOCK-051. As LOCK-012, on the copy's file."""
    if seen.fired:
        return conflict_keeps_the_payload_from_starting(seen.contention)
    why = "it made no fcntl lock call on the file that could have been refused"
    return not_started(seen.contention.start) or inconclusive(why)


@decides("LOCK-052")
def nothing_runs_under_a_lost_lock(seen: s.Replaced) -> Decision:
    """Source: LOCK-052. To start again and to fail are both right, for one that starts when nothing is replaced."""
    if refusal := not_started(seen.sound, "the payload runs when nothing is replaced"):
        return refusal
    if not seen.waits:
        return not_applicable("it does not wait for this lock")
    if seen.missing:
        return inconclusive(seen.missing)
    if not seen.use.start.ready:
        return _clear_error(seen)
    wanted = "the file at the path is locked"
    refusal = unprotected(seen.use.locks, seen.moment, where=seen.use.file, expected=wanted)
    return refusal or passed(f"{seen.what}: {seen.use.locks} on the file at the path {seen.moment}")


def _clear_error(seen: s.Replaced) -> Decision:
    ending = seen.use.start.ending
    if ending is None or ending.stopped:
        return fail("launcher", "hangs", expected="it starts again, or fails", observed=str(seen.use.start))
    if not ending.refused:
        wanted = "a status that is not zero, and a message"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(ending))
    return passed(f"{seen.what}: failed ({ending})")


@decides("LOCK-052[copy-replaced]", "LOCK-052[runtime]")
def nothing_is_deleted_under_a_lost_lock(seen: s.Mistaken) -> Decision:
    """Source: LOCK-052. That the unused tree goes is part of it: who never deletes keeps no promise."""
    if not seen.fired:
        return inconclusive("it made no fcntl lock call on the file, so nothing could be replaced before one")
    if seen.lost:
        observed = f"{seen.lost} of {seen.total} names gone while a user held a lock on the new file"
        return fail(seen.what, "deleted-in-use", expected="a tree in use stays whole", observed=observed)
    if seen.ending.stopped or seen.free.stopped:
        hung = seen.ending if seen.ending.stopped else seen.free
        return fail("remover", "hangs", expected="it ends", observed=str(hung))
    if not seen.gone:
        return fail(seen.what, "never-deleted", expected="an unused tree goes", observed=f"still there: {seen.free}")
    return passed(f"all {seen.total} names stayed beside a lock on the new file, and went after it")
