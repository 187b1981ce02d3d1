"""`python -m pytest_vessel.mutant NAME VERB ...`, and `--list`; as a file, as the reference."""

from __future__ import annotations

import os
import sys

if not __package__:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.program import end_with

WRONG_USAGE = 2


def main(argv: list[str]) -> int:
    """Be the mutant that the first word names; returns its exit status."""
    if argv == ["--list"]:
        for name, mutant in sorted(MUTANTS.items()):
            print(f"{name:33} {mutant.defect}", flush=True)
        return 0
    if not argv or argv[0] not in MUTANTS:
        print(
            "usage: python -m pytest_vessel.mutant NAME VERB ...; --list shows the names", file=sys.stderr, flush=True
        )
        return WRONG_USAGE
    return MUTANTS[argv[0]].program().main(argv[1:])


end_with(main(sys.argv[1:]))
