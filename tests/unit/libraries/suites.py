"""The suites of Debian whose files and loaders are asked."""

from __future__ import annotations

import shutil

import pytest

SUITES = ("bullseye", "bookworm", "trixie")

needs_mmdebstrap = pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="roots of Debian are made by mmdebstrap")
