"""One short call of a program, for what it says on stdout: under a keeper, like every other call."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pytest_vessel.errors import VesselError
from pytest_vessel.observation.process import Ending
from pytest_vessel.system import stage, workshop
from pytest_vessel.system.kept import Order


def said(argv: Sequence[str], timeout_s: float) -> Ending | VesselError:
    """How a program ended, and what it wrote, at most some KiB; or why it could not be started.

    It has our environment and working folder, and an empty stdin. Nothing that it leaves behind stays.
    """
    try:
        with workshop.opened() as shop, stage.opened(shop) as there:
            call = there.start(Order(tuple(argv), dict(os.environ), os.getcwd(), timeout_s=timeout_s))
            call.hang_up()
            there.until(lambda: call.ended, timeout_s + 5)
            there.until(lambda: not call.sources(), 0.5)
            there.end(call)
            return call.ending()
    except VesselError as problem:
        return problem
