"""What was seen of one command that a test ran to its end."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pytest_vessel.errors import CommandFailed
from pytest_vessel.observation.process import Bound

_SHOWN_CHARACTERS = 2000


@dataclass(frozen=True)
class Finished:
    """One command that is over.

    Attributes:
        argv: all of it, the wrapper's own words included.
        returncode: as `subprocess` has it: exit status, or the negative number of the signal that ended it; None
            where we ended it (see `stopped`).
        stdout, stderr: what it wrote, as file system strings: `os.fsencode` gives back bytes that are no UTF-8.
        duration_s: from its start to its end; what it left behind is not waited for in this.
        stopped: the bound at which we ended it, or None.
        cut: it wrote more to one of them than is kept (256 KiB): what is here is the beginning.
    """

    argv: tuple[str, ...]
    returncode: int | None
    stdout: str
    stderr: str
    duration_s: float
    stopped: Bound | None = None
    cut: bool = False

    def check(self) -> Finished:
        """The same, where it ended by itself with status 0.

        Raises:
            CommandFailed: it did not; with what it wrote to stderr.
        """
        if self.returncode == 0 and self.stopped is None:
            return self
        said = self.stderr.strip() or self.stdout.strip() or "(it wrote nothing)"
        raise CommandFailed(f"{self.end}: {said[-_SHOWN_CHARACTERS:]}", where=shlex.join(self.argv))

    @property
    def end(self) -> str:
        """How it ended, in words."""
        if self.stopped is not None:
            return f"ended by us at the bound on {self.stopped}"
        if self.returncode is None:
            return "ended by us"
        return f"status {self.returncode}" if self.returncode >= 0 else f"signal {-self.returncode}"
