"""Whether a payload that says that it runs really does: the kernel knows which program a process executes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_vessel.system import compile


def runs_probe(pids: Iterable[int]) -> bool | None:
    """Whether one of these processes executes the probe, by the content of its program; None where that is hidden.

    Not for engines that load programs themselves: what their processes execute is the engine.
    """
    probe = compile.probe()
    size_bytes, hidden = probe.stat().st_size, False
    for pid in pids:
        program = Path(f"/proc/{pid}/exe")
        try:
            if os.stat(program).st_size == size_bytes and program.read_bytes() == probe.read_bytes():
                return True
        except PermissionError:
            hidden = True
        except OSError:
            continue  # it has just ended, or has no program any more
    return None if hidden else False
