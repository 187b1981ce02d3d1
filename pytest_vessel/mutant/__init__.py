"""Known-bad variants of the reference, each with one named defect: a clause that they all pass tests nothing.

`python -m pytest_vessel.mutant NAME VERB ...` is the reference with the defect NAME. A mutant overrides one step of
the reference and leaves the rest as it is. The names are those that the clauses list as `kills`.

==========  =================================================
`kind`      the wrong kind of lock, or an error taken for one
`runtime`   using a runtime wrongly
`inside`    the lock file as the container sees it
`removal`   deleting what is in use
`tool`      the lock tool
`null`      doing nothing
==========  =================================================
"""

from __future__ import annotations

from pytest_vessel.mutant import inside, kind, null, removal, runtime, tool
from pytest_vessel.mutant.registry import MUTANTS, Mutant

NAMES = tuple(sorted(MUTANTS))
"""The names of all mutants."""

__all__ = ["MUTANTS", "NAMES", "Mutant", "inside", "kind", "null", "removal", "runtime", "tool"]
