"""HARN: a program starts under a gate as it would without one, or is told why it cannot."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from gate_world import DEADLINE_S, subject_of

import pytest_vessel
from pytest_vessel.errors import HarnessError, Inconclusive
from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.bpf import DELETES, EXECS, LOCKS, RELEASES, SET_LOCKS
from pytest_vessel.system.kept import Order
from pytest_vessel.system.seccomp import available

ROOT = str(Path(pytest_vessel.__file__).parent.parent)

pytestmark = pytest.mark.skipif(not available(), reason=available().reason)


def test_the_subject_starts_as_it_would_without_a_gate(gated):
    """No descriptors of ours, no ignored signals, the environment that was asked for."""
    subject = gated(
        ["/bin/sh", "-c", "ls /proc/self/fd; grep -E 'Sig(Ign|Blk)' /proc/self/status; env"],
        LOCKS,
        env={"PATH": "/usr/bin:/bin", "ONLY": "this"},
    )
    said = subject.finish().split()
    assert said[:4] == ["0", "1", "2", "3"]
    assert said[4:8] == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]
    assert {word.partition("=")[0] for word in said[8:]} <= {"PATH", "ONLY", "PWD", "_", "SHLVL", "OLDPWD"}
    assert "ONLY=this" in said


def test_signals_that_the_harness_blocks_or_ignores_reach_the_subject():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with workshops.opened() as workshop, stages.opened(workshop) as stage:
            subject = subject_of(stage, ["grep", "-E", "Sig(Ign|Blk)", "/proc/self/status"], LOCKS)
            assert subject.finish().split() == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]
    finally:
        signal.signal(signal.SIGHUP, ignored)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_the_exec_of_the_program_is_the_first_call(gated):
    """The keeper's own closing of descriptors is over by then."""
    subject = gated(["/bin/true"], (*EXECS, *RELEASES, *SET_LOCKS))
    held = subject.next("execve")
    assert (held.order, held.path()) == (1, b"/bin/true")
    assert held.process == subject.pid
    held.go()
    subject.gate.let_go()
    subject.finish()


def test_words_that_are_no_text_reach_the_subject(gated):
    odd = os.fsdecode(b"a\xff\n \x01")
    subject = gated(["/bin/sh", "-c", 'printf "%s|%s" "$1" "$ODD"', "sh", odd], LOCKS, env={"ODD": odd})
    subject.stage.finish(subject.call)
    assert bytes(subject.call.out) == b"a\xff\n \x01|a\xff\n \x01"


def refused(stage, program, cwd="/"):
    """Why it was not started. Often, since who fails at once ends at once."""
    return [_refused(stage, program, cwd) for _ in range(10)][-1]


def _refused(stage, program, cwd):
    call = stage.start(Order((str(program),), dict(os.environ), cwd, chosen=LOCKS))
    stage.finish(call)
    with pytest.raises(Inconclusive) as caught:
        call.ending()
    return caught.value


def test_a_program_that_does_not_exist_is_named(stage):
    problem = refused(stage, "/no/such-program")
    assert problem.what == "cannot be started: /no/such-program: No such file or directory"
    assert "Install" in problem.mend


def test_a_program_that_cannot_start_says_so(stage, tmp_path):
    text = tmp_path / "text"
    text.write_bytes(b"\x7fELF")
    assert "text: Permission denied" in refused(stage, text).what
    text.chmod(0o755)
    problem = refused(stage, text)
    assert problem.what.endswith("text: Exec format error")
    assert "no program of this machine" in problem.mend


def test_a_folder_that_does_not_exist_is_not_blamed_on_the_program(stage):
    assert refused(stage, shutil.which("true"), "/no/such-folder").what.endswith(
        "/no/such-folder: No such file or directory"
    )


_INNER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pytest_vessel.errors import Inconclusive
from pytest_vessel.system import stage, workshop
from pytest_vessel.system.bpf import LOCKS
from pytest_vessel.system.kept import Order
from pytest_vessel.system.seccomp import available
with workshop.opened() as shop, stage.opened(shop) as there:
    call = there.start(Order(("/bin/true",), {}, "/", chosen=LOCKS))
    there.finish(call)
    try: call.ending()
    except Inconclusive as problem: print(bool(available()), problem, sep="|", end="")
"""


def test_a_gate_within_a_gate_is_refused_and_says_why(gated):
    subject = gated([sys.executable, "-c", _INNER, ROOT], DELETES)
    reason, mend = subject.finish().split("\n", 1)
    assert reason == "True|no gate can be installed: there is one above already"
    assert "Run outside of other seccomp listeners" in mend


def test_a_keeper_that_is_killed_is_an_error_of_ours(gated):
    subject = gated(["/bin/cat"], LOCKS)
    os.kill(subject.call.pid, signal.SIGKILL)
    assert subject.stage.until(lambda: subject.call.empty, DEADLINE_S)
    with pytest.raises(HarnessError, match="without a word"):
        subject.call.ending()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize("mode", [None, "subreaper"])
def test_what_is_held_at_the_end_does_not_go_on(gated, mode, monkeypatch):
    """Not even with an error: the subject has ended before its gate is given up."""
    subject = gated(["rmdir", "/nothing"], DELETES, mode=mode)
    subject.next("rmdir")
    pid, close, alive_then = subject.pid, subject.gate.close, []

    def note() -> None:
        alive_then.append(alive(pid))
        close()

    monkeypatch.setattr(subject.gate, "close", note)
    subject.stage.end(subject.call)
    assert alive_then == [False]
    assert subject.call.ending().ended_by_us


def test_a_harness_that_closed_its_gate_still_sees_the_end(gated):
    subject = gated(["rmdir", "/nothing"], DELETES)
    subject.next("rmdir")
    subject.gate.close()
    subject.finish()
    assert "Function not implemented" in subject.call.ending().message


def test_no_process_of_a_gated_call_stays(gated):
    subject = gated(["/bin/sh", "-c", "sleep 1000 & rmdir /nothing; sleep 1000"], DELETES)
    subject.next("rmdir")
    pids = [subject.call.pid, *subject.call.processes()]
    assert len(pids) >= 4
    subject.stage.end(subject.call)
    assert [pid for pid in pids if alive(pid)] == []
