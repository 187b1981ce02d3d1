"""`--vessel-control`: a pass that rests on the implementation's lock is held, one that does not is vacuous."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import made_up
import pytest
from jsonschema import Draft202012Validator
from starting import Start, Started

from pytest_vessel.record.replay import replay
from pytest_vessel.system.locks import F_OFD_SETLK

ROW = """
[MADE-{number}]
level = "MUST"
sentence = "The file is locked: {name}."
source = "made up"
profile = "made-up/controls"
needs = ["lock"]
control = "{control}"
"""

CLAUSES = {
    "101": ("locked", "locks"),
    "102": ("locked_by_ourselves", "locks"),
    "103": ("nothing_done", "locks"),
    "104": ("locked_or_unclear", "locks"),
    "105": ("locked_or_broken", "locks"),
    "106": ("no_control", "none"),
    "107": ("not_locked", "locks"),
}

TESTS = """
from pytest_vessel.collect import clause
from pytest_vessel.conformance.made_up.decide import Seen
from pytest_vessel.system.locks import lock_table


def look(implementation, file):
    running = implementation.lock(file)
    assert running.start().ready
    seen = lock_table(file).protects
    running.finish()
    return seen


@clause("MADE-101")
def test_locked(implementation, lock_file, judge):
    judge(Seen("well" if look(implementation, lock_file) else "not locked"))


@clause("MADE-102")
def test_locked_by_ourselves(implementation, lock_file, vessel_holder, judge):
    vessel_holder(lock_file, "shared")
    judge(Seen("well" if look(implementation, lock_file) else "not locked"))


@clause("MADE-103")
def test_nothing_done(judge):
    judge(Seen("well"))


@clause("MADE-104")
def test_locked_or_unclear(implementation, lock_file, judge):
    judge(Seen("well" if look(implementation, lock_file) else "unclear"))


@clause("MADE-105")
def test_locked_or_broken(implementation, lock_file, judge):
    if not look(implementation, lock_file):
        raise RuntimeError("the test broke")
    judge(Seen("well"))


@clause("MADE-106")
def test_no_control(judge):
    judge(Seen("well"))


@clause("MADE-107")
def test_not_locked(implementation, lock_file, judge):
    judge(Seen("not locked"))
"""


@pytest.fixture
def options(pytester: pytest.Pytester) -> tuple[str, ...]:
    """A suite of made-up clauses that ask for controls, against the reference."""
    folder = pytester.path / "suites" / "made_up"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    rows = (ROW.format(number=number, name=name, control=control) for number, (name, control) in CLAUSES.items())
    (folder / "clauses.toml").write_text("".join(rows))
    deciders = ", ".join(f'"MADE-{number}"' for number in CLAUSES)
    (folder / "decide.py").write_text(made_up.DECIDE.replace('"MADE-001", "MADE-002", "MADE-003"', deciders))
    (folder / "test_made_up.py").write_text(TESTS)
    (pytester.path / "made_up_suite.py").write_text(made_up.SUITE_PLUGIN)
    return "-p", "vessel", "-p", "made_up_suite", "--vessel-report", "report"


def states(run: Started) -> dict[str, str]:
    (implementation,) = run.report["implementations"]
    return {row["id"][-3:]: row["control"] for row in implementation["clauses"]}


STATES = {
    "101": "held",
    "102": "vacuous",
    "103": "vacuous",
    "104": "not_run",
    "105": "not_run",
    "106": "none",
    "107": "not_run",
}


def test_controls_of_a_run(start: Start, options: tuple[str, ...]) -> None:
    run = start(*options, "--vessel-control")
    assert run.status == 1
    assert states(run) == STATES
    verdicts = {label[-3:]: verdict for label, verdict in run.verdicts.items()}
    assert {number for number, verdict in verdicts.items() if verdict == "inconclusive"} == {"102", "103"}
    assert {number for number, verdict in verdicts.items() if verdict == "fail"} == {"107"}
    assert "\ncontrol: 1 held, 2 vacuous, 2 not run\n" in run.out
    assert "  not run  MADE-104                   the control ended as inconclusive: it is unclear\n" in run.out
    assert "  not run  MADE-105                   the control ended as error: RuntimeError: the test broke\n" in run.out
    run.result.assert_outcomes(passed=4, failed=1)
    assert run.last_line == "reference: not conformant in made-up/controls"


def test_what_the_record_keeps_of_them(start: Start, options: tuple[str, ...]) -> None:
    run = start(*options, "--vessel-control")
    schema = json.loads((files("pytest_vessel.fixtures") / "schemas" / "record.json").read_text())
    for line in run.lines:
        Draft202012Validator(schema).validate(line)
    calls = {label[-3:]: (run.line_of(label)["control"] or {}).get("calls") for label in run.verdicts}
    assert calls == {"101": 1, "102": 1, "103": 0, "104": 1, "105": 1, "106": None, "107": None}
    held = run.line_of("MADE-101")
    assert held["observation"] == {"word": "well"}
    assert held["control"]["observation"] == {"word": "not locked"}
    assert held["control"]["duration_s"] > 0
    assert "RuntimeError: the test broke" in run.line_of("MADE-105")["control"]["traceback"]


def test_without_the_option_every_pass_stands(start: Start, options: tuple[str, ...]) -> None:
    run = start(*options)
    assert set(run.verdicts.values()) == {"pass", "fail"}
    assert set(states(run).values()) == {"not_run", "none"}
    assert "control:" not in run.out


def test_workers_run_them_too(start: Start, options: tuple[str, ...]) -> None:
    assert states(start(*options, "--vessel-control", "-n2")) == STATES


def test_strict_runs_fail_for_a_vacuous_pass_and_show_why(start: Start, options: tuple[str, ...]) -> None:
    run = start(*options, "--vessel-control", "--vessel-strict", "--vessel-clause", "MADE-102")
    assert run.status == 1
    block = run.out[run.out.index("MADE-102 (MUST)\n") :]
    assert "\ninconclusive\n    a vacuous pass (it is well): it passes with its locks sabotaged too" in block
    assert "\ncontrol\n    it passes with its locks sabotaged too (1 lock call answered as if done)" in block
    assert "--vessel-control\n" in block


def rewrite(path: Path, clause: str, change: Callable[[dict[str, object]], object]) -> None:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    (wanted,) = (line for line in lines if line["line"] == "case" and line["row"]["clause"] == clause)
    change(wanted["control"])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


JUDGE_AGAIN = """
import json, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent.parent))
import made_up_suite
from pytest_vessel.record.replay import replay
done = replay(Path(sys.argv[1]))
print(json.dumps([[case.row.clause, case.verdict] for case in done.record.cases]))
print(len(done.differing))
"""


def test_a_replay_judges_them_again(start: Start, options: tuple[str, ...], pytester: pytest.Pytester) -> None:
    run = start(*options, "--vessel-control")
    record = run.folder / "report" / "run.jsonl"
    again = pytester.run(sys.executable, "-c", JUDGE_AGAIN, str(record)).stdout.str().splitlines()
    assert again[1] == "0"
    rewrite(record, "MADE-101", lambda control: control.update(observation={"word": "well"}))
    rewrite(record, "MADE-102", lambda control: control.update(observation={"word": "not locked"}))
    verdicts, differing = pytester.run(sys.executable, "-c", JUDGE_AGAIN, str(record)).stdout.str().splitlines()
    assert differing == "2"
    assert dict(json.loads(verdicts))["MADE-101"] == "inconclusive"
    assert dict(json.loads(verdicts))["MADE-102"] == "pass"


DELEGATE = """
import os, socket, struct, sys
file = os.open(sys.argv[1], os.O_RDONLY)
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
    daemon.connect({path!r})
    socket.send_fds(daemon, [b"lock"], [file])
    daemon.recv(1)
