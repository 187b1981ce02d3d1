"""`python -m pytest_vessel.reference`."""

from __future__ import annotations

import sys

from pytest_vessel.reference.program import Program, end_with

end_with(Program().main(sys.argv[1:]))
