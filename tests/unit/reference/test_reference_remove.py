"""`remove` of the reference."""

from __future__ import annotations

import contextlib
import errno
import os
import re

import pytest
from reference_world import (
    NOBODY,
    OFD_EXCLUSIVE,
    PROBE,
    as_root,
    command,
    conflict,
    done,
    held,
    in_mounts,
    snapshot,
    talking,
)

from pytest_vessel.reference import remove as removal
from pytest_vessel.reference.remove import Remove
from pytest_vessel.reference.trouble import BUSY, Trouble


def test_unused_runtime_goes(world, runtime):
    assert done("remove", str(runtime)).returncode == 0
    assert list(world.iterdir()) == []


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize(("mode", "start", "length"), [("shared", 0, 0), ("exclusive", 0, 0), ("shared", 1000, 1)])
def test_runtime_in_use_stays_whole(world, runtime, family, mode, start, length):
    before = snapshot(world)
    with held(runtime / ".ref", family, mode, start, length):
        result = done("remove", str(runtime))
    assert result.returncode == BUSY
    assert f"{runtime}/.ref: in use" in result.stderr
    assert snapshot(world) == before


def test_running_container_keeps_its_runtime(world, runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert done("remove", str(runtime)).returncode == BUSY
        assert talk.end() == 0
    assert done("remove", str(runtime)).returncode == 0
    assert list(world.iterdir()) == []


def test_missing_lock_file_is_made_and_locked_first(usr, monkeypatch):
    (usr / ".ref").unlink()
    seen = []

    class Watched(Remove):
        def rename_aside(self):
            seen.append(conflict(usr / ".ref"))
            return super().rename_aside()

    assert Watched(str(usr)).start() == 0
    assert seen == [OFD_EXCLUSIVE]
    assert not usr.exists()


def test_lock_is_held_until_the_lock_file_goes_last(runtime, monkeypatch):
    gone, unlink = [], os.unlink

    def watch(name, *, dir_fd):
        gone.append((name, conflict(f"/proc/self/fd/{dir_fd}/{name}") if name == ".ref" else None))
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(removal.os, "unlink", watch)
    work = Remove(str(runtime))
    assert work.start() == 0
    assert len(gone) > 2
    assert gone[-1] == (".ref", OFD_EXCLUSIVE)
    os.close(work.lock)


def test_name_is_taken_away_before_anything_is_deleted(usr, monkeypatch):
    whole = snapshot(usr)
    seen = []

    def look(path, *, last):
        seen.append(
            (usr.exists(), snapshot(type(usr)(path)), re.fullmatch(r"\.removed-[0-9a-f]{8}", path.split("/")[-1]))
        )

    monkeypatch.setattr(removal, "delete_tree", look)
    assert Remove(str(usr)).start() == 0
    ((still_there, content, name),) = seen
    assert (still_there, content, bool(name)) == (False, whole, True)


def test_links_are_not_followed(world, usr):
    outside = world / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (usr / "folder").symlink_to(outside)
    (usr / "libexec/file").symlink_to(outside / "file")
    assert done("remove", str(usr)).returncode == 0
    assert snapshot(world).keys() == {"outside", "outside/file"}


@as_root
@pytest.mark.parametrize("kind", ["bind", "tmpfs"])
def test_mounts_are_not_entered(world, usr, kind):
    outside, inner = world / "outside", usr / "inner"
    outside.mkdir()
    (outside / "file").write_text("x")
    inner.mkdir()
    mount = f"mount --bind {outside} {inner}" if kind == "bind" else f"mount -t tmpfs tmpfs {inner}; touch {inner}/file"
    result = done(argv=in_mounts(mount, *command("remove", str(usr))))
    assert result.returncode == 1
    assert re.search(r"\.removed-\w+/inner", result.stderr)
    assert "something is mounted there" in result.stderr
    assert (outside / "file").read_text() == "x"


@as_root
def test_runtime_that_is_a_mount_stays(usr):
    before = snapshot(usr)
    result = done(argv=in_mounts(f"mount --bind {usr} {usr}", *command("remove", str(usr))))
    assert result.returncode == 1
    assert f"{usr}: cannot be deleted: Device or resource busy" in result.stderr
    assert snapshot(usr) == before


@pytest.mark.parametrize("what", ["directory", "fifo", "dangling"])
def test_lock_file_that_is_none(world, usr, what):
    (usr / ".ref").unlink()
    if what == "directory":
        (usr / ".ref").mkdir()
    elif what == "fifo":
        os.mkfifo(usr / ".ref")
    else:
        (usr / ".ref").symlink_to(world / "nowhere")
    before = snapshot(world)
    result = done("remove", str(usr))
    assert result.returncode == 1
    assert f"{usr}/.ref: " in result.stderr
    assert snapshot(world) == before


def test_link_to_a_runtime_is_refused(world, usr):
    (world / "link").symlink_to(usr)
    result = done("remove", f"{world}/link/")
    assert result.returncode == 1
    assert "there is no such runtime, or it is only a link to one" in result.stderr
    assert usr.exists()
    assert (world / "link").is_symlink()


def own_by_nobody(world) -> None:
    for path in [world, *world.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@as_root
@pytest.mark.parametrize("mode", [None, "shared"])
def test_lock_file_that_may_not_be_written_counts_as_in_use(world, usr, mode):
    own_by_nobody(world)
    (usr / ".ref").chmod(0o444)
    before = snapshot(world)
    with held(usr / ".ref", mode=mode) if mode else contextlib.nullcontext():
        result = done("remove", str(usr), user=NOBODY)
    assert result.returncode == BUSY
    assert f"{usr}/.ref: treated as in use" in result.stderr
    assert snapshot(world) == before


@as_root
def test_folder_that_cannot_be_emptied_says_what_is_left(world, usr):
    own_by_nobody(world)
    (usr / "libexec/vessel").chmod(0o555)
    result = done("remove", str(usr), user=NOBODY)
    assert result.returncode == 1
    assert re.search(rf"{world}/\.removed-\w+: cannot be deleted whole: .*Permission denied", result.stderr)
    (left,) = world.iterdir()
    assert (left / ".ref").exists()
    assert conflict(left / ".ref") is None
    (left / "libexec/vessel").chmod(0o755)
    assert done("remove", str(left), user=NOBODY).returncode == 0
    assert list(world.iterdir()) == []


def test_waiter_does_not_start_in_a_runtime_that_was_deleted(world, usr):
    """The lock that it gets in the end is on a file that is no longer there."""
    work = Remove(str(usr))
    work.lock = work.take_lock()
    with talking("run", "--wait", str(usr), "--", PROBE, "talk", "n", wait=False) as talk:
        assert "waiting" in talk.message()
        removal.delete_tree(work.rename_aside(), last=".ref")
        os.close(work.lock)
        assert talk.process.wait(20) == 1
        assert f"{usr}/.ref: is missing and cannot be created" in talk.errors()
    assert list(world.iterdir()) == []


def test_error_while_deleting_is_one_line(usr, monkeypatch):
    def refuse(path, *, last):
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    monkeypatch.setattr(removal, "delete_tree", refuse)
    with pytest.raises(Trouble, match=r"cannot be deleted whole: .*Input/output error"):
        Remove(str(usr)).start()
