"""Subjects behind gates: real processes under keepers, which end them whatever happens."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from pytest_vessel.system.gate import Gate
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.stage import Stage

DEADLINE_S = 20.0


@dataclass
class Subject:
    stage: Stage
    call: Kept
    gate: Gate

    @property
    def pid(self) -> int:
        """Of the started program itself."""
        return self.call.processes()[0]

    def next(self, call: str | None = None):
        held = self.gate.next(DEADLINE_S)
        assert held is not None, "nothing arrived at the gate"
        assert call in (None, held.call)
        return held

    def finish(self) -> str:
        """Wait until nothing of it is left; what it printed."""
        self.stage.finish(self.call)
        assert self.call.stopped is None, "the subject did not end"
        return bytes(self.call.out).decode()

    def end(self):
        """Wait until the started program itself has ended; how it did."""
        assert self.stage.until(lambda: self.call.ended_status is not None, DEADLINE_S)
        return self.call.ending()


def subject_of(stage, source, chosen, policy=None, wrap=(), env=None, **options) -> Subject:
    """Start `source` (Python, or an argv) behind a gate."""
    name, *words = [*wrap, *(["python3", "-I", "-S", "-c", source] if isinstance(source, str) else source)]
    environ = dict(os.environ if env is None else env)
    order = Order((shutil.which(name) or name, *words), environ, "/", chosen=tuple(chosen), **options)
    call = stage.start(order)
    assert stage.until(lambda: call.gate or call.empty, DEADLINE_S)
    if call.gate is None:
        call.ending()
    call.gate.policy = policy
    return Subject(stage, call, call.gate)
