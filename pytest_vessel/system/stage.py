"""The stage: all calls of one test, pumped by one loop. Nothing waits in any other way, and nothing sleeps."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.workshop import Workshop

TICK_S = 0.005
"""How often a condition that no descriptor announces (the lock table, a process state) is looked at."""

_T = TypeVar("_T")


class Stage:
    """Starts calls, and moves all of them on while something is waited for."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.calls: list[Kept] = []

    def start(self, order: Order) -> Kept:
        """Start one call under a keeper of its own."""
        call = Kept(self.workshop, order)
        self.calls.append(call)
        return call

    def pump(self, timeout_s: float = 0.0) -> None:
        """Handle what has arrived; where nothing has, wait for it at most `timeout_s`."""
        sources = {number: handle for call in self.calls for number, handle in call.sources().items()}
        poll = select.poll()
        for number in sources:
            poll.register(number, select.POLLIN)
        for number, _event in poll.poll(max(0, timeout_s * 1000)):
            sources[number]()

    def until(self, condition: Callable[[], _T], timeout_s: float) -> _T:
        """Pump until `condition` gives something true, or the time is up; returns what it gave last."""
        deadline = time.monotonic() + timeout_s
        while not (value := condition()) and (left := deadline - time.monotonic()) > 0:
            self.pump(min(TICK_S, left))
        return value

    def finish(self, call: Kept) -> None:
        """Close its stdin, pump until nothing of it is left (its own bound on time holds), and close it."""
        call.hang_up()
        self.until(lambda: call.empty and not call.sources(), call.order.timeout_s + 5)
        self.end(call)

    def end(self, call: Kept) -> None:
        """End everything in a call now. Idempotent."""
        call.close()
        if call in self.calls:
            self.calls.remove(call)

    def close(self) -> None:
        """End all calls."""
        for call in list(self.calls):
            self.end(call)


@contextmanager
def opened(workshop: Workshop) -> Iterator[Stage]:
    """A stage for the time of a `with` block."""
    stage = Stage(workshop)
    try:
        yield stage
    finally:
        stage.close()
