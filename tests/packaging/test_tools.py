"""The contributors' commands, in a checkout that looks ready or cannot be made ready. No network is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from distributions import ROOT

NATIVE = sorted(f"native/{path.name}" for path in (ROOT / "native").iterdir())
NOTHING_OF_THE_SYSTEM = {"VESSEL_SYSTEM_PACKAGES": "no"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What bootstrap reads of a checkout, without .venv."""
    checkout = tmp_path / "check out"
    for folder in ("tools", "native"):
        (checkout / folder).mkdir(parents=True)
    for name in ("tools/bootstrap", "tools/vessel", "tools/test", "pyproject.toml", "setup.py", *NATIVE):
        shutil.copy2(ROOT / name, checkout / name)
    return checkout


@pytest.fixture
def ready(checkout: Path) -> Path:
    """The same, with a .venv that says that it is complete, and whose python prints how it was called."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PWD" "$@"\n')
    python.chmod(0o755)
    project = b"".join((checkout / name).read_bytes() for name in ("pyproject.toml", "setup.py", *NATIVE))
    state = f"{python.resolve()} {checkout}\n{sha256(project).hexdigest()}  -\n"
    (checkout / ".venv" / "vessel-state").write_text(state)
    return checkout


def call(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **NOTHING_OF_THE_SYSTEM, **environment},
    )


def test_ready_checkout_is_left_as_it_is(ready: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in ready.iterdir())
    done = call(ready / "tools" / "bootstrap", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(path.name for path in ready.iterdir()) == before


def test_bootstrap_says_where_the_python_is(ready: Path, tmp_path: Path) -> None:
    done = call(ready / "tools" / "bootstrap", cwd=tmp_path)
    assert done.stderr == f"bootstrap: ready: {ready}/.venv/bin/python\n"


def test_bootstrap_explains_its_use(ready: Path) -> None:
    done = call(ready / "tools" / "bootstrap", "--fast", cwd=ready)
    assert (done.returncode, done.stderr) == (1, "bootstrap: usage: tools/bootstrap [--quiet | --bench]\n")


def test_programs_to_compare_with_are_installed_when_they_are_asked_for(ready: Path, tmp_path: Path) -> None:
    programs, log = tmp_path / "programs", tmp_path / "log"
    programs.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name not in ("libtree", "lddtree", "ffmpeg", "apt-get", "id"):
            (programs / program.name).symlink_to(program)
    for name, text in (("apt-get", f'echo "$@" >>{log}'), ("id", "echo 0")):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    for option in ("--quiet", "--bench"):
        call(ready / "tools" / "bootstrap", option, cwd=tmp_path, PATH=str(programs), VESSEL_SYSTEM_PACKAGES="yes")
        told = log.read_text() if log.exists() else ""
        assert ("libtree pax-utils ffmpeg" in told) == (option == "--bench")


def test_vessel_runs_pytest_in_the_callers_folder(ready: Path, tmp_path: Path) -> None:
    done = call(ready / "tools" / "vessel", "--vessel-clause", "a b", cwd=tmp_path)
    assert done.stdout == f"{tmp_path} -P -m pytest -p vessel --vessel-clause a b\n"


def test_vessel_works_through_a_link(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ready / "tools" / "vessel")
    done = call(tmp_path / "link", cwd=tmp_path)
    assert done.stdout == f"{tmp_path} -P -m pytest -p vessel\n"


@pytest.mark.parametrize("words", [("--fast",), ("--full", "more"), ("",)])
def test_test_explains_its_use(ready: Path, words: tuple[str, ...]) -> None:
    done = call(ready / "tools" / "test", *words, cwd=ready)
    assert done.returncode == 4
    assert done.stderr == "usage: tools/test [--full]\n"


def test_test_stops_at_the_first_failure_with_its_output(ready: Path) -> None:
    ruff = ready / ".venv" / "bin" / "ruff"
    ruff.write_text('#!/bin/sh\necho "all about it"\n[ "$1" = check ]\n')
    ruff.chmod(0o755)
    done = call(ready / "tools" / "test", cwd=ready)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines[:2]] == [["ruff", "check", "ok"], ["ruff", "format", "FAILED"]]
    assert lines[2:] == ["all about it"]
    assert "ruff format failed with status 1" in done.stderr


def test_foreign_folder_in_the_place_of_venv_is_kept(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "mine").touch()
    done = call(checkout / "tools" / "bootstrap", cwd=checkout)
    assert done.returncode == 1
    assert f"{checkout}/.venv is in the way: it is no virtual environment" in done.stderr
    assert (checkout / ".venv" / "mine").exists()


def test_environment_without_its_state_is_made_anew_and_what_failed_is_not_taken_for_done(
    checkout: Path, tmp_path: Path
) -> None:
    half = checkout / ".venv"
    half.mkdir()
    (half / "pyvenv.cfg").touch()
    (half / "left over").touch()
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    done = call(checkout / "tools" / "bootstrap", cwd=checkout, **offline)
    assert done.returncode == 1
    assert "bootstrap: pip could not install what pyproject.toml asks for" in done.stderr
    assert not (half / "left over").exists()
    assert not (half / "vessel-state").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_user_who_cannot_write_is_told_so(checkout: Path) -> None:
    with tempfile.TemporaryDirectory() as reachable:  # pytest's own folders are closed to others
        Path(reachable).chmod(0o755)
        copy = shutil.copytree(checkout, Path(reachable) / "checkout")
        done = call("setpriv", "--reuid=65534", "--clear-groups", copy / "tools" / "bootstrap", cwd=Path("/"))
    assert done.returncode == 1
    assert "cannot write there: run tools/bootstrap as its owner first" in done.stderr