os._exit(os.waitstatus_to_exitcode(os.spawnv(os.P_WAIT, sys.argv[2], sys.argv[2:]) << 8))
"""


@pytest.fixture
def daemon(pytester: pytest.Pytester) -> Iterator[Path]:
    """A daemon outside of everything that is under test; it locks each file that it is sent, for its sender."""
    path = pytester.path / "daemon"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_serve, args=(listener,))
        thread.start()
        yield path
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(str(path))
        thread.join(10)
        assert not thread.is_alive()


def _serve(listener: socket.socket) -> None:
    """Until somebody connects and sends nothing."""
    while True:
        client, _address = listener.accept()
        with client:
            _message, found, _flags, _sender = socket.recv_fds(client, 16, 1)
            if not found:
                return
            with open(found[0], "rb") as file:
                fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
            client.send(b".")


def test_an_implementation_whose_locks_are_not_its_own(start: Start, daemon: Path, pytester: pytest.Pytester) -> None:
    """It passes, and honestly so; but from here it looks like one that no lock stands behind."""
    script = pytester.path / "delegate.py"
    script.write_text(DELEGATE.format(path=str(daemon)))
    words = json.dumps([sys.executable, "-I", "-S", str(script), "{file}", "{argv}"])
    text = f'[implementation]\nname = "delegating"\n[verbs]\nlock = {words}\n'
    (pytester.path / "delegating.toml").write_text(text)
    options = ("-p", "vessel", "--vessel-impl", "delegating.toml", "--vessel-clause", "LOCK-001[lock]")
    assert start(*options, "--vessel-report", "report").verdicts == {"LOCK-001[lock]": "pass"}
    run = start(*options, "--vessel-report", "report", "--vessel-control")
    assert run.verdicts == {"LOCK-001[lock]": "inconclusive"}
    assert run.status == 5
    assert "it passes without a lock call that could be sabotaged\n" in run.out
    assert replay(run.folder / "report").differing == ()


def test_a_lock_of_another_kind_is_a_lock(start: Start) -> None:
    options = ("-p", "vessel", "--vessel-impl", "mutant:posix-only", "--vessel-clause", "LOCK-001[lock]")
    run = start(*options, "--vessel-control", "--vessel-report", "report")
    assert run.verdicts == {"LOCK-001[lock]": "pass"}
    assert run.line_of("LOCK-001[lock]")["control"]["decision"]["verdict"] == "fail"
    assert "\ncontrol: 1 held\n" in run.out
