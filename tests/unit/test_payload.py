"""A payload is believed when the kernel says that it is one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.process import Bound
from pytest_vessel.system.compile import probe
from pytest_vessel.system.payload import runs_probe


def test_process_that_executes_the_probe(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    copied.write_bytes(probe().read_bytes())
    copied.chmod(0o755)
    with subprocess.Popen([copied, "talk", "n"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"vessel-ready n ")
        assert runs_probe([os.getpid(), process.pid]) is True
        process.stdin.close()  # type: ignore[union-attr]


def test_processes_that_execute_something_else() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert runs_probe([process.pid]) is False
        assert process.stdin is not None
        process.stdin.close()
    assert runs_probe([process.pid]) is False, "it is gone"
    assert runs_probe([]) is False


class Talk:
    def answers(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("empty", "status", "stopped", "genuine"),
    [
        (False, None, None, False),
        (True, 0, None, False),
        (True, 9, Bound.TIME, False),
        (True, 9, None, None),
        (True, 256, None, None),
    ],
)
def test_payload_that_was_killed_meanwhile_may_have_been_genuine(
    empty: bool, status: int | None, stopped: Bound | None, genuine: bool | None
) -> None:
    running = Running.__new__(Running)
    running.talk = Talk()  # type: ignore[assignment]
    call = SimpleNamespace(processes=list, empty=empty, ended_status=status, stopped=stopped)
    running.call = call  # type: ignore[assignment]
    assert running._is_genuine() is genuine


class Start:
    def __init__(self, genuine: bool | None) -> None:
        self.genuine = genuine


def test_doubt_needs_a_payload_that_was_none() -> None:
    implementation = Implementation.__new__(Implementation)
    for starts, doubted in (([], False), ([None, True], False), ([True, False], True)):
        implementation.started = [Start(genuine) for genuine in starts]  # type: ignore[misc]
        assert (implementation.doubt() is not None) == doubted
