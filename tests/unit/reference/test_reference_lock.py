"""The locking model of the reference, step by step, in this process."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest
from reference_world import OFD_EXCLUSIVE, OFD_SHARED, conflict, held

from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.trouble import BUSY, Busy, Trouble


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / ".ref"
    path.touch()
    return path


@pytest.mark.parametrize(("kind", "seen"), [(SHARED, OFD_SHARED), (EXCLUSIVE, OFD_EXCLUSIVE)])
def test_lock_is_an_ofd_lock_of_the_whole_file_until_closed(file, kind, seen):
    descriptor = Locking().take(str(file), kind)
    assert conflict(file) == seen
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
    assert conflict(file) is None


def test_shared_lock_needs_only_reading(file):
    descriptor = Locking().take(str(file), SHARED)
    assert fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    os.close(descriptor)


def test_users_share(file):
    with held(file, mode="shared"):
        os.close(Locking().take(str(file), SHARED))


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize(("kind", "mode"), [(SHARED, "exclusive"), (EXCLUSIVE, "shared"), (EXCLUSIVE, "exclusive")])
def test_busy_names_the_file(file, family, kind, mode):
    with held(file, family, mode), pytest.raises(Busy, match=str(file)) as caught:
        Locking().take(str(file), kind)
    assert caught.value.status == BUSY


def test_lock_of_another_part_excludes_as_well(file):
    with held(file, mode="shared", start=1000, length=1), pytest.raises(Busy):
        Locking().take(str(file), EXCLUSIVE)


def test_missing_file_is_created_for_all_to_read(tmp_path):
    before = os.umask(0o027)
    try:
        os.close(Locking().take(str(tmp_path / "new"), SHARED, create=True))
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode == stat.S_IFREG | 0o640


def test_missing_file_is_an_error_unless_it_may_be_created(tmp_path):
    with pytest.raises(Trouble, match=f"{tmp_path}/new: there is no such lock file"):
        Locking().take(str(tmp_path / "new"), SHARED)
    assert not (tmp_path / "new").exists()


def test_missing_file_that_cannot_be_created(tmp_path):
    with pytest.raises(Trouble, match="is missing and cannot be created: No such file or directory"):
        Locking().take(str(tmp_path / "gone/.ref"), SHARED, create=True)


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("what", ["directory", "fifo", "dangling", "link-out", "link-in"])
def test_only_a_regular_file_can_be_a_lock_file(tmp_path, what, create):
    runtime, outside = tmp_path / "rt", tmp_path / "outside"
    runtime.mkdir()
    ref = runtime / ".ref"
    if what == "directory":
        ref.mkdir()
    elif what == "fifo":
        os.mkfifo(ref)
    elif what == "link-in":
        (runtime / "other").touch()
        ref.symlink_to("other")
    else:
        ref.symlink_to(outside)
        if what == "link-out":
            outside.touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Trouble, match=str(ref)):
        Locking().take(str(ref), SHARED, create=create)
    assert sorted(tmp_path.rglob("*")) == before


def test_path_that_a_user_typed_may_be_a_link(file, tmp_path):
    (tmp_path / "link").symlink_to(file)
    descriptor = Locking(follow=True).take(str(tmp_path / "link"), SHARED)
    assert conflict(file) == OFD_SHARED
    os.close(descriptor)


def test_dangling_link_that_a_user_typed_is_an_error(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Trouble, match="leads nowhere"):
        Locking(follow=True).take(str(tmp_path / "link"), SHARED, create=True)


def failing(monkeypatch, number: int, *commands: int) -> None:
    """Let the kernel answer these fcntl commands with an error."""
    original = fcntl.fcntl

    def call(descriptor: int, command: int, argument: bytes) -> object:
        if command in commands:
            raise OSError(number, os.strerror(number))
        return original(descriptor, command, argument)

    monkeypatch.setattr("pytest_vessel.reference.lock.fcntl.fcntl", call)


@pytest.mark.parametrize("wait", [False, True])
def test_old_kernel_gives_a_posix_lock(file, monkeypatch, wait):
    failing(monkeypatch, errno.EINVAL, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW)
    descriptor = Locking().take(str(file), SHARED, wait=wait)
    child = os.fork()
    if child == 0:  # a process does not see its own POSIX lock as another's
        os._exit(0 if conflict(file) == ("posix shared", 0, 0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(descriptor)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EDEADLK, errno.EIO])
def test_an_error_is_neither_a_lock_nor_busy(file, monkeypatch, number):
    commands = (fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW, fcntl.F_SETLK, fcntl.F_SETLKW)
    failing(monkeypatch, number, *commands)
    with pytest.raises(Trouble, match=f"{file}: cannot be locked: {os.strerror(number)}") as caught:
        Locking().take(str(file), SHARED)
    assert not isinstance(caught.value, Busy)


class Racing(Locking):
    """Something happens between the open and the lock, once."""

    happens = staticmethod(lambda: None)

    def lock(self, descriptor, path, kind, *, wait):
        happens, self.happens = self.happens, lambda: None
        happens()
        super().lock(descriptor, path, kind, wait=wait)


def test_file_that_was_replaced_before_the_lock_is_not_taken(file):
    locking = Racing()

    def replace() -> None:
        file.with_name("new").touch()
        file.with_name("new").rename(file)

    locking.happens = replace
    descriptor = locking.take(str(file), SHARED)
    assert os.fstat(descriptor).st_ino == file.stat().st_ino
    assert conflict(file) == OFD_SHARED
    os.close(descriptor)


def test_file_that_was_deleted_before_the_lock_is_an_error(file):
    locking = Racing()
    locking.happens = file.unlink
    with pytest.raises(Trouble, match="there is no such lock file"):
        locking.take(str(file), SHARED)


def test_creation_that_somebody_else_wins(tmp_path):
    path = tmp_path / ".ref"

    class Slower(Locking):
        def create(self, path):
            if not Path(path).exists():
                Path(path).write_text("theirs")
            return super().create(path)

    descriptor = Slower().take(str(path), SHARED, create=True)
    assert path.read_text() == "theirs"
    assert conflict(path) == OFD_SHARED
    os.close(descriptor)
