"""HARN: the reader of strace's log, against made-up logs in any interleaving."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_log import Written, WrittenCall, descriptors, hexadecimal, nested, plain, results, strings

from pytest_vessel.observation.codec import from_json, to_json
from pytest_vessel.observation.trace import Call, Trace
from pytest_vessel.system.straceargs import arguments, quoted
from pytest_vessel.system.stracelog import read

a_name = st.sampled_from(["openat", "read", "syscall_0x225", "_llseek"])
an_argument = strings() | descriptors() | nested() | plain


@st.composite
def calls(draw: st.DrawFn, pid: int) -> WrittenCall:
    args = draw(st.lists(an_argument, max_size=5))
    result, returned, errno, path = draw(results)
    split = draw(st.none() | st.integers(0, len(args)))
    return WrittenCall(pid, draw(a_name), args, result, returned, errno, path, split)


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[str], list[WrittenCall]]:
    """Lines of up to three threads in a random order, and the calls, which know their line numbers."""
    waiting: dict[int, list[tuple[WrittenCall | None, str]]] = {}
    for pid in range(100, 100 + draw(st.integers(1, 3))):
        steps: list[tuple[WrittenCall | None, str]] = []
        for call in draw(st.lists(calls(pid), min_size=1, max_size=4)):
            whole = [call.whole()] if call.split is None else [call.begin(), call.end()]
            steps += [(call, line) for line in whole]
        waiting[pid] = [*steps, (None, "+++ exited with 0 +++")]
    lines: list[str] = []
    found: list[WrittenCall] = []
    while waiting:
        pid = draw(st.sampled_from(sorted(waiting)))
        call, text = waiting[pid].pop(0)
        if not waiting[pid]:
            del waiting[pid]
        lines.append(f"{pid:<5}      0.000000500 {text}")
        if call is not None:
            call.lines.append(len(lines))
            found += [call] if len(call.lines) == 1 else []
    return lines, found


def agrees(written: WrittenCall, call: Call) -> bool:
    return (
        (written.pid, written.name, written.returned, written.errno, written.path)
        == (call.pid, call.name, call.returned, call.errno, call.path)
        and (written.lines[0], written.lines[-1]) == (call.entered, call.left)
        and len(written.args) == len(call.args)
        and all(one.agrees(other) for one, other in zip(written.args, call.args, strict=True))
    )


@given(logs())
def test_what_was_written_is_read_back(made: tuple[list[str], list[WrittenCall]]) -> None:
    lines, written = made
    trace = read(lines)
    assert trace.complete
    assert len(trace.calls) == len(written)
    for one, call in zip(written, trace.calls, strict=True):
        assert agrees(one, call), (one, call)
    assert from_json(Trace, to_json(trace)) == trace


@given(logs(), st.data())
def test_lines_that_are_lost_are_noticed(made: tuple[list[str], list[WrittenCall]], data: st.DataObject) -> None:
    lines, _ = made
    ends = [number for number, line in enumerate(lines) if "+++" in line or "resumed>" in line]
    lost = data.draw(st.sampled_from(ends))
    after = read(lines[:lost] + lines[lost + 1 :])
    never_back = [call for call in after.calls if call.left is None]
    assert not after.complete or never_back


@given(st.lists(st.text(), max_size=5))
def test_nonsense_is_kept_and_never_raises(lines: list[str]) -> None:
    trace = read(lines)
    assert not trace.complete
    assert len(trace.unread) + len(trace.calls) + len(trace.signals) + len(trace.exits) <= len(lines)


@given(st.binary())
def test_a_quoted_string_is_printable_and_loses_nothing(data: bytes) -> None:
    text = quoted(os.fsdecode(data))
    assert text.isprintable()
    unescaped = re.sub(
        rb"\\(x[0-9a-f]{2}|.)",
        lambda found: bytes.fromhex(found[1][1:].decode()) if len(found[1]) == 3 else found[1],
        text[1:-1].encode(),
    )
    assert unescaped == data


@given(st.lists(an_argument, max_size=6))
def test_arguments_end_at_their_own_parenthesis(args: list[Written]) -> None:
    text = ", ".join(each.text for each in args)
    found, end = arguments(text + ") = 0 (nothing)")
    assert end == len(text)
    assert len(found) == len(args)


PREFIX = "7          0.000001000 "
ENDS = [PREFIX + "+++ exited with 0 +++"]


def only(text: str) -> Call:
    (call,) = read([PREFIX + text, *ENDS]).calls
    return call


def test_a_call_that_never_comes_back() -> None:
    for text in ("exit_group(0)    = ?", "pause( <unfinished ...>) = ?", "exit_group(3 <unfinished ...>"):
        call = only(text)
        assert (call.returned, call.errno, call.left, call.duration_s) == (None, None, None, None)


def test_who_is_killed_in_a_call() -> None:
    trace = read([PREFIX + "read(0<\\x2f>,  <unfinished ...>", PREFIX + "+++ killed by SIGKILL (core dumped) +++"])
    assert trace.complete
    assert [str(call) for call in trace.calls] == ["read(0</>) = ?"]
    assert (trace.exits[0].status, trace.exits[0].signal) == (None, "SIGKILL")


def test_exec_in_a_thread_is_the_leaders() -> None:
    lines = ["7 0.1 futex(0x1 <unfinished ...>", '8 0.1 execve("\\x2f\\x61", [] <unfinished ...>']
    lines += ["7 0.1 <... futex resumed>) = ?", "7 0.1 +++ superseded by execve in pid 8 +++"]
    lines += ["7 0.5 <... execve resumed>) = 0 <0.6>", "7 0.1 +++ exited with 0 +++"]
    trace = read(lines)
    assert trace.complete
    assert [(call.pid, call.name, call.returned) for call in trace.calls] == [(7, "futex", None), (7, "execve", 0)]
    assert [(one.pid, one.by) for one in trace.superseded] == [(7, 8)]


def test_who_has_no_end_makes_a_log_that_is_cut() -> None:
    assert read([PREFIX + "getpid() = 7"]).cut
    assert read([]).cut
    assert not read([PREFIX + "getpid() = 7", *ENDS]).cut


def test_resumed_without_a_beginning_is_not_understood() -> None:
    for lines in (["<... read resumed>) = 0"], ["read( <unfinished ...>", "<... write resumed>) = 0"]):
        assert len(read([PREFIX + line for line in [*lines, "+++ exited with 0 +++"]]).unread) == 1


def test_times_add_up() -> None:
    trace = read(
        ["7 0.000000000 getpid() = 7 <0.000000004>", "7 0.000000010 getppid() = 1", "7 0.5 +++ exited with 0 +++"]
    )
    assert [call.started_s for call in trace.calls] == [0.0, pytest.approx(1e-8)]
    assert [call.duration_s for call in trace.calls] == [pytest.approx(4e-9), None]
    assert trace.exits[0].at_s == pytest.approx(0.50000001)


def test_signals() -> None:
    lines = ['--- SIGSEGV {si_signo=SIGSEGV, si_addr=NULL, x="\\x41"} ---', "--- stopped by SIGSTOP ---"]
    trace = read([PREFIX + line for line in (*lines, "+++ killed by SIGSEGV +++")])
    assert [(each.name, each.details) for each in trace.signals] == [
        ("SIGSEGV", '{si_signo=SIGSEGV, si_addr=NULL, x="A"}'),
        ("SIGSTOP", ""),
    ]


def test_names_have_the_folder_of_their_descriptor() -> None:
    path = hexadecimal(b"/a dir")
    call = only(f'renameat2(AT_FDCWD<{path}>, "\\x62", 3<\\x2f>, "\\x63", RENAME_NOREPLACE) = 0')
    assert [(each.name, each.folder, each.path) for each in call.names] == [
        ("b", "/a dir", "/a dir/b"),
        ("c", "/", "/c"),
    ]
    (alone,) = only('unlink("\\x62") = 0').names
    assert (alone.path, alone.absolute) == (None, False)
    (absolute,) = only(f'openat(AT_FDCWD<{path}>, "\\x2f\\x62", O_RDONLY) = 3').names
    assert (absolute.path, absolute.absolute) == ("/b", True)


def test_before() -> None:
    lines = [
        "7 0.1 read(0 <unfinished ...>",
        "8 0.1 getpid() = 8",
        "7 0.1 <... read resumed>) = 0",
        "8 0.1 gettid() = 8",
    ]
    first, second, third = read(lines).calls
    assert (first.before(second), second.before(first), first.before(third)) == (False, False, True)
