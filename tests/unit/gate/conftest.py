"""Subjects behind gates: real processes, ended by id whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass

import pytest

from pytest_vessel.system.gate import Gate
from pytest_vessel.system.launch import launch
from pytest_vessel.system.seccomp import available

DEADLINE_S = 20.0


@dataclass
class Subject:
    process: subprocess.Popen[bytes]
    gate: Gate

    def finish(self) -> str:
        """Pump until the process is over; what it printed."""
        gate, process = self.gate, self.process
        assert gate.pump_until(lambda: gate.over or process.poll() is not None, DEADLINE_S), "the subject did not end"
        return process.communicate(timeout=DEADLINE_S)[0].decode()

    def next(self, call: str | None = None):
        held = self.gate.next(DEADLINE_S)
        assert held is not None, "nothing arrived at the gate"
        assert call in (None, held.call)
        return held

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process.stdout and not self.process.stdout.closed:
            self.process.communicate()
        self.process.wait()
        self.gate.close()


@pytest.fixture
def gated():
    """Start `source` (Python, or an argv) behind a gate, in a session of its own."""
    if not (can := available()):
        pytest.skip(can.reason)
    subjects = []

    def start(source, chosen, policy=None, wrap=(), **options) -> Subject:
        argv = [*wrap, *(["python3", "-I", "-S", "-c", source] if isinstance(source, str) else source)]
        options.setdefault("stdout", subprocess.PIPE)
        subject = Subject(*launch(argv, chosen, start_new_session=True, **options))
        subject.gate.policy = policy
        subjects.append(subject)
        return subject

    yield start
    for subject in subjects:
        subject.end()
