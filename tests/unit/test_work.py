"""HARN: work folders go, and nothing behind a link or a mount goes with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_vessel.errors import HarnessError
from pytest_vessel.system import work
from pytest_vessel.system.kernel import MS_BIND, detach, mount
from pytest_vessel.system.mounts import mounts_below
from pytest_vessel.system.workshop import Workshop

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="leaking a mount needs root")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Path(work.base_folder())


@pytest.fixture
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("victim")
    (folder / "precious").write_text("must survive")
    return folder


def test_everything_of_ours_goes(base: Path, victim: Path) -> None:
    folder, lock = work.make_run_folder(str(base))
    inside = Path(folder) / "a" / "b"
    inside.mkdir(parents=True)
    (inside / "file").write_text("x")
    (inside / "link-out").symlink_to(victim)
    (inside / "file-link").symlink_to(victim / "precious")
    os.mkfifo(inside / "fifo")
    (inside.parent / "closed").mkdir(mode=0)
    os.close(lock)
    assert work.remove(folder) == []
    assert not Path(folder).exists()
    assert (victim / "precious").read_text() == "must survive"


@AS_ROOT
def test_a_leaked_mount_is_detached_and_what_is_behind_it_survives(base: Path, victim: Path) -> None:
    folder, lock = work.make_run_folder(str(base))
    point = Path(folder) / "leaked"
    point.mkdir()
    mount(str(victim), str(point), flags=MS_BIND)
    os.close(lock)
    assert (point / "precious").exists()
    assert work.remove(folder) == []
    assert not Path(folder).exists()
    assert (victim / "precious").read_text() == "must survive"


@AS_ROOT
def test_nothing_is_deleted_while_a_mount_stays(base: Path, victim: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, lock = work.make_run_folder(str(base))
    point = Path(folder) / "leaked"
    point.mkdir()
    (Path(folder) / "other").write_text("stays too")
    mount(str(victim), str(point), flags=MS_BIND)
    os.close(lock)
    monkeypatch.setattr(work, "detach", lambda _point: None)
    assert work.remove(folder) == [str(point)]
    assert (victim / "precious").exists()
    assert (Path(folder) / "other").exists()
    detach(str(point))


@AS_ROOT
def test_a_mount_that_mountinfo_did_not_show_is_not_crossed(
    base: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, lock = work.make_run_folder(str(base))
    point = Path(folder) / "late"
    point.mkdir()
    mount(str(victim), str(point), flags=MS_BIND)
    os.close(lock)
    monkeypatch.setattr(work, "mounts_below", lambda _folder: [])
    assert work.remove(folder) == [str(point)]
    assert (victim / "precious").read_text() == "must survive"
    detach(str(point))


def test_the_folder_of_a_dead_run_goes_and_that_of_a_live_one_stays(base: Path) -> None:
    dead, dead_lock = work.make_run_folder(str(base))
    live, live_lock = work.make_run_folder(str(base))
    os.close(dead_lock)
    work.remove_stale(str(base))
    assert not Path(dead).exists()
    assert Path(live).exists()
    os.close(live_lock)


@pytest.mark.parametrize("call", ["mkdtemp", "chmod", "open", "fcntl", "rename"])
def test_another_run_that_looks_at_any_moment_leaves_a_new_folder(
    base: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    where = {"mkdtemp": work.tempfile, "fcntl": work.fcntl}.get(call, work.os)
    real, looked = getattr(where, call), []

    def look_before_and_after(*args: object, **words: object) -> object:
        monkeypatch.setattr(where, call, real)
        work.remove_stale(str(base))
        done = real(*args, **words)
        work.remove_stale(str(base))
        looked.append(call)
        return done

    monkeypatch.setattr(where, call, look_before_and_after)
    folder, lock = work.make_run_folder(str(base))
    assert looked == [call]
    assert sorted(os.listdir(folder)) == [".in-use"]
    os.close(lock)


def test_a_base_folder_that_is_not_ours_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"pytest-vessel-{os.geteuid()}").symlink_to("/etc")
    with pytest.raises(work.WorkFolderError, match="not a folder of ours"):
        work.base_folder()


def test_no_folder_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "base_folder", lambda: "/dev/null")
    with pytest.raises(HarnessError, match=r"no work folder: .*Not a directory") as caught:
        Workshop()
    assert caught.value.mend == "Set TMPDIR to a folder you can write."


@AS_ROOT
def test_mount_points_with_odd_names_are_read(tmp_path: Path) -> None:
    point = tmp_path / "a b\tc"
    point.mkdir()
    mount("none", str(point), "tmpfs")
    try:
        assert mounts_below(str(tmp_path)) == [str(point)]
    finally:
        detach(str(point))


def test_the_zygote_side_imports_the_standard_library_alone() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import pytest_vessel.system.zygote; "
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names) - {'__main__'}))"
    )
    root = str(Path(work.__file__).parents[2])
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program, root], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pytest_vessel']"
