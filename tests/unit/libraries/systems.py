"""Systems whose loaders are asked: this machine, and suites of Debian."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_vessel.libraries.rootfs import Root
from pytest_vessel.runtimes.debian import mirror

HOST = Path("/")
CROSS = HOST / "usr/aarch64-linux-gnu"
SUITES = ("bullseye", "bookworm", "trixie")

needs_mmdebstrap = pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="roots of Debian are made by mmdebstrap")


def extract(root: Path, suite: str, packages: Sequence[str], architectures: Sequence[str], emulator: str) -> None:
    """A root of a suite for whatever machines, and its cache: packages are unpacked alone, for none may run here."""
    tar = root.with_suffix(".tar")
    options = ["--quiet", "--variant=extract", f"--architectures={','.join(architectures)}"]
    options.append(f"--include={','.join(['libc-bin', *packages])}")  # with ldconfig
    subprocess.run(["mmdebstrap", *options, suite, str(tar), f"deb {mirror(suite)} {suite} main"], check=True)
    root.mkdir()
    subprocess.run(["tar", "-x", "-f", str(tar), "-C", str(root), "--no-same-owner", "--exclude=./dev/*"], check=True)
    tar.unlink()
    copy_emulator(emulator, root)
    inside = ["bwrap", "--unshare-all", "--uid", "0", "--gid", "0", "--bind", str(root), "/"]
    subprocess.run([*inside, *filter(None, [emulator and f"/{emulator}"]), "/sbin/ldconfig"], check=True)


def copy_emulator(emulator: str, root: Path) -> None:
    """Put what runs programs of another machine at the top of a root, where there is a name for it."""
    if emulator:
        found = shutil.which(emulator)
        assert found, f"{emulator} is not installed"
        shutil.copy(found, root)


def copy_loader(system: Path, loader: str, root: Path) -> None:
    """Put the loader that a system has at this path at the same path of a root."""
    content = Root(system).content(loader)
    assert content, f"{system} has no {loader}"
    (root / loader[1:]).write_bytes(content)
    (root / loader[1:]).chmod(0o755)
