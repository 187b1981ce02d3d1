"""Fixtures: a world with a runtime in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from reference_world import LAYOUTS, make_runtime


@pytest.fixture
def world() -> Iterator[Path]:
    """A folder that other users may enter (pytest's own may not be)."""
    folder = Path(tempfile.mkdtemp(prefix="vessel-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=LAYOUTS)
def runtime(world: Path, request: pytest.FixtureRequest) -> Path:
    """A runtime in each layout."""
    make_runtime(world / "rt", request.param)
    return world / "rt"


@pytest.fixture
def usr(world: Path) -> Path:
    """A runtime that is a merged /usr."""
    make_runtime(world / "rt")
    return world / "rt"


@pytest.fixture
def parent(world: Path) -> Path:
    """Where copies are to be made; it is not there yet."""
    return world / "deep/parent"
