"""Mutants of the lock tool."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.tool import Tool


@mutant("tool-hides-status")
class ToolHidesStatus(Tool):
    """Exits 0 whatever the command's status was.

    Stands for a wrapper whose last act is tidying up.
    """

    def status(self, of_command: int) -> int:
        """Forget it."""
        return 0


@mutant("tool-releases-early")
class ToolReleasesEarly(Tool):
    """Takes the lock, and drops it before the command runs.

    Stands for a lock in a scope that ends too early.
    """

    def start_command(self) -> int:
        """Drop the lock, and start it."""
        os.close(self.lock)
        return super().start_command()


@mutant("tool-always-waits")
class ToolAlwaysWaits(Tool):
    """Waits for a busy lock though it was told not to.

    Stands for F_SETLKW where F_SETLK was meant.
    """

    def take_lock(self) -> int:
        """Wait."""
        self.wait = True
        return super().take_lock()


@mutant("tool-never-waits")
class ToolNeverWaits(Tool):
    """Fails at a busy lock though it was told to wait.

    Stands for an option that is parsed and then forgotten.
    """

    def take_lock(self) -> int:
        """Do not wait."""
        self.wait = False
        return super().take_lock()


@mutant("tool-always-creates")
class ToolAlwaysCreates(Tool):
    """Creates a missing lock file though it was not told to: a lock on a mistyped name protects nobody.

    Stands for an O_CREAT that was thought harmless.
    """

    def take_lock(self) -> int:
        """Create."""
        self.create = True
        return super().take_lock()


@mutant("tool-never-creates")
class ToolNeverCreates(Tool):
    """Fails at a missing lock file though it was told to create it.

    Stands for an option that is parsed and then forgotten.
    """

    def take_lock(self) -> int:
        """Do not create."""
        self.create = False
        return super().take_lock()
