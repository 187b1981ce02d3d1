"""HARN: real traces of a program whose system calls are known, by the factory behind `vessel_trace`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_vessel.errors import Inconclusive, UsageProblem
from pytest_vessel.fixtures.traces import TraceFactory
from pytest_vessel.observation.process import Bound
from pytest_vessel.observation.trace import Trace
from pytest_vessel.system import stage as stages
from pytest_vessel.system import trace as tracing
from pytest_vessel.system.workshop import Workshop

pytestmark = pytest.mark.vessel_needs("strace", "compiler")
STRANGE = os.fsdecode(b' <unfinished ...> "a, b"\n\\x41>\xff) = 0')


@pytest.fixture
def trace(workshop: Workshop, tmp_path: Path) -> Iterator[TraceFactory]:
    with stages.opened(workshop) as stage:
        yield TraceFactory(stage, tmp_path)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("known") / "known"
    compiler = next(found for found in map(shutil.which, ("cc", "gcc", "clang")) if found)
    source = Path(__file__).parent / "known.c"
    subprocess.run([compiler, "-O1", "-pthread", "-w", "-o", str(target), str(source)], check=True)
    return str(target)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / os.fsdecode(b"fo<l>d\xe9r")
    folder.mkdir()
    return folder


@pytest.fixture
def seen(trace: TraceFactory, known: str, folder: Path) -> Trace:
    seen = trace([known, str(folder), STRANGE])
    assert seen.complete, seen.unread
    return seen


def test_how_it_ended(seen: Trace) -> None:
    assert seen.ending is not None
    assert seen.ending.status == 7
    assert seen.calls[0].name == "execve"
    became_the_leader = {thread.by for thread in seen.superseded}
    ended, called = {end.pid for end in seen.exits}, {call.pid for call in seen.calls}
    # Whether a thread that became the leader by execve(2) is also told to have ended depends on who was faster, and so
    # does whether one that is killed had made its first call.
    assert called - became_the_leader <= ended


def test_paths_of_descriptors(seen: Trace, folder: Path) -> None:
    opened, absent = (call for call in seen.named("openat") if call.args[0].path == str(folder))
    assert [name.path for name in opened.names] == [f"{folder}/{STRANGE}"]
    assert (opened.path, opened.errno) == (f"{folder}/{STRANGE}", None)
    assert (absent.returned, absent.errno, absent.names[0].name) == (-1, "ENOENT", "absent")
    assert opened.before(absent)
    assert str(absent).endswith("O_RDONLY) = -1 ENOENT (No such file or directory)")


def test_a_file_without_a_name(seen: Trace, folder: Path) -> None:
    (unlinked,) = seen.named("unlinkat")
    assert unlinked.names[0].path == f"{folder}/{STRANGE}"
    (looked,) = (call for call in seen.named("fcntl") if call.args[1].text == "F_GETFD")
    assert looked.args[0].deleted
    assert looked.args[0].path == f"{folder}/{STRANGE}"


def test_long_strings_are_marked(seen: Trace) -> None:
    (written,) = seen.named("write")
    assert (written.args[1].string, written.args[1].truncated) == ("x" * 4096, True)
    assert written.returned == 5000


def test_unknown_calls_have_a_name_too(seen: Trace) -> None:
    (unknown,) = seen.named("syscall_0x225")
    assert unknown.errno == "ENOSYS"
    assert [each.text for each in unknown.args[:2]] == ["0x1", "0x2"]


def test_who_is_killed_never_comes_back(seen: Trace) -> None:
    (killed,) = (end for end in seen.exits if end.signal)
    assert killed.signal == "SIGKILL"
    assert not [call for call in seen.by(killed.pid) if call.name == "exit_group"]
    assert [call.returned for call in seen.by(killed.pid) if call.name == "pause"] in ([], [None])


def test_signals_and_stops(seen: Trace) -> None:
    stopped = [each for each in seen.signals if each.name == "SIGSTOP"]
    assert [bool(each.details) for each in stopped] == [True, False]
    (woken,) = (each for each in seen.signals if each.name == "SIGCONT")
    assert woken.pid == stopped[0].pid
    (ended,) = (end for end in seen.exits if end.pid == woken.pid)
    assert (ended.status, woken.line < ended.line, stopped[1].line < woken.line) == (3, True, True)


def test_exec_in_a_thread(seen: Trace) -> None:
    (thread,) = seen.superseded
    execs = seen.named("execve")
    assert [call.pid for call in execs] == [thread.pid, thread.pid]
    assert execs[1].args[1].strings[1:] == ("", "", "again")
    assert execs[1].succeeded
    assert seen.by(thread.by), "what the thread did before is its own"


def test_times_are_in_order(seen: Trace) -> None:
    assert [call.started_s for call in seen.calls] == sorted(call.started_s for call in seen.calls)
    assert all(call.duration_s is not None and call.duration_s >= 0 for call in seen.calls if call.succeeded)


def test_an_expression_chooses_calls(trace: TraceFactory, known: str, folder: Path) -> None:
    seen = trace([known, str(folder), "file"], "unlinkat,kill")
    assert seen.complete
    unknown_to_strace = {"syscall_0x225"}  # which it logs whatever the expression
    assert {call.name for call in seen.calls} - unknown_to_strace == {"unlinkat", "kill"}


def test_a_wrong_expression_is_a_usage_error(trace: TraceFactory) -> None:
    with pytest.raises(UsageProblem, match="invalid system call 'opnat'"):
        trace(["true"], "opnat")


def test_strings_and_structures_in_full(trace: TraceFactory) -> None:
    seen = trace(["true"], "execve", env={"PATH": os.environ["PATH"], "NAME": "value"}, verbose=True)
    assert "NAME=value" in seen.calls[0].args[2].strings


def test_an_empty_filter_result_is_a_whole_trace(trace: TraceFactory) -> None:
    seen = trace(["true"], "reboot")
    assert (seen.calls, seen.complete, len(seen.exits)) == ((), True, 1)


def test_descendants_that_stay_are_waited_for(trace: TraceFactory, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    seen = trace(["sh", "-c", "(read x <pipe; exec true) & exec sh -c 'echo >pipe'"], "execve")
    assert seen.complete
    assert [call.args[1].strings[0] for call in seen.calls if call.succeeded].count("true") == 1


def test_output_and_signals_are_the_commands(trace: TraceFactory) -> None:
    ending = trace(["sh", "-c", "echo out; echo err >&2; kill -TERM $$"]).ending
    assert ending is not None
    assert (ending.output, ending.message, ending.signal) == ("out\n", "err\n", signal.SIGTERM)


def test_a_bound_cuts(trace: TraceFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = trace(["sleep", "1000"], timeout_s=0.3)
    assert not seen.complete
    assert seen.ending is not None
    assert seen.ending.stopped is Bound.TIME
    monkeypatch.setattr(tracing, "LOG_BOUND_SIZE_BYTES", 100_000)
    seen = trace(["sh", "-c", "while :; do ls / >/dev/null; done"])
    assert not seen.complete
    assert len(seen.calls) > 100


def test_no_log_stays(trace: TraceFactory, tmp_path: Path) -> None:
    assert trace(["true"]).complete
    assert not list(tmp_path.iterdir())


def test_a_program_that_is_not_there(trace: TraceFactory) -> None:
    with pytest.raises(Inconclusive, match="no program 'nonesuch'"):
        trace(["nonesuch"])
    with pytest.raises(ValueError, match="empty"):
        trace([])


def test_without_strace(trace: TraceFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Inconclusive, match="strace is not installed\n  apt install strace"):
        trace(["/bin/true"])


def test_where_tracing_is_forbidden(trace: TraceFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "strace"
    fake.write_text("#!/bin/sh\necho 'strace: ptrace: Operation not permitted' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(Inconclusive, match="traced nothing: strace: ptrace: Operation not permitted\n  Allow ptrace"):
        trace(["true"])
