"""`python -m pytest_vessel.reference`; as a file, `python -I -S .../reference/__main__.py`, it starts sooner."""

from __future__ import annotations

import os
import sys

if not __package__:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from pytest_vessel.reference.program import Program, end_with

end_with(Program().main(sys.argv[1:]))
