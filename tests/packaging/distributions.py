"""Builds the wheel and the sdist, and opens them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Built:
    """Both distributions, unpacked: their folders hold exactly what the archives hold."""

    wheel: Path
    sdist: Path
    wheel_tree: Path
    sdist_tree: Path


def run_build(source: Path, destination: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m build` with the setuptools of this environment, so that it needs no network."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(destination), *options, str(source)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=not environment,
        env={**os.environ, **environment},
    )


def unpack(shared: Path, destination: Path) -> Built:
    """Open both archives below `destination`."""
    (wheel,), (sdist,) = shared.glob("*.whl"), shared.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(destination / "wheel")
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(destination)], check=True)
    return Built(wheel, sdist, destination / "wheel", destination / sdist.name.removesuffix(".tar.gz"))


def trust_checkout() -> dict[str, str]:
    """Git refuses the checkout of another user, which is what an unprivileged run may have."""
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(ROOT)}
