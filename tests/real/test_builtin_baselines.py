"""The built-in known failures are those of the real implementations: a run with them is green, and needs no update."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from real_programs import environ, require

from pytest_vessel.baselines.chosen import built_in

RUN_TIMEOUT_S = 1800.0


@pytest.fixture(params=built_in())
def implementation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    require(name)
    return name


def run(implementation: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", implementation, "--vessel-level", "should", *options]
    return subprocess.run(argv, cwd=folder, env=environ(folder), capture_output=True, text=True, timeout=RUN_TIMEOUT_S)


@pytest.mark.full
def test_run_with_them_is_green_and_writes_the_same_file(implementation: str, folder: Path) -> None:
    listed = (files("pytest_vessel.baselines") / f"{implementation}.toml").read_bytes()
    copy = folder / "known.toml"
    copy.write_bytes(listed)
    green = run(implementation, folder, "--vessel-baseline", "builtin")
    assert green.returncode == 0, green.stdout[-4000:] + green.stderr
    assert "warning: " not in green.stdout
    written = run(implementation, folder, "--vessel-baseline", str(copy), "--vessel-baseline-update")
    assert "baseline updated: 0 added, 0 changed, 0 removed, " in written.stdout, written.stdout[-4000:]
    assert copy.read_bytes() == listed
