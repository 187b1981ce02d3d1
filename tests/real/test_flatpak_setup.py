"""The set-up of Flatpak: it works, as root and unprivileged; it stays in its folder; its errors say what to do."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from pytest_vessel.adapter import flatpak
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.description import read
from pytest_vessel.adapter.protocol import Command, Fill
from pytest_vessel.errors import HarnessError
from pytest_vessel.system import compile, environment
from pytest_vessel.system.sysroot import HostPrograms, Layout, build

pytestmark = pytest.mark.skipif(not shutil.which("flatpak"), reason="flatpak is not installed: apt install flatpak")

CALL_TIMEOUT_S = 60


class World:
    """A work folder with a tree, and the adapter's verbs carried out in it, as some user."""

    def __init__(self, folder: Path, user: str | None = None) -> None:
        self.folder, self.user = folder, user
        self.work, self.home, self.tree = folder / "work", folder / "home", folder / "tree"
        self.provider = folder / "provider"
        self.work.mkdir()
        self.home.mkdir()
        build(self.tree, Layout.MERGED_USR, HostPrograms(), ref=False)
        if user:
            for path in (folder, self.work, self.home):
                shutil.chown(path, user)
        self.adapter = CommandAdapter(read(Path(str(files("pytest_vessel.adapter") / "flatpak.toml"))), "flatpak")
        self.deployed = Path()

    def command(self, verb: str, *argv: str) -> Command:
        folders = {"tree": self.tree, "work": self.work, "runtime": self.deployed, "provider": self.provider}
        values = {"name": "rt1", **{name: str(folder) for name, folder in folders.items()}}
        return self.adapter.command(verb, Fill(values, {"argv": argv}, {}))

    def call(self, verb: str, *argv: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = self.command(verb, *argv)
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        return subprocess.run(
            [*before, *command.argv],
            env={**clean, **command.environment},
            cwd=self.work,
            input="",
            capture_output=True,
            text=True,
            timeout=CALL_TIMEOUT_S,
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def install(self, before: tuple[str, ...] = ()) -> Path:
        done = self.call("install", before=before)
        assert done.returncode == 0, done.stderr
        self.deployed = Path(done.stdout.splitlines()[-1])
        return self.deployed


@pytest.fixture(params=["ourselves", "unprivileged"])
def world(request: pytest.FixtureRequest, folder: Path) -> World:
    if request.param == "ourselves":
        return World(folder)
    if os.geteuid():
        pytest.skip("we are unprivileged already")
    need = environment.look("user")
    if need.problem:
        pytest.skip(need.problem)
    user = environment.unprivileged_user(None)
    assert user is not None
    return World(folder, user.name)


def test_installs_what_it_is_given(world: World) -> None:
    src = world.install()
    assert src.name == "files"
    assert src.is_relative_to(world.work / "flatpak" / "user" / "runtime")
    assert (src / "libexec/vessel/probe").read_bytes() == compile.probe().read_bytes()
    assert stat.S_ISREG((src / ".ref").lstat().st_mode)
    assert (src / "share/vessel/link.txt").readlink() == Path("greeting.txt")


def test_payload_gets_its_words_whole(world: World) -> None:
    world.install()
    words = (flatpak.PROBE, flatpak.PROBE, "talk", "-n 'o' nce")
    done = world.call("run", *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("vessel-ready -n 'o' nce ")


def test_what_a_provider_has_is_an_extension_and_made_anew_each_time(world: World) -> None:
    (world.tree / flatpak.EXTENSIONS).mkdir(parents=True)
    world.install()
    inside = world.adapter.role("overrides_inside", Fill({}, {}, {}))
    for name in ("first", "second"):
        (world.provider / "usr/bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(compile.probe(), world.provider / "usr/bin" / name)
        done = world.call("overlay", f"{inside}/bin/{name}", "talk", name)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"vessel-ready {name} ")
        assert not done.stderr, "what the installation says is kept back"


def test_removes_runtime_and_app(world: World) -> None:
    src = world.install()
    done = world.call("remove")
    assert done.returncode == 0, done.stderr
    assert not src.exists()
    assert not list((world.work / "flatpak/user/app").iterdir())
    assert "not installed" in world.call("remove").stderr


def test_what_waits_for_its_last_user_goes_with_the_next_removal(world: World) -> None:
    src = world.install()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(src / ".ref")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert world.call("remove").returncode == 0
    waiting = list((world.work / "flatpak/user/.removed").iterdir())
    assert [path.name.partition("-")[0] for path in waiting] == ["org.vessel.Runtime_rt1"]
    holder.communicate(timeout=CALL_TIMEOUT_S)
    assert world.call("remove").returncode == 0
    assert not waiting[0].exists()


_HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_SH)
print("held", flush=True)
sys.stdin.read()
"""


def test_second_runtime_in_the_same_folder(folder: Path) -> None:
    world = World(folder)
    first = world.install()
    installation = flatpak.Installation(world.work)
    second = installation.install(world.tree, flatpak.Names("rt2"))
    assert first.is_dir()
    assert (second / ".ref").stat().st_ino != (first / ".ref").stat().st_ino


def test_nothing_of_the_users_is_touched_or_read(world: World) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: apt install strace")
    (world.home / ".local/share/flatpak").mkdir(parents=True)
    trace = world.folder / "trace"
    trace.touch(mode=0o666)
    trace.chmod(0o666)
    traced = ("strace", "-f", "-qq", "-A", "-o", str(trace), "-e", "trace=%file")
    world.install(before=traced)
    assert world.call("run", flatpak.PROBE, "talk", "n0nce", before=traced).returncode == 0
    assert world.call("remove", before=traced).returncode == 0
    lines = trace.read_text(errors="replace").splitlines()
    assert any(str(world.work / "flatpak/user") in line for line in lines)
    real_home = pwd.getpwuid(os.geteuid()).pw_dir
    private = (str(world.home), f"{real_home}/.local", f"{real_home}/.var", f"{real_home}/.cache", "/var/lib/flatpak")
    assert [line for line in lines if any(f'"{path}' in line for path in private)] == []
    written = {found[1] for line in lines if (found := _WRITTEN.search(line)) and " = -1" not in line}
    outside = {path for path in written if not path.startswith((str(world.folder), *_ELSEWHERE))}
    assert {path for path in outside if "/pytest_vessel/adapter/__pycache__/" not in path} == set()


_WRITTEN = re.compile(r'open(?:at)?\([^"]*"(/[^"]*)", O_(?:WRONLY|RDWR)(?![^)]*O_(?:PATH|TMPFILE))')
_ELSEWHERE = ("/proc/", "/dev/", "/newroot", "/bindfile")
"""Devices, the process's own files, and what bubblewrap makes on a tmpfs of the container."""


def test_environment_of_the_program_is_that_of_the_adapter(folder: Path) -> None:
    world = World(folder)
    assert dict(world.command("run").environment) == flatpak.environment(world.work)


def test_missing_flatpak(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(folder))
    world = World(folder)
    assert flatpak.main(["install", "--tree", str(world.tree), "--name", "rt1", "--work", str(world.work)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "vessel: flatpak: PATH: flatpak is not installed\n  apt install flatpak\n"


def test_failed_step_shows_its_command_and_its_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(folder)
    (world.work / "flatpak").mkdir()
    (world.work / "flatpak/repository").write_text("in the way")
    assert flatpak.main(["install", "--tree", str(world.tree), "--name", "rt1", "--work", str(world.work)]) == 1
    said = capsys.readouterr().err
    assert "flatpak build-export" in said
    assert "ended with status 1: error:" in said


def test_tree_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert flatpak.main(["install", "--tree", str(folder / "none"), "--name", "rt1", "--work", str(folder)]) == 1
    assert f"--tree {folder / 'none'}: is not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "a" * 201])
def test_name_that_cannot_be_part_of_an_id(name: str) -> None:
    with pytest.raises(HarnessError, match="Flatpak id"):
        flatpak.Names(name)
