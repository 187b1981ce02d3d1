"""The five answers, on real processes."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import socket
import struct
from pathlib import Path

import pytest
from gate_world import DEADLINE_S

from pytest_vessel.system.answer import Fail, Go, Kill, Pretend
from pytest_vessel.system.bpf import DELETES, EXECS, LOCKS, SET_LOCKS, Chosen, program
from pytest_vessel.system.gate import Gate
from pytest_vessel.system.seccomp import install

LOCK = """
import fcntl, sys
file = open({path!r}, "a+")
try:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("locked")
except OSError as problem:
    print("failed", problem.errno)
"""


def locked_by_somebody(path):
    """Whether a lock of another process is in the way (F_GETLK changes nothing)."""
    with open(path, "r+") as file:
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        return struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "ref"
    file.touch()
    return str(file)


def test_go_lets_the_call_take_place(gated, path):
    subject = gated(LOCK.format(path=path), LOCKS)
    assert subject.finish() == "locked\n"
    (seen,) = subject.gate.log
    assert (seen.call, seen.answer, seen.order, seen.turn) == ("fcntl", Go(), 1, 1)


def test_held_stays_just_before_its_call_and_others_run(gated, path):
    first = gated(LOCK.format(path=path), LOCKS)
    held = first.next("fcntl")  # before the second starts: a gate without a policy lets all go while a stage is pumped
    second = gated(LOCK.format(path=path), LOCKS)
    assert held.alive()
    assert not locked_by_somebody(path)
    assert second.finish() == "locked\n"
    assert first.gate.held == [held]
    assert held.go()
    assert first.finish() == "locked\n"
    assert not held.alive()
    assert first.gate.held == []


def test_what_a_call_does_is_there_at_the_next_call_of_the_thread(gated, path):
    source = LOCK.format(path=path) + "fcntl.lockf(file, fcntl.LOCK_UN)\n"
    subject = gated(source, SET_LOCKS)
    subject.next().go()
    release = subject.next()
    assert release.lock().type == fcntl.F_UNLCK
    assert locked_by_somebody(path)
    release.go()
    subject.finish()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EINVAL, errno.ENOSPC])
def test_fail_gives_the_errno_and_nothing_happens(gated, path, number):
    source = LOCK.format(path=path) + "import os; sys.stdout.flush(); os.unlink('/nonexistent')"
    subject = gated(source, (*LOCKS, *DELETES))
    subject.next("fcntl").fail(number)
    at_end = subject.next("unlink")
    assert not locked_by_somebody(path)
    at_end.fail(errno.EIO)
    assert subject.finish() == f"failed {number}\n"


def test_pretend_returns_a_value_and_nothing_happens(gated, tmp_path):
    victim = tmp_path / "victim"
    victim.touch()
    source = f"import os; print(os.unlink({str(victim)!r})); import ctypes; print(ctypes.CDLL(None).unlink(b'x'))"
    subject = gated(source, DELETES, lambda held: Pretend(0 if held.order == 1 else 42))
    assert subject.finish() == "None\n42\n"
    assert victim.exists()


def test_kill_ends_the_process_before_its_call(gated, tmp_path):
    victim = tmp_path / "victim"
    victim.touch()
    subject = gated(f"import os; os.unlink({str(victim)!r})", DELETES)
    held = subject.next("unlink")
    assert held.kill()
    assert subject.end().signal == signal.SIGKILL
    assert victim.exists()
    assert subject.gate.log[0].answer == Kill()


def test_kill_takes_all_threads_of_the_process(gated, tmp_path):
    victim = tmp_path / "victim"
    victim.touch()
    source = f"import os, threading; threading.Thread(target=os.unlink, args=[{str(victim)!r}]).start(); input()"
    subject = gated(source, DELETES)
    held = subject.next("unlink")
    assert held.process == subject.pid != held.pid
    held.kill()
    assert subject.end().signal == signal.SIGKILL
    assert victim.exists()


def test_threads_are_held_one_by_one(gated, tmp_path):
    source = f"""
import os, threading
os.chdir({str(tmp_path)!r})
threads = [threading.Thread(target=os.mkdir, args=[name]) for name in "abc"]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    subject = gated(source, [Chosen("mkdir"), Chosen("mkdirat")])
    held = {one.path().rpartition(b"/")[2]: one for one in (subject.next(), subject.next(), subject.next())}
    assert set(held) == {b"a", b"b", b"c"}
    assert len({one.pid for one in held.values()}) == 3
    assert {one.process for one in held.values()} == {subject.pid}
    held[b"b"].go()
    subject.gate.pump_until((tmp_path / "b").exists, DEADLINE_S)
    assert [entry.name for entry in tmp_path.iterdir()] == ["b"]
    assert subject.gate.let_go() == 2
    subject.finish()
    assert {seen.order: seen.turn for seen in subject.gate.log}[held[b"b"].order] == 1


def test_children_inherit_the_gate(gated, tmp_path):
    source = f"""
import os
os.chdir({str(tmp_path)!r})
child = os.fork()
os.mkdir("child" if child == 0 else "parent")
if child: os.waitpid(child, 0)
"""
    subject = gated(source, [Chosen("mkdir"), Chosen("mkdirat")])
    held = [subject.next(), subject.next()]
    assert {one.path().rpartition(b"/")[2] for one in held} == {b"child", b"parent"}
    assert len({one.process for one in held}) == 2
    subject.gate.let_go()
    subject.finish()


