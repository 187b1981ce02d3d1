"""Closures asked of the compiled module, and of the rules in Python: what is ordinary has the same answer of both."""

from __future__ import annotations

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.found import Closure


class BothWays(Libraries):
    """Libraries whose answers are compared. `ordinary_count`: how many the compiled module gave."""

    ordinary_count = 0

    def closure(self, path: str, *, explain: bool = False) -> Closure:
        quick = self._ordinary.closure(path, self._loader_of) if self._ordinary else None
        self.ordinary_count += quick is not None
        try:
            found = self._closure(path, explain)
        except LibraryError:
            assert quick is None, f"{path}: the rules refuse what the compiled module lists: {quick}"
            raise
        assert quick in (None, bare(found))
        return found


def bare(closure: Closure) -> Closure:
    """Without what else was looked at, which nobody asks the compiled module for."""
    return closure._replace(entries=tuple(entry._replace(looks=()) for entry in closure.entries))
