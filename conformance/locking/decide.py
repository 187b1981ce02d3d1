"""The deciders of the locking suite: pure functions of what was seen; they also run in `pytest-vessel replay`."""

from __future__ import annotations

from errno import EACCES, EAGAIN

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.judge import (
    Decision,
    decides,
    fact,
    fail,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from pytest_vessel.judge.verdict import Finding
from pytest_vessel.observation.locks import Kind, Lock, LockTable, Mode
from pytest_vessel.observation.process import Start

REF = "SRC/.ref"
_A_SHARED_LOCK = "a shared whole-file fcntl lock"


def _not_started(start: Start, expected: str = "the payload runs") -> Decision | None:
    """A fail where the payload did not run although nothing stood against it."""
    if start.ready:
        return None
    return fail("payload", "did-not-start", expected=expected, observed=str(start))


def _unlocked(use: s.Use) -> Decision | None:
    """A fail where the payload did not run, or ran without a lock that protects it."""
    if refusal := _not_started(use.start):
        return refusal
    return _unprotected(use.locks)


def _unprotected(locks: LockTable | None, when: str = "while the payload runs") -> Decision | None:
    if locks is not None and locks.protects:
        return None
    seen = "no lock file" if locks is None else str(locks)
    return fail(REF, "unlocked", expected=f"{_A_SHARED_LOCK} {when}", observed=f"{seen} {when}")


def _held(locks: LockTable | None) -> str:
    found = list(locks.fcntl) if locks else []
    pids = sorted({pid for lock in found for pid in lock.holders})
    return f"{found[0]}" + (f", held by pid {', '.join(map(str, pids))}" if pids else "") if found else "a lock is held"


@decides("LOCK-001")
def lock_is_a_whole_file_fcntl_lock(use: s.Use) -> Decision:
    """Source: LOCK-001. Any mode and either fcntl family passes; who holds it does not matter here."""
    if refusal := _not_started(use.start):
        return refusal
    locks = use.locks or LockTable()
    wrong = [_wrong_kind(lock) for lock in locks.locks if lock.kind is Kind.FLOCK or not lock.whole_file]
    if wrong:
        return failed(*wrong)
    return _unprotected(locks) or passed(_held(locks))


def _wrong_kind(lock: Lock) -> Finding:
    code = "flock" if lock.kind is Kind.FLOCK else "part-of-file"
    return Finding(REF, code, expected="a whole-file fcntl lock", observed=str(lock))


@decides("LOCK-002")
def lock_is_an_ofd_lock(use: s.Use) -> Decision:
    """Source: LOCK-002. One OFD lock is enough; POSIX locks beside it do not matter."""
    if refusal := _unlocked(use):
        return refusal
    assert use.locks is not None
    for lock in use.locks.fcntl:
        if lock.kind is Kind.OFD:
            return passed(_held(use.locks))
    return fail(REF, "not-ofd", expected="an open file description lock", observed=str(use.locks))


@decides("LOCK-010", "LOCK-017", "LOCK-018")
def runtime_is_locked_shared(use: s.Use) -> Decision:
    """Source: LOCK-010, 017, 018. Any shared fcntl lock passes; who holds it does not matter here."""
    if refusal := _unlocked(use):
        return refusal
    assert use.locks is not None
    if use.locks.shared_refused:
        return fail(REF, "wrong-mode", expected=_A_SHARED_LOCK, observed=str(use.locks))
    return passed(_held(use.locks))


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
    if refusal := _not_started(seen.after, "the payload runs once the lock is granted"):
        return refusal
    return passed("nothing ran while its lock call was held; the payload started after")


@decides("LOCK-004")
def effect_of_flock(seen: s.Contention) -> Decision:
    """Source: LOCK-004, a fact."""
    return fact("flock has no effect on a start" if seen.start.ready else f"flock has an effect: {seen.start}")


@decides("LOCK-006")
def falls_back_to_posix(seen: s.Fallback) -> Decision:
    """Source: LOCK-006. Who never asks for an OFD lock passes when it holds a POSIX one."""
    if refusal := _unlocked(seen.use):
        return refusal
    assert seen.use.locks is not None
    if not any(lock.kind is Kind.POSIX for lock in seen.use.locks.fcntl):
        return fail(REF, "no-posix-lock", expected="a POSIX lock", observed=str(seen.use.locks))
    if seen.with_daemon is not None and (
        refusal := _unprotected(seen.with_daemon, "while a daemon of the payload lives")
    ):
        return refusal
    asked = f"after {seen.refused_calls} refused OFD calls" if seen.refused_calls else "without asking for an OFD lock"
    return passed(f"{_held(seen.use.locks)}, {asked}")


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
        return _unprotected(seen.use.locks) or passed(f"retried: {_held(seen.use.locks)}")
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
    if refusal := _not_started(seen.start) or _unprotected(seen.before):
        return refusal
    after = "after the payload closed and unlocked all it could"
    return _unprotected(seen.after, after) or passed(f"{_held(seen.after)} {after}")


@decides("LOCK-056", "LOCK-094")
def payload_inherits_no_lock(seen: s.Descriptors) -> Decision:
    """Source: LOCK-056, 094. Compared by device and inode, so that no path matters."""
    if refusal := _not_started(seen.start):
        return refusal
    if not seen.stays:
        return not_applicable("the tool execs the command: its descriptor is the lock")
    for one in seen.descriptors:
        if (one.device, one.inode) == (seen.device, seen.inode):
            wanted = "no descriptor of the lock file"
            return fail(
                "payload", "inherited-lock", expected=wanted, observed=f"descriptor {one.number} is the lock file"
            )
    numbers = ", ".join(str(one.number) for one in seen.descriptors)
    return passed(f"descriptors {numbers}: none is the lock file")


@decides("LOCK-013")
def all_start_beside_shared_locks(seen: s.Crowd) -> Decision:
    """Source: LOCK-013."""
    others = [start for start in seen.starts if not start.ready]
    if others or len(seen.starts) != seen.wanted:
        observed = f"{seen.wanted - len(others)} of {seen.wanted} run; {others[0] if others else 'some are missing'}"
        return fail("payload", "did-not-start", expected=f"all {seen.wanted} run", observed=observed)
    return passed(f"{seen.wanted} payloads ran at once beside other shared locks")


@decides("LOCK-015")
def lock_lives_as_long_as_the_container(seen: s.Release) -> Decision:
    """Source: LOCK-015. The time that the release takes is recorded, not judged."""
    if refusal := _unlocked(seen.use):
        return refusal
    if seen.daemon_lived and (refusal := _unprotected(seen.with_daemon, "while a daemon of the payload lives")):
        return refusal
    if not seen.freed:
        return fail(REF, "never-freed", expected="free when the last process is gone", observed="still locked")
    daemon = {None: "", True: "kept while a daemon lived, ", False: "the daemon ended with the payload, "}
    return passed(f"{daemon[seen.daemon_lived]}free {_in_time(seen.freed_after_s)} after the last process")


def _in_time(seconds: float) -> str:
    return "within 1 s" if seconds <= 1 else f"{seconds:.1f} s"


@decides("LOCK-016")
def missing_file_is_never_unlocked_use(seen: s.Missing) -> Decision:
    """Source: LOCK-016. Creating the file and refusing are both right."""
    if not seen.use.start.ready:
        ending = seen.use.start.ending
        if ending is not None and ending.refused:
            return passed(f"refused: {ending}")
        wanted = "the file is created and locked, or a clear error"
        return fail("launcher", "no-clear-error", expected=wanted, observed=str(seen.use.start))
    if seen.found != "regular":
        wanted = "the file is created and locked first, or a clear error"
        return fail(REF, "used-without-file", expected=wanted, observed=f"the payload runs; at the path: {seen.found}")
    return _unprotected(seen.use.locks) or passed(f"created; {_held(seen.use.locks)}")


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
    """Source: LOCK-019."""
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
    if refusal := _not_started(seen.start):
        return refusal
    if seen.changed:
        return fail("SRC", "changed", expected="no change", observed=", ".join(seen.changed[:5]))
    return passed(f"{seen.compared} files unchanged")


@decides("LOCK-060", "LOCK-061")
def paths_inside_lead_to_the_lock(seen: s.Inside) -> Decision:
    """Source: LOCK-060, 061. What the adapter arranged is looked at, but never makes a pass."""
    if refusal := _not_started(seen.start) or _unprotected(seen.locks):
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
    if refusal := _not_started(seen.start):
        return refusal
    if seen.result != "locked":
        return fail(seen.path, "refused-inside", expected="a shared lock is granted", observed=seen.result)
    more = len(seen.after.fcntl) - len(seen.before.fcntl)
    if more < 1:
        wanted = "the lock is seen on the runtime's lock file"
        return fail(seen.path, "not-seen-outside", expected=wanted, observed=f"outside: {seen.after}")
    return passed(f"granted on {seen.path}, and seen outside")


@decides("LOCK-063")
def lock_outside_is_reported_inside(seen: s.TestInside) -> Decision:
    """Source: LOCK-063."""
    if refusal := _not_started(seen.start):
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
    if refusal := _not_started(seen.start):
        return refusal
    word, _, number = seen.result.partition(" ")
    if word == "open-errno":
        return not_applicable(f"{seen.path} cannot be opened for writing inside (errno {number})")
    if word == "lock-errno" and int(number) in (EAGAIN, EACCES):
        return passed(f"{seen.path}: refused with errno {number}")
    return fail(seen.path, "exclusive-inside", expected="refused with EAGAIN or EACCES", observed=seen.result)


@decides("LOCK-090")
def tool_holds_the_lock_and_returns_the_status(seen: s.Tool) -> Decision:
    """Source: LOCK-090."""
    if refusal := _unlocked(seen.use):
        return refusal
    assert seen.use.locks is not None
    if not any(lock.mode is seen.wanted for lock in seen.use.locks.fcntl):
        wanted = f"a lock of mode {seen.wanted}"
        return fail("FILE", "wrong-mode", expected=wanted, observed=str(seen.use.locks))
    if seen.ending.status != seen.status:
        return fail("launcher", "lost-status", expected=f"status {seen.status}", observed=str(seen.ending))
    if not seen.freed:
        return fail("FILE", "never-freed", expected="free when the command has exited", observed="still locked")
    return passed(f"{_held(seen.use.locks)}; status {seen.status} came back")


@decides("LOCK-092")
def tool_creates_the_file_only_when_told(seen: s.Created) -> Decision:
    """Source: LOCK-092."""
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


@decides("LOCK-005", "LOCK-081", "LOCK-086")
def runtime_in_use_stays(seen: s.Removal) -> Decision:
    """Source: LOCK-005, 081, 086. That the unused one goes is part of it: who never deletes keeps no promise."""
    if seen.lost:
        wanted = "a runtime in use stays whole"
        return fail(
            "SRC",
            "deleted-in-use",
            expected=wanted,
            observed=f"{seen.lost} of {seen.total} files gone beside {seen.held}",
        )
    if seen.busy.stopped or seen.free.stopped:
        return fail("remover", "hangs", expected="it ends", observed=str(seen.busy if seen.busy.stopped else seen.free))
    if not seen.gone:
        return fail("SRC", "never-deleted", expected="an unused runtime goes", observed=f"still there: {seen.free}")
    return passed(f"all {seen.total} files stayed beside {seen.held}, and went after it")


@decides("LOCK-085")
def deletion_is_under_the_lock(seen: s.Deletion) -> Decision:
    """Source: LOCK-085.

    A lock that is granted once the tree has lost its name under the remover's lock harms nobody: its owner looks
    whether the file is still the one at that path.
    """
    if not seen.gone:
        return fail("SRC", "never-deleted", expected="an unused runtime goes", observed=str(seen.ending))
    if not seen.attempts:
        return inconclusive("it made no call that deletes or renames, so none could be held")
    renamed_locked = not any(attempt.granted for attempt in seen.attempts if attempt.named)
    lost = [a for a in seen.attempts if a.granted and a.lost and (a.named or not renamed_locked)]
    if lost:
        return fail(
            "SRC",
            "deleted-in-use",
            expected="no lock is granted, or nothing is lost",
            observed=f"a shared lock was granted before {lost[0].call}, then {lost[0].lost} of {seen.total} files went",
        )
    tried = ", ".join(f"{a.call} ({'granted, nothing lost' if a.granted else 'refused'})" for a in seen.attempts)
    return passed(f"a shared lock was tried before {tried}")
