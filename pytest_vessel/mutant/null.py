"""The implementation that does nothing."""

from __future__ import annotations

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.program import Program


@mutant("null")
class Null(Program):
    """Does nothing and succeeds, whatever it is told. A clause that it passes asks for nothing.

    Stands for every way in which a test can pass without having tested anything.
    """

    def main(self, argv: list[str]) -> int:
        """Do nothing."""
        return 0
