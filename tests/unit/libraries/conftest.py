"""Systems of which a test needs the loaders alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from systems import SUITES

from pytest_vessel import sources
from pytest_vessel.system.sysroot import Layout, build


@pytest.fixture(params=SUITES)
def debian(request: pytest.FixtureRequest, vessel_work: Path) -> Path:
    """A small root of a suite, with its loaders for 64 and 32 bits and that of musl."""
    root = vessel_work / "debian"
    build(root, Layout.COMPLETE_ROOT, sources.debian(request.param, ["libc6-i386", "musl"]))
    return root
