"""The errors of the harness, one class a phase.

==========================  ===================================================================
while                       raises
==========================  ===================================================================
reading the command line    `UsageProblem` (pytest exits 4)
reading clauses             `CatalogueError` (4)
reading an adapter          `AdapterError` (4)
reading or writing records  `RecordError` (4)
reading known failures      `BaselineError` (4)
resolving libraries         `LibraryError` (4)
building a runtime          `SourceError`: what it is made from cannot be used
observing                   `Inconclusive`: this machine cannot decide (verdict `inconclusive`)
observing                   `HarnessError`: we or the adapter broke (verdict `error`)
in a test of one's own      `CommandFailed`: a command that the test relied on
==========================  ===================================================================

Each is a frozen fact that renders itself: what is wrong, where, and what to do.
"""

from __future__ import annotations

from errno import EDQUOT, ENOSPC

NO_ROOM = (ENOSPC, EDQUOT)
"""The errors of a disk that is full, or of somebody who has used up his part of it."""


class VesselError(Exception):
    """What is wrong, where (file, key, path), and what to do about it."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what, where, mend)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        todo = f"\n  {self.mend}" if self.mend else ""
        return f"{place}{self.what}{todo}"


class UsageProblem(VesselError):
    """An option, address, clause or suite that cannot be used as given."""


class CatalogueError(VesselError):
    """A clause file that cannot be read or does not fit its schema."""


class AdapterError(VesselError):
    """An adapter that cannot be read, or whose templates cannot be filled."""


class RecordError(VesselError):
    """A run record or report that cannot be read or written."""


class BaselineError(VesselError):
    """A file of known failures that cannot be read, does not fit, or cannot be updated."""


class LibraryError(VesselError):
    """A file that a loader refuses, or a root in which there is nothing to load it with."""


class Inconclusive(VesselError):
    """This environment cannot decide the clause; `mend` says how to change that."""


class HarnessError(VesselError):
    """The harness itself or the adapter broke: verdict `error`, never a verdict about the implementation."""


class SourceError(VesselError):
    """An archive, image, folder or suite that no runtime can be made from, or must not be."""


class CommandFailed(VesselError):
    """A command that a test of one's own relied on did not succeed."""
