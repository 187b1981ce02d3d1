"""Waiting for what another process does and nobody tells."""

from __future__ import annotations

import select
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], timeout_s: float) -> bool:
    """Look until it is true; whether it became so in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.002)  # between two looks
    return True
