"""HARN: what lies outside of the work folder is not ours to touch, whatever leads there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pytest_vessel.errors import HarnessError
from pytest_vessel.system.inside import give, inside

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work" / "below").mkdir(parents=True)
    (tmp_path / "work" / "below" / "file").touch(mode=0o644)
    (tmp_path / "workshop").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "file").touch(mode=0o600)
    (tmp_path / "work" / "link-out").symlink_to(tmp_path / "others")
    (tmp_path / "work" / "link-in").symlink_to("below")
    return tmp_path / "work"


@pytest.mark.parametrize("path", ["below", "below/file", "link-in/file", "below/../below", "not-there/yet"])
def test_inside(work: Path, path: str) -> None:
    assert inside(work / path, work, "it") == work / path


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../workshop", "link-out", "link-out/file", "/", "/etc", "below/../.."]
)
def test_outside(work: Path, path: str) -> None:
    with pytest.raises(HarnessError, match="it leads out of the work folder"):
        inside(work / path, work, "it")


def test_a_work_folder_behind_a_link(work: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(work)
    assert inside(tmp_path / "alias" / "below", tmp_path / "alias", "it")
    assert inside(work / "below", tmp_path / "alias", "it")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_mode(work: Path) -> None:
    give(work / "below" / "file", work, 0o444)
    assert mode(work / "below" / "file") == 0o444


@AS_ROOT
def test_owner(work: Path) -> None:
    give(work / "link-in" / "file", work, 0o640, (1, 2))
    seen = (work / "below" / "file").stat()
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (1, 2, 0o640)


@pytest.mark.parametrize("what", ["link", "folder-link", "fifo", "folder"])
def test_nothing_else_is_given(work: Path, tmp_path: Path, what: str) -> None:
    file = work / "below" / "other"
    if what == "link":
        file.symlink_to(tmp_path / "others" / "file")
    elif what == "folder-link":
        file = work / "link-out" / "file"
    elif what == "fifo":
        os.mkfifo(file)
    else:
        file.mkdir()
    before = (tmp_path / "others" / "file").stat()
    with pytest.raises((HarnessError, OSError)):
        give(file, work, 0o666, (1, 1) if os.geteuid() == 0 else None)
    after = (tmp_path / "others" / "file").stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
