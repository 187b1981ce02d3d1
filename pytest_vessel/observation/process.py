"""What was seen of processes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """Which bound of the keeper a call ran into."""

    TIME = "time"
    PROCESSES = "processes"
    OUTPUT = "output"


@dataclass(frozen=True)
class Ending:
    """How one call of an implementation ended.

    Attributes:
        status: exit status, or None where a signal ended it.
        signal: number of that signal, or None.
        stopped: the bound that made us end it, or None.
        message: what it wrote to stderr (valid text, at most some KiB).
        output: what it wrote to stdout beside the probe's conversation (the same).
        ended_by_us: we ended it when the test was done with it: status and signal are ours.
    """

    status: int | None
    signal: int | None = None
    stopped: Bound | None = None
    message: str = ""
    output: str = ""
    ended_by_us: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with status 0."""
        return self.status == 0 and self.stopped is None

    @property
    def refused(self) -> bool:
        """Whether it ended by itself with a status that is not zero and said something on stderr."""
        return self.failed and bool(self.message.strip())

    @property
    def failed(self) -> bool:
        """Whether it ended by itself, not with status 0; a signal counts."""
        return self.stopped is None and not self.ended_by_us and self.status != 0

    def __str__(self) -> str:
        if self.stopped is not None:
            return f"ended by us at the bound on {self.stopped}"
        how = f"status {self.status}" if self.signal is None else f"signal {self.signal}"
        return f"{how}, message: {_short(self.message)}" if self.message.strip() else f"{how} without a message"


def _short(text: str, width: int = 160) -> str:
    line = " / ".join(part.strip() for part in text.splitlines() if part.strip())
    return repr(line if len(line) <= width else line[: width - 3] + "...")


@dataclass(frozen=True)
class Descriptor:
    """One open descriptor of a process; `device` as `major:minor`."""

    number: int
    device: str
    inode: int


@dataclass(frozen=True)
class Start:
    """One start of a payload, seen until it ran, ended or waited.

    Attributes:
        ready: the payload said that it runs.
        waits: it was seen blocked on the lock, or refused three times while it tried again.
        ending: how the call ended; None while it goes on.
    """

    ready: bool
    waits: bool = False
    ending: Ending | None = None

    def __str__(self) -> str:
        if self.ready:
            return "the payload runs"
        if self.waits:
            return "it waits for the lock"
        return str(self.ending) if self.ending else "it neither ran, ended nor waited"
