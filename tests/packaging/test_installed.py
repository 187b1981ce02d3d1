"""The wheel in a fresh environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from distributions import Built

IMPORT_ALL = """
import importlib, json, pkgutil, sys
import pytest_vessel
names = [found.name for found in pkgutil.walk_packages(pytest_vessel.__path__, "pytest_vessel.")]
names = [name for name in names if not name.endswith("__main__")]
files = {name: importlib.import_module(name).__file__ for name in names}
print(json.dumps(files))
"""


def run(python: Path, code: str, tmp_path: Path) -> str:
    """Run `code` in an empty folder, with no compiler in PATH; its stdout."""
    (tmp_path / "empty").mkdir()
    environment = {"PATH": "/nonexistent", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [str(python), "-I", "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "empty", env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_imports_from_the_wheel(installed: Path, built: Built, tmp_path: Path) -> None:
    files: dict[str, str] = json.loads(run(installed, IMPORT_ALL, tmp_path))
    every = (path for pattern in ("*.py", "*.so") for path in built.wheel_tree.rglob(pattern))
    modules = {path for path in every if path.name != "__main__.py"}
    assert len(files) == len(modules) - 1  # the top package itself is not among them
    assert all(file.startswith(str(installed.parents[1])) for file in files.values())


def test_installed_package_uses_the_carried_probe(installed: Path, tmp_path: Path) -> None:
    printed = run(installed, "from pytest_vessel.system.compile import probe; print(probe())", tmp_path)
    found = Path(printed.strip())
    assert found.match(f"site-packages/pytest_vessel/fixtures/probe/probe-{os.uname().machine}")
    assert not (tmp_path / "cache").exists()


def test_nothing_of_ours_stands_at_the_top(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.util as u; print([n for n in ('conformance', 'fixtures', 'tests') if u.find_spec(n)])"
    assert run(installed, code, tmp_path) == "[]\n"
