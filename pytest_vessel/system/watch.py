"""Processes whose end is to be seen: by pidfds, so that a pid which is used again deceives nobody."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Watch:
    """Some processes, from now until they end. One that is gone already counts as ended.

    A process has ended when all of its threads have, whether its parent has looked or not (pidfd_open(2)).
    """

    def __init__(self, pids: Iterable[int]) -> None:
        self._pidfds = {pid: _opened(pid) for pid in dict.fromkeys(pids)}

    def ended(self, pid: int) -> bool:
        """Whether it has ended. `KeyError`: it is not watched."""
        pidfd = self._pidfds[pid]
        if pidfd is None:
            return True
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        return bool(poll.poll(0))

    @property
    def living(self) -> tuple[int, ...]:
        """Those that have not ended."""
        return tuple(pid for pid in self._pidfds if not self.ended(pid))

    def close(self) -> None:
        """Stop watching. Idempotent."""
        for pidfd in self._pidfds.values():
            if pidfd is not None:
                os.close(pidfd)
        self._pidfds.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
