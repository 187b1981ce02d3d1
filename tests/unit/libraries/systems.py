"""Systems whose loaders are asked: this machine, and suites of Debian."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_vessel.libraries.rootfs import Root

HOST = Path("/")
SUITES = ("bullseye", "bookworm", "trixie")

needs_mmdebstrap = pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="roots of Debian are made by mmdebstrap")


def copy_loader(system: Path, loader: str, root: Path) -> None:
    """Put the loader that a system has at this path at the same path of a root."""
    content = Root(system).content(loader)
    assert content, f"{system} has no {loader}"
    (root / loader[1:]).write_bytes(content)
    (root / loader[1:]).chmod(0o755)
