"""An environment with testinfra in it: its plugin loads itself, and owns the fixture `host` and ten options."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.full

CLAUSE = ("-p", "vessel", "--vessel-clause", "LOCK-094")
OWN_HOSTS = """
def pytest_addoption(parser):
    parser.addoption("--hosts", help="of the project")
"""
BOTH = """
def test_both(host, vessel_holder, vessel_locks, tmp_path):
    file = tmp_path / "lock"
    file.touch()
    vessel_holder(file)
    assert vessel_locks(file).exclusive_refused
    assert host.file(str(file)).is_file
"""


@pytest.fixture
def python(installed: Path) -> Path:
    """The python of an environment that has the wheel and testinfra."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(installed)]
    done = subprocess.run([*pip, "install", "--no-deps", "pytest-testinfra"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"testinfra cannot be installed: {done.stderr.strip()[-200:]}")
    return installed


def run(python: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(python), "-m", "pytest", *args], cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "test_both.py").write_text(BOTH)
    return folder


@pytest.mark.parametrize("way", [(), ("-n2",), ("-p", "no:testinfra")])
def test_a_conformance_run_beside_it(python: Path, project: Path, way: tuple[str, ...]) -> None:
    done = run(python, project, *CLAUSE, *way)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "testinfra-" in done.stdout
    assert "\npass           LOCK-094" in done.stdout


def test_a_conformance_run_in_a_project_with_hosts_of_its_own(python: Path, project: Path) -> None:
    """In which testinfra itself ends plain pytest: its option of that name is there already."""
    (project / "conftest.py").write_text(OWN_HOSTS)
    assert run(python, project).returncode != 0
    assert "--hosts" in run(python, project).stderr
    done = run(python, project, *CLAUSE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\npass           LOCK-094" in done.stdout


def test_its_fixture_and_ours_in_one_test(python: Path, project: Path) -> None:
    done = run(python, project, "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_both.py::test_both[local] PASSED" in done.stdout


def test_its_options_stay_its_own(python: Path, project: Path) -> None:
    done = run(python, project, "--help")
    assert done.returncode == 0
    assert "--hosts=" in done.stdout
    assert "--vessel-impl=" in done.stdout
