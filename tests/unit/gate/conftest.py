"""A workshop for all tests of the gate, and subjects on a stage of each test's own."""

from __future__ import annotations

import pytest
from gate_world import subject_of

from pytest_vessel.system.seccomp import available


@pytest.fixture
def gated(stage):
    """Start something behind a gate: see `subject_of`."""
    if not (can := available()):
        pytest.skip(can.reason)
    return lambda *arguments, **options: subject_of(stage, *arguments, **options)
