"""HARN: a call that has not begun yet is not taken for one that does nothing any more."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.process import Start
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.quiet import is_alive
from pytest_vessel.system.stage import Stage
from pytest_vessel.system.workshop import Workshop

SLOW_LOOKS = 500


class SlowKeeper(Kept):
    """A call whose keeper is not ready before it was looked at some hundred times, as beside a busy disk."""

    def __init__(self, workshop: Workshop, order: Order) -> None:
        super().__init__(workshop, order)
        self.looks = 0

    def processes(self) -> list[int]:
        return super().processes() if self.looks > SLOW_LOOKS else []

    def sources(self) -> dict[int, Callable[[], None]]:
        self.looks += 1
        return super().sources() if self.looks > SLOW_LOOKS else {}


def test_a_call_whose_end_was_not_told_does_not_rest(stage: Stage, tmp_path: Path) -> None:
    """As where its keeper must wait for a processor."""
    call = stage.start(Order(("/bin/sh", "-c", "read line"), dict(os.environ), "/", timeout_s=20))
    running = Running(stage, call, "nonce", (), tmp_path)
    assert stage.until(running.at_rest, 20)
    os.kill(call.pid, signal.SIGSTOP)
    call.hang_up()
    assert stage.until(lambda: not any(map(is_alive, call.processes())), 20)
    assert not any(running.at_rest() for _look in range(10))
    os.kill(call.pid, signal.SIGCONT)
    assert running.settle()
    assert call.ended_status is not None


def test_a_call_that_was_ended_by_us_is_over_at_once(stage: Stage, tmp_path: Path) -> None:
    call = stage.start(Order(("/bin/sh", "-c", "read line"), dict(os.environ), "/", timeout_s=1000))
    running = Running(stage, call, "nonce", (), tmp_path)
    assert stage.until(running.at_rest, 20)
    running.stop()
    assert call.empty
    assert running.wait().ended_by_us


def test_a_call_rests_only_once_it_has_begun(stage: Stage, workshop: Workshop, tmp_path: Path) -> None:
    call = SlowKeeper(workshop, Order(("/bin/sh", "-c", "read line"), dict(os.environ), "/", timeout_s=20))
    stage.calls.append(call)
    began = Running(stage, call, "nonce", (), tmp_path).start()
    assert call.looks > SLOW_LOOKS
    assert call.processes()
    assert began == Start(ready=False)
