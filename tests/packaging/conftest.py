"""The wheel and the sdist of what git knows of this checkout, built once for all workers of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from distributions import ROOT, Built, run_build, trust_checkout, unpack


@pytest.fixture(scope="session")
def tracked() -> frozenset[str]:
    """The files of the checkout that are committed or will be: relative paths."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **trust_checkout()})
    if done.returncode != 0:
        pytest.skip(f"not a checkout: {done.stderr.strip()}")
    return frozenset(name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def copy_of_checkout(tracked: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tracked files alone: nothing that an earlier build left."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def built(copy_of_checkout: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Built:
    """What `python -m build` makes: the sdist, and from the sdist the wheel."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "distributions"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            run_build(copy_of_checkout, shared)
            (shared / "done").touch()
    return unpack(shared, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture
def installed(built: Built, tmp_path: Path) -> Path:
    """The python of a fresh environment with the wheel in it; dependencies come from this environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(built.wheel)], check=True)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python
