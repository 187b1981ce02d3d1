"""HARN: what a program has planted in its copies goes with the work folder, and nothing behind it does."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_vessel.system import work
from pytest_vessel.system.kernel import MS_BIND, detach, mount
from pytest_vessel.system.mounts import mounts_below

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
DEEPER_THAN_ANY_PATH = 2500


class Copy:
    """A work folder with a mutable copy in it, and a folder of somebody else beside it."""

    def __init__(self, folder: Path) -> None:
        self.work, self.victim = folder / "run-x", folder / "victim"
        self.tree = self.work / "case-1" / "work" / "parent" / "tmp-abc" / "usr"
        self.tree.mkdir(parents=True)
        (self.tree.parent / ".ref").touch()
        self.victim.mkdir()
        (self.victim / "precious").write_text("must survive")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    made = Copy(tmp_path)
    yield made
    for point in mounts_below(str(tmp_path)):
        detach(point)
    work.remove(str(made.work))


def links(copy: Copy) -> None:
    (copy.tree / "bin").symlink_to(copy.victim)
    (copy.tree / "precious").symlink_to(copy.victim / "precious")
    (copy.tree / "up").symlink_to("../../../../../..")
    (copy.tree / "loop").symlink_to("loop")
    os.link(copy.victim / "precious", copy.tree / "another-name")


def special_files(copy: Copy) -> None:
    os.mkfifo(copy.tree / "fifo")
    os.mknod(copy.tree / "socket", stat.S_IFSOCK | 0o644)
    (copy.tree / ".ref").mkdir()
    if os.geteuid() == 0:
        os.mknod(copy.tree / "null", 0o20666, os.makedev(1, 3))


def odd_names(copy: Copy) -> None:
    for name in (b"\xff\xfe", b"\n", b"\x1b[31m", b" ", b"-rf", b"*", b"a" * 255, b".in-use"):
        (Path(os.fsdecode(os.fsencode(copy.tree) + b"/" + name))).touch()


def closed_folders(copy: Copy) -> None:
    inner = copy.tree / "closed" / "below"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    inner.chmod(0)
    inner.parent.chmod(0)


def deep_tree(copy: Copy) -> None:
    here = os.open(copy.tree, os.O_RDONLY)
    for _level in range(DEEPER_THAN_ANY_PATH):
        os.mkdir("d", dir_fd=here)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.symlink("d", "link", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.fchmod(here, 0o500)
        os.close(here)
        here = below
    os.close(here)


def renamed_copies(copy: Copy) -> None:
    (copy.tree.parent).rename(copy.work / "case-1" / "elsewhere")
    (copy.work / "case-1" / "work" / "parent" / "tmp-abc").symlink_to(copy.victim)


@pytest.mark.parametrize("plant", [links, special_files, odd_names, closed_folders, deep_tree, renamed_copies])
def test_all_of_it_goes(copy: Copy, plant: Callable[[Copy], None]) -> None:
    plant(copy)
    before = (copy.victim / "precious").stat()
    assert work.remove(str(copy.work)) == []
    assert not os.path.lexists(copy.work)
    after = (copy.victim / "precious").stat()
    assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (before.st_mode, before.st_uid, before.st_mtime_ns)
    assert (copy.victim / "precious").read_text() == "must survive"


@AS_ROOT
def test_immutable_files_go(copy: Copy) -> None:
    chattr = shutil.which("chattr")
    assert chattr is not None
    file = copy.tree / "below" / "file"
    file.parent.mkdir()
    file.touch()
    if subprocess.run([chattr, "+i", str(file)], capture_output=True).returncode:
        pytest.skip("the file system here has no such attribute")
    subprocess.run([chattr, "+a", str(file.parent)], check=True)
    assert work.remove(str(copy.work)) == []
    assert not copy.work.exists()


@AS_ROOT
def test_mounts_in_a_copy_are_detached(copy: Copy) -> None:
    for name in ("one", "two", "three"):
        (copy.tree / name).mkdir()
    mount(str(copy.victim), str(copy.tree / "one"), flags=MS_BIND)
    mount("none", str(copy.tree / "two"), "tmpfs")
    (copy.tree / "two" / "inner").mkdir()
    mount(str(copy.victim), str(copy.tree / "two" / "inner"), flags=MS_BIND)
    mount(str(copy.victim), str(copy.tree / "two"), flags=MS_BIND)
    mount(str(copy.victim), str(copy.tree.parent), flags=MS_BIND)
    assert work.remove(str(copy.work)) == []
    assert mounts_below(str(copy.work)) == []
    assert not copy.work.exists()
    assert (copy.victim / "precious").read_text() == "must survive"


@AS_ROOT
def test_a_mount_deep_in_a_tree_is_not_crossed(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that mountinfo did not show, below the depth from which folders are moved up."""
    deep = copy.tree.joinpath(*["d"] * 150)
    deep.mkdir(parents=True)
    mount(str(copy.victim), str(deep), flags=MS_BIND)
    monkeypatch.setattr(work, "mounts_below", lambda _folder: [])
    (left,) = work.remove(str(copy.work))
    assert left.endswith("/d")
    assert (copy.victim / "precious").read_text() == "must survive"


def test_the_lock_file_of_a_run_goes_last(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where folders are moved up meanwhile: the next run must see that this one was locked."""
    deep_tree(copy)
    (copy.work / ".in-use").touch()
    unlink, seen = os.unlink, []

    def watch(name: str, *, dir_fd: int) -> None:
        if name == ".in-use" and os.path.samestat(os.fstat(dir_fd), copy.work.stat()):
            seen.append(os.listdir(dir_fd))
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", watch)
    assert work.remove(str(copy.work)) == []
    assert seen == [[".in-use"]]
