"""What the tests against real implementations share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own may not be."""
    with TemporaryDirectory(prefix="vessel-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
