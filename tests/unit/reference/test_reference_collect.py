"""`collect` of the reference: what is deleted, what is kept, and under which locks."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket

import pytest
from copy_world import altered, copies, paused, prepared, tree
from reference_world import (
    LAYOUTS,
    NOBODY,
    OFD_EXCLUSIVE,
    PROBE,
    as_root,
    command,
    conflict,
    done,
    held,
    in_mounts,
    make_runtime,
    snapshot,
    stop_by_force,
    talking,
)

from pytest_vessel.reference.collect import Collect, CopyLocking
from pytest_vessel.reference.lock import Locking


@pytest.fixture(params=LAYOUTS)
def copy(parent, request):
    """A copy that nobody uses, in each layout."""
    return prepared(parent, request.param)


@pytest.fixture
def other(parent, copy):
    """Another one, which a pass gets to later."""
    (parent / "tmp-zzz").mkdir()
    return parent / "tmp-zzz"


def collect(parent, **options):
    return done("collect", str(parent), **options)


def test_copy_that_nobody_uses_goes(parent, copy):
    source = next(path for path in parent.parent.iterdir() if path.name.startswith("source"))
    before = snapshot(source)
    result = collect(parent)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert copies(parent) == []
    assert snapshot(source) == before


@pytest.mark.parametrize("what", ["empty", "no lock file", "half", "dangling", "dangling file"])
def test_leftover_goes(parent, copy, what):
    if what == "empty":
        shutil.rmtree(copy)
        copy.mkdir()
    elif what == "half":
        shutil.rmtree(copy / "usr/libexec/vessel")
    elif what == "dangling":
        (copy / ".ref").unlink()
        (copy / ".ref").symlink_to("usr/nothing")
    elif what == "no lock file":
        (copy / ".ref").unlink()
    else:
        (tree(copy) / ".ref").unlink()
    result = collect(parent)
    assert (result.returncode, copies(parent)) == (0, []), result.stderr


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize(("mode", "start", "length"), [("shared", 0, 0), ("exclusive", 0, 0), ("shared", 1000, 1)])
def test_copy_in_use_stays_whole_and_the_others_go(parent, copy, other, family, mode, start, length):
    before = snapshot(copy)
    with held(copy / ".ref", family, mode, start, length):
        result = collect(parent)
    assert (result.returncode, other.exists()) == (0, False)
    assert snapshot(copy) == before
    assert (copy / ".ref").exists()


def test_running_container_keeps_its_copy(world, parent):
    make_runtime(world / "rt")
    with talking("copy", str(world / "rt"), str(parent), "--", PROBE, "talk", "n") as talk:
        before = snapshot(copies(parent)[0])
        assert collect(parent).returncode == 0
        assert snapshot(copies(parent)[0]) == before
        assert talk.ask("stat /usr/data").startswith("stat ")
        assert talk.end() == 0
    assert collect(parent).returncode == 0
    assert copies(parent) == []


def test_what_is_no_copy_stays(world, parent, copy):
    outside = world / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (parent / "keep").mkdir()
    (parent / "xtmp-1").mkdir()
    (parent / "tmp").mkdir()
    (parent / "tmp-file").write_text("x")
    (parent / "tmp-link").symlink_to(outside)
    assert collect(parent).returncode == 0
    assert {path.name for path in parent.iterdir()} == {".ref", "keep", "xtmp-1", "tmp", "tmp-file", "tmp-link"}
    assert (outside / "file").read_text() == "x"


def test_links_are_not_followed(world, parent, copy):
    outside = world / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (copy / "folder").symlink_to(outside)
    (copy / "usr/file").symlink_to(outside / "file")
    assert collect(parent).returncode == 0
    assert copies(parent) == []
    assert (outside / "file").read_text() == "x"


def outside_of(copy, what):
    """Put something odd in the place of the lock file; returns the file outside that it leads to."""
    outside = copy.parent.parent / "outside"
    outside.mkdir()
    (outside / ".ref").write_text("x")
    (copy / ".ref").unlink()
    if what == "relative":
        (copy / ".ref").symlink_to("../../outside/.ref")
    elif what == "absolute":
        (copy / ".ref").symlink_to(outside / ".ref")
    elif what == "missing":
        (copy / ".ref").symlink_to(outside / "new")
    elif what == "through a folder":
        (copy / "way").symlink_to("../../outside")
        (copy / ".ref").symlink_to("way/.ref")
    elif what == "loop":
        (copy / ".ref").symlink_to(".ref")
    elif what == "directory":
        (copy / ".ref").mkdir()
    elif what == "fifo":
        os.mkfifo(copy / ".ref")
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(copy / ".ref"))
    return outside


@pytest.mark.parametrize(
    "what", ["relative", "absolute", "missing", "through a folder", "loop", "directory", "fifo", "socket"]
)
def test_lock_file_that_is_none_keeps_the_copy_and_touches_nothing_outside(parent, copy, other, what):
    outside = outside_of(copy, what)
    before = snapshot(copy), os.listdir(outside)
    with held(outside / ".ref", mode="shared"):
        result = collect(parent)
    assert (snapshot(copy), os.listdir(outside)) == before
    assert (result.returncode, other.exists()) == (1, False)
    assert f"{copy}: is kept, since nobody can say whether it is in use: {copy}/.ref: " in result.stderr


@as_root
def test_copy_that_cannot_be_deleted_is_named_and_the_others_go(parent, copy, other):
    for path in [parent, *parent.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    (copy / "usr/libexec/deep").mkdir()
    (copy / "usr/libexec/deep/file").touch()
    result = collect(parent, user=NOBODY)
    assert (result.returncode, other.exists()) == (1, False)
    assert f"{copy}: cannot be deleted whole: " in result.stderr
    assert (copy / "usr/libexec/deep/file").exists()
    assert collect(parent).returncode == 0
    assert copies(parent) == []


@as_root
@pytest.mark.parametrize("where", ["", "usr", "usr/libexec"])
def test_mounts_are_not_entered(world, parent, copy, other, where):
    outside = world / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    result = done(argv=in_mounts(f"mount --bind {outside} {copy / where}", *command("collect", str(parent))))
    assert (result.returncode, other.exists()) == (1, False)
    assert f"{copy}: cannot be deleted whole: " in result.stderr or f"{copy}: is kept" in result.stderr
    assert (outside / "file").read_text() == "x"


@as_root
@pytest.mark.parametrize("mode", [None, "shared"])
def test_lock_file_that_may_not_be_written_counts_as_in_use(parent, copy, mode):
    for path in [parent, *parent.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    (tree(copy) / ".ref").chmod(0o444)
    before = snapshot(copy)
    with held(copy / ".ref", mode=mode) if mode else contextlib.nullcontext():
        result = collect(parent, user=NOBODY)
    assert result.returncode == 0
    assert f"{copy}/.ref: treated as in use" in result.stderr
    assert snapshot(copy) == before


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize("mode", ["shared", "exclusive"])
def test_not_now_while_somebody_holds_the_parent(parent, copy, family, mode):
    with held(parent / ".ref", family, mode):
        result = collect(parent)
    assert (result.returncode, copies(parent)) == (0, [copy])
    assert f"{parent}/.ref: in use: somebody holds a lock; nothing is cleaned up now" in result.stderr


def test_parent_that_is_not_there(world, parent):
    result = collect(parent)
    assert (result.returncode, parent.exists()) == (0, False)
    assert f"{parent}: there is no such folder" in result.stderr


@pytest.mark.parametrize("what", ["directory", "dangling"])
def test_parent_that_cannot_be_locked(world, parent, copy, what):
    (parent / ".ref").unlink()
    if what == "directory":
        (parent / ".ref").mkdir()
    else:
        (parent / ".ref").symlink_to(world / "nowhere")
    result = collect(parent)
    assert (result.returncode, copies(parent)) == (1, [copy])
    assert f"{parent}/.ref: " in result.stderr
    assert not (world / "nowhere").exists()


def test_missing_lock_file_of_the_parent_is_made_and_locked(parent, copy):
    (parent / ".ref").unlink()
    with paused("pause(collect.Collect, 'lock_copy')", "collect", str(parent)) as talk:
        assert conflict(parent / ".ref") == OFD_EXCLUSIVE
        talk.go_on()
        assert talk.end() == 0
    assert copies(parent) == []


def test_both_locks_are_held_from_before_the_deletion(parent, copy):
    with paused("pause(collect.Collect, 'delete')", "collect", str(parent)) as talk:
        assert (conflict(parent / ".ref"), conflict(copy / ".ref")) == (OFD_EXCLUSIVE, OFD_EXCLUSIVE)
        talk.go_on()
        assert talk.end() == 0


def test_both_locks_are_held_until_the_copy_is_gone(parent, copy):
    number = (copy / ".ref").stat().st_ino
    with paused("pause(collect.Collect, 'delete', after=True)", "collect", str(parent)) as talk:
        assert copies(parent) == []
        assert conflict(parent / ".ref") == OFD_EXCLUSIVE
        assert holds_deleted(talk.process.pid) == [number]


def holds_deleted(pid):
    """Inodes of deleted files that a process has locked."""
    found = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with open(f"/proc/{pid}/fdinfo/{entry.name}") as info:
            locked = "lock:\t" in info.read()
        if locked and os.readlink(entry.path).endswith("/.ref (deleted)"):
            found.append(os.stat(entry.path).st_ino)
    return found


def test_user_that_comes_before_the_lock_keeps_the_copy(parent, copy):
    with (
        paused("pause(collect.Collect, 'lock_copy')", "collect", str(parent)) as talk,
        held(copy / ".ref", mode="shared"),
    ):
        before = snapshot(copy)
        talk.go_on()
        assert talk.end() == 0
        assert snapshot(copy) == before


@pytest.mark.parametrize("call", ["unlink", "rmdir"])
@pytest.mark.parametrize("after", [False, True])
def test_pass_that_is_killed_hinders_no_other(parent, copy, other, call, after):
    with paused(f"pause(os, {call!r}, after={after})", "collect", str(parent)) as talk:
        stop_by_force(talk)
    assert conflict(parent / ".ref") is None
    assert copy.exists()
    result = collect(parent)
    assert (result.returncode, copies(parent)) == (0, []), result.stderr


def test_pass_that_is_killed_at_any_deletion_hinders_no_other(parent, copy):
    """After each unlink and rmdir, by a copy of what is left there."""
    seen = []

    class Watched(Collect):
        def delete(self, name):
            sound = os.unlink, os.rmdir

            def watch(call):
                def watched(path, *, dir_fd):
                    call(path, dir_fd=dir_fd)
                    left = parent.parent / f"left-{len(seen)}"
                    if copy.exists():
                        shutil.copytree(copy, left / copy.name, symlinks=True)
                        seen.append(left)

                return watched

            os.unlink, os.rmdir = (watch(call) for call in sound)
            try:
                super().delete(name)
            finally:
                os.unlink, os.rmdir = sound

    assert Watched(str(parent)).start() == 0
    assert len(seen) > 5
    for left in seen:
        assert collect(left).returncode == 0
        assert copies(left) == []


def test_lock_file_that_is_replaced_before_the_lock_is_found_out(parent, copy):
    file, new = tree(copy) / ".ref", parent / "new"
    new.touch()

    class Replaced(CopyLocking):
        def lock(self, descriptor, path, kind, *, wait):
            if new.exists():
                new.rename(file)
            super().lock(descriptor, path, kind, wait=wait)

    class Watched(Collect):
        copy_locking = Replaced

    with held(new, mode="shared"):
        assert Watched(str(parent)).start() == 0
    assert not new.exists()
    assert (copy / "usr/data").read_text() == "content"


def test_lock_file_of_the_parent_that_is_replaced_before_the_lock_is_found_out(world, parent, copy):
    new = world / "new"
    new.touch()

    class Replaced(Collect.locking):
        def lock(self, descriptor, path, kind, *, wait):
            if new.exists():
                new.rename(path)
            super().lock(descriptor, path, kind, wait=wait)

    class Watched(Collect):
        locking: type[Locking] = Replaced

    with held(new, mode="shared"):
        assert Watched(str(parent)).start() == 0
    assert copies(parent) == [copy]


def test_kernel_without_openat2_keeps_what_it_cannot_look_at(parent, copy):
    change = """
def refuse(*given):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
kernel.open_beneath = refuse
"""
    result = done(argv=altered(change, "collect", str(parent)))
    assert (result.returncode, copies(parent)) == (1, [copy])
    assert f"{copy}/.ref: cannot be opened: Function not implemented" in result.stderr
