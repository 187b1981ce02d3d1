"""The extra `hosts`, in an environment of its own: the plugin of testinfra loads itself into every pytest there."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from distributions import ROOT

TEST = """
import sys

def test_host(vessel_host):
    assert vessel_host.file("/proc/self").exists
    assert vessel_host.check_output("echo %s", "a b") == "a b"
    assert vessel_host.run("exit 3").rc == 3
    assert vessel_host.exists("sh") and not vessel_host.exists("nonesuch")
    assert vessel_host.backend.get_connection_type() == "local"
"""
WITHOUT = """
import pytest
from pytest_vessel.errors import Inconclusive

def test_without(request):
    with pytest.raises(Inconclusive, match="pytest-vessel.hosts"):
        request.getfixturevalue("vessel_host")
"""


def run(python: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    quiet = ("-p", "no:benchmark", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [str(python), "-m", "pytest", *quiet, *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def with_hosts(installed: Path, tmp_path: Path) -> Path:
    """The same environment with what the extra asks for; needs an index."""
    (wanted,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["hosts"]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(installed)]
    done = subprocess.run([*pip, "install", "--no-deps", wanted], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        pytest.skip(f"{wanted} is not to be had here: {done.stderr.strip().splitlines()[-1]}")
    return installed


def test_without_the_extra(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(WITHOUT)
    done = run(installed, tmp_path, "-W", "error", "test_own.py")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_with_the_extra(with_hosts: Path, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(TEST)
    done = run(with_hosts, tmp_path, "-W", "error", "test_own.py")
    assert "testinfra" in done.stdout.partition("collected")[0], "its plugin is there"
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_conformance_run_beside_testinfra(with_hosts: Path, tmp_path: Path) -> None:
    done = run(with_hosts, tmp_path, "-p", "vessel", "--vessel-clause", "LOCK-092")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