def test_every_program_of_a_shell_is_seen(gated):
    subject = gated(["/bin/sh", "-c", "/bin/true; exec /bin/echo said"], EXECS, lambda held: held.path() and Go())
    assert subject.finish() == "said\n"
    assert [seen.call for seen in subject.gate.log] == ["execve"] * 3


def test_an_exec_is_held_with_its_path(gated):
    subject = gated(["/bin/sh", "-c", "exec /bin/echo said"], EXECS)
    assert subject.next("execve").path() == b"/bin/sh"
    subject.gate.let_go()
    assert subject.next("execve").path() == b"/bin/echo"
    subject.gate.let_go()
    assert subject.finish() == "said\n"


def test_calls_with_other_arguments_pass(gated, path):
    source = f"""
import fcntl
file = open({path!r}, "a+")
for command in (fcntl.F_GETFD, fcntl.F_GETFL): fcntl.fcntl(file, command)
fcntl.fcntl(file, fcntl.F_SETFD, 0)
fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 7, 11)
"""
    subject = gated(source.replace("LOCK_SH", "LOCK_EX"), LOCKS)
    held = subject.next("fcntl")
    lock = held.lock()
    assert (lock.command, lock.type, lock.start, lock.length) == (fcntl.F_SETLK, fcntl.F_WRLCK, 11, 7)
    assert (lock.ofd, lock.asks, lock.waits, lock.whole) == (False, False, False, False)
    held.go()
    subject.finish()
    assert len(subject.gate.log) == 1


def test_the_file_is_known_by_inode_and_logged_only_if_asked(gated, path):
    subject = gated(LOCK.format(path=path) + "fcntl.lockf(file, fcntl.LOCK_UN)", LOCKS)
    held = subject.next()
    found = Path(path).stat()
    assert held.file() == (found.st_dev, found.st_ino)
    held.go()
    subject.finish()
    assert [seen.file for seen in subject.gate.log] == [(found.st_dev, found.st_ino), None]
    assert held.file() == (found.st_dev, found.st_ino)


def test_a_policy_holds_by_inode_and_the_rest_goes(gated, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.touch()
    other.touch()
    wanted = (other.stat().st_dev, other.stat().st_ino)
    source = LOCK.format(path=str(one)) + LOCK.format(path=str(other))
    subject = gated(source, LOCKS, lambda held: None if held.file() == wanted else Go())
    held = subject.next()
    assert held.order == 2
    assert held.file() == wanted
    held.fail(errno.EAGAIN)
    assert subject.finish() == f"locked\nfailed {errno.EAGAIN}\n"


def test_an_answer_is_given_once(gated, path):
    subject = gated(LOCK.format(path=path), LOCKS)
    held = subject.next()
    held.go()
    with pytest.raises(ValueError, match="already answered"):
        held.go()
    subject.finish()


def test_an_answer_to_a_dead_thread_is_no_error(gated, path):
    subject = gated(LOCK.format(path=path), LOCKS)
    held = subject.next()
    subject.call.signal(subject.pid, signal.SIGKILL)
    assert subject.end().signal == signal.SIGKILL
    assert not held.alive()
    assert (held.process, held.file(), held.lock(), held.path()) == (None, None, None, None)
    assert not held.go()
    assert subject.gate.held == []
    assert subject.gate.log[0].answer is None


def test_a_policy_that_raises_leaves_the_call_held(gated, path):
    def broken(held):
        raise LookupError("broken policy")

    subject = gated(LOCK.format(path=path), LOCKS, broken)
    with pytest.raises(LookupError, match="broken policy"):
        subject.next()
    (held,) = subject.gate.held
    held.go()
    assert subject.finish() == "locked\n"


def test_the_gate_knows_when_nobody_is_left(gated, path):
    subject = gated(["/bin/true"], LOCKS)
    assert subject.end().succeeded
    assert subject.gate.next(DEADLINE_S) is None
    assert subject.gate.over
    assert subject.gate.pump(DEADLINE_S) == 0
    with subject.gate as gate:
        pass
    with pytest.raises(ValueError, match="closed"):
        gate.pump(0)


def test_next_returns_none_when_time_is_up(gated):
    subject = gated(["/bin/cat"], LOCKS)
    assert subject.gate.next(0.0) is None
    assert not subject.gate.over


def test_install_in_a_forked_child():
    """Without a keeper: fork, install, hand the listener over, call."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            listener = install(program([Chosen("rmdir"), Chosen("unlinkat")]))
            inherited = os.get_inheritable(listener)
            socket.send_fds(theirs, [b"+"], [listener])
            os.close(listener)
            Path("/nonexistent").rmdir()
        except OSError as problem:
            os._exit(problem.errno if not inherited else 99)
        finally:
            os._exit(98)
    with ours, theirs:
        _, (listener,), _, _ = socket.recv_fds(ours, 1, 1, socket.MSG_CMSG_CLOEXEC)
    with Gate(listener, lambda held: Fail(errno.EXDEV)) as gate:
        assert gate.fileno() == listener
        assert gate.pump(DEADLINE_S) == 1
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == errno.EXDEV
        assert select.select([gate], [], [], DEADLINE_S)[0]
        assert gate.pump(0) == 0
        assert gate.over
