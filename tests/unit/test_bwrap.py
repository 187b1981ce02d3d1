"""HARN: the command lines of `vessel_bwrap`, and a bwrap that is missing or may not do anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_vessel.errors import CommandFailed, Inconclusive
from pytest_vessel.observation.command import Finished
from pytest_vessel.observation.process import Bound
from pytest_vessel.system import bwrap, environment
from pytest_vessel.system.bwrap import Sandbox
from pytest_vessel.system.sysroot import Layout


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bwrap in PATH, with nothing else, that says no."""
    fake = tmp_path / "path" / "bwrap"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent))
    return fake


def words(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> str:
    monkeypatch.setattr(bwrap, "program", lambda: "/bin/bwrap")
    return " ".join(sandbox.command(["true"]))


def test_merged_usr_links_what_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    said = words(monkeypatch, Sandbox(tmp_path))
    assert f"--ro-bind {tmp_path} /usr --symlink usr/bin /bin --dev" in said
    assert "usr/lib" not in said


def test_complete_root_mounts_where_it_can(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    said = words(monkeypatch, Sandbox(tmp_path, Layout.COMPLETE_ROOT, writable=True))
    assert f"--bind {tmp_path} / --proc /proc --clearenv" in said


def test_no_network_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "--unshare-all --die-with-parent --ro-bind" in words(monkeypatch, Sandbox(tmp_path))
    assert "--share-net" in words(monkeypatch, Sandbox(tmp_path, network=True))


def test_environment_is_set_inside_and_options_come_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, env={"LD_PRELOAD": "x"}, cwd="/usr", options=("--lock-file", "/usr/.ref"))
    said = words(monkeypatch, sandbox)
    assert said.endswith("--clearenv --setenv LD_PRELOAD x --chdir /usr --lock-file /usr/.ref -- true")


def test_binds_are_by_place_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    said = words(monkeypatch, Sandbox(tmp_path, ro_bind={"/ro": Path("a")}, bind={"/rw": tmp_path}))
    assert f"--ro-bind {tmp_path}/a /ro --bind {tmp_path} /rw" in said
    with pytest.raises(ValueError, match="'data': a place inside the container is an absolute path"):
        words(monkeypatch, Sandbox(tmp_path, bind={"data": tmp_path}))


def test_nothing_to_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        Sandbox(tmp_path).command([])


def test_bwrap_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Inconclusive, match="bubblewrap is not installed\n  apt install bubblewrap"):
        Sandbox(tmp_path).command(["true"])


def test_bwrap_that_cannot_make_containers(fake: Path, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="cannot make a container here: bwrap: No permissions") as caught:
        Sandbox(tmp_path).command(["true"])
    assert "pytest-vessel doctor" in caught.value.mend
    need = environment.look("bubblewrap")
    assert "No permissions to create new namespace" in need.problem
    assert need.mend


def test_bwrap_that_cannot_be_started(fake: Path) -> None:
    fake.write_text("#!/nonexistent\n")
    with pytest.raises(Inconclusive, match="No such file"):
        bwrap.program()


def finished(returncode: int | None, stderr: str = "", stopped: Bound | None = None) -> Finished:
    return Finished(("bwrap", "a b"), returncode, "out", stderr, 0.1, stopped)


def test_check_gives_it_back() -> None:
    assert finished(0).check() is not None
    assert finished(0).check().stdout == "out"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (finished(3, "no such thing\n"), "bwrap 'a b': status 3: no such thing"),
        (finished(-9), "signal 9: out"),
        (finished(None, stopped=Bound.TIME), "ended by us at the bound on time: out"),
        (finished(None), "ended by us: out"),
    ],
)
def test_check_raises_with_the_reason(one: Finished, words: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        one.check()
    assert words in str(caught.value)


@pytest.mark.vessel_needs("bubblewrap")
def test_the_trial_is_a_container() -> None:
    assert bwrap.program().endswith("/bwrap")
    done = subprocess.run([bwrap.program(), *bwrap._TRIAL, "/bin/true"], env=dict(os.environ), check=False)
    assert done.returncode == 0
