"""`copy` of the reference: real containers in real copies, and the three locks."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat

import pytest
from copy_world import POSIX_ONLY, SETTING_UP, content, copies, copying, lock_file, paused, tree
from reference_world import (
    NOBODY,
    OFD_SHARED,
    PROBE,
    Talk,
    as_root,
    children,
    command,
    conflict,
    done,
    held,
    is_gone,
    make_runtime,
    snapshot,
    stop_by_force,
    talking,
    until,
    waiters,
)

POSIX_SHARED = ("posix shared", 0, 0)


def test_copy_is_locked_shared_while_the_payload_runs_and_nothing_else_is(runtime, parent):
    with talking(*copying(runtime, parent)) as talk:
        (copy,) = copies(parent)
        assert conflict(copy / ".ref") == OFD_SHARED
        assert conflict(runtime / ".ref") is None
        assert conflict(parent / ".ref") is None
        assert talk.ask("status 7") == "ok"
        assert talk.end() == 7
    assert conflict(copy / ".ref") is None


def test_place_mode_and_lock_file_of_a_copy(runtime, parent):
    with talking(*copying(runtime, parent)):
        (copy,) = copies(parent)
        assert stat.S_IMODE(copy.stat().st_mode) == 0o700
        assert stat.S_IMODE((parent / ".ref").stat().st_mode) == 0o644
        merged = not (runtime / "usr").is_dir()
        assert (copy / ".ref").is_symlink() == merged
        assert not merged or os.readlink(copy / ".ref") == "usr/.ref"
        assert stat.S_ISREG((tree(copy) / ".ref").lstat().st_mode)
        assert not (copy / ".ref").samefile(runtime / ".ref")


def test_content_is_that_of_the_runtime_by_hard_links(runtime, parent):
    (runtime / "libexec-link").symlink_to("nowhere")
    (runtime / "narrow").mkdir(mode=0o750)
    os.utime(runtime / "narrow", (5, 5))
    with talking(*copying(runtime, parent)):
        (copy,) = copies(parent)
        assert content(tree(copy)) == content(runtime)
        files = [path for path in runtime.rglob("*") if path.is_file() and path.name != ".ref"]
        assert files
        assert all((tree(copy) / path.relative_to(runtime)).samefile(path) for path in files)


def test_lock_file_inside_is_the_locked_one(runtime, parent):
    inside = ["/.ref"] if (runtime / "usr").is_dir() else ["/.ref", "/usr/.ref"]
    with talking(*copying(runtime, parent)) as talk:
        number = str((copies(parent)[0] / ".ref").stat().st_ino)
        assert [talk.ask(f"stat {path}").split()[2] for path in inside] == [number] * len(inside)
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"
        assert talk.ask("lock 0 /.ref rw ofd exclusive nowait 0 0") == f"lock-errno {errno.EAGAIN}"


def test_payload_changes_its_copy_and_not_the_runtime(runtime, parent):
    before = snapshot(runtime)
    with talking(*copying(runtime, parent)) as talk:
        assert talk.ask("touch /usr/new 644") == "ok"
        assert talk.ask("unlink /usr/data") == "ok"
        assert talk.ask("touch /usr/libexec/vessel/new 644") == "ok"
        usr = copies(parent)[0] / "usr"
        assert (usr / "new").exists()
        assert not (usr / "data").exists()
    assert snapshot(runtime) == before


def test_payload_gets_no_descriptor_and_cannot_drop_the_lock(runtime, parent):
    with talking(*copying(runtime, parent)) as talk:
        assert [entry.split(":")[0] for entry in talk.ask("fds").split()[1:]] == ["0", "1", "2"]
        assert talk.ask("strip /.ref /usr/.ref").startswith("stripped")
        assert conflict(copies(parent)[0] / ".ref") == OFD_SHARED


@pytest.mark.parametrize(("change", "shared"), [("", OFD_SHARED), (POSIX_ONLY, POSIX_SHARED)])
@pytest.mark.parametrize(
    ("step", "source", "outer", "copy"),
    [
        ("lock_source", False, None, None),
        ("make_parent", True, None, None),
        ("lock_parent", True, False, None),
        ("make_folder", True, True, None),
        ("lock_copy", True, True, "missing"),
        ("fill", True, True, True),
        ("let_go", True, True, True),
    ],
)
def test_locks_before_each_step(runtime, parent, change, shared, step, source, outer, copy):
    """What is locked when a step begins. None: PARENT, or the copy, is not there yet."""
    states = {True: shared, False: None, "missing": ("missing",)}
    with paused(f"{change}pause(mutable.MutableCopy, {step!r})", *copying(runtime, parent, "--no-collect")) as talk:
        assert lock_file(runtime / ".ref") == states[source]
        assert parent.exists() == (outer is not None)
        if outer is not None:
            assert lock_file(parent / ".ref") in ((states[True],) if outer else (None, ("missing",)))
            assert [lock_file(path / ".ref") for path in copies(parent)] == ([] if copy is None else [states[copy]])
        talk.go_on()
        talk.begin()
        assert conflict(copies(parent)[0] / ".ref") == shared
        assert (conflict(runtime / ".ref"), conflict(parent / ".ref")) == (None, None)


def test_payload_has_not_begun_when_the_locks_are_dropped(usr, parent):
    with paused("pause(mutable.MutableCopy, 'let_go', after=True)", *copying(usr, parent)) as talk:
        (first,) = children(talk.process.pid)
        assert children(first) == []
        assert conflict(copies(parent)[0] / ".ref") == OFD_SHARED
        assert (conflict(usr / ".ref"), conflict(parent / ".ref")) == (None, None)


@pytest.mark.parametrize("which", ["runtime", "parent"])
def test_waiting_copy_says_so_and_goes_on_when_the_lock_is_free(usr, parent, which):
    parent.mkdir(parents=True)
    (parent / ".ref").touch()
    file = (usr if which == "runtime" else parent) / ".ref"
    with contextlib.ExitStack() as holder:
        holder.enter_context(held(file))
        with talking(*copying(usr, parent, "--no-collect", "--wait"), wait=False) as talk:
            assert f"{file}: in use; waiting" in talk.message()
            until(lambda: waiters(file), "a blocked waiter")
            assert copies(parent) == []
            holder.close()
            talk.begin()
            assert conflict(copies(parent)[0] / ".ref") == OFD_SHARED


def test_copies_are_made_beside_each_other(usr, parent):
    with paused(SETTING_UP, *copying(usr, parent)), talking(*copying(usr, parent)):
        assert [conflict(copy / ".ref") for copy in copies(parent)] == [OFD_SHARED, OFD_SHARED]


def test_clean_up_is_part_of_a_copy_unless_told_otherwise(usr, parent):
    with talking(*copying(usr, parent)) as talk:
        (first,) = copies(parent)
        assert talk.end() == 0
    with talking(*copying(usr, parent, "--no-collect")) as talk:
        assert len(copies(parent)) == 2
        with talking(*copying(usr, parent)) as other:
            assert len(copies(parent)) == 2
            assert not first.exists()
            assert [talk.end(), other.end()] == [0, 0]


def test_clean_up_is_skipped_while_somebody_makes_a_copy(usr, parent):
    left = parent / "tmp-000000000000"
    left.mkdir(parents=True)
    (parent / ".ref").touch()
    with held(parent / ".ref", mode="shared"), talking(*copying(usr, parent)) as talk:
        assert len(copies(parent)) == 2
        assert talk.end() == 0
        assert f"{parent}/.ref: in use" in talk.errors()
    assert left.exists()


def test_copy_that_cannot_be_cleaned_up_does_not_hinder_another(usr, parent):
    (parent / "tmp-000000000000/.ref").mkdir(parents=True)
    with talking(*copying(usr, parent)) as talk:
        assert len(copies(parent)) == 2
        assert talk.end() == 0
        assert "tmp-000000000000: is kept" in talk.errors()


def test_clean_up_keeps_a_copy_that_is_being_made(usr, parent):
    with paused(SETTING_UP, *copying(usr, parent)) as talk:
        (copy,) = copies(parent)
        result = done("collect", str(parent))
        assert (result.returncode, copies(parent)) == (0, [copy])
        assert f"{parent}/.ref: in use" in result.stderr
        talk.go_on()
        talk.begin()
        assert done("collect", str(parent)).returncode == 0
        assert (tree(copy) / "data").read_text() == "content"


def test_daemon_keeps_the_copy(runtime, parent):
    with talking(*copying(runtime, parent)) as talk:
        (copy,) = copies(parent)
        assert talk.ask("daemon 5").startswith("daemon ")
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"
        assert done("collect", str(parent)).returncode == 0
        assert (copy / "usr/data").exists()
        assert talk.end() == 5
    assert conflict(copy / ".ref") is None
    assert done("collect", str(parent)).returncode == 0
    assert copies(parent) == []


@pytest.mark.parametrize("victim", ["launcher", "first process"])
def test_container_and_lock_go_together(usr, parent, victim):
    with talking(*copying(usr, parent)) as talk:
        (first,) = children(talk.process.pid)
        (payload,) = children(first)
        assert talk.ask(f"ignore {signal.SIGTERM:d}") == "ok"
        if victim == "launcher":
            stop_by_force(talk)
        else:
            os.kill(first, signal.SIGKILL)
        until(lambda: is_gone(first) and is_gone(payload), "the end of the container")
        assert conflict(copies(parent)[0] / ".ref") is None


def test_runtime_without_lock_file_gets_one(runtime, parent):
    (runtime / ".ref").unlink()
    with talking(*copying(runtime, parent)):
        assert not (copies(parent)[0] / ".ref").samefile(runtime / ".ref")


@as_root
@pytest.mark.parametrize("layout", ["merged-usr", "complete-root"])
def test_others_files_are_copied(world, layout):
    """protected_hardlinks: nobody may link what is another's and not writable."""
    make_runtime(world / "rt", layout)
    (world / "rt/usr" if layout == "complete-root" else world / "rt").joinpath("libexec/vessel/probe").chmod(0o4755)
    (world / "parent").mkdir()
    os.chown(world / "parent", NOBODY, NOBODY)
    before = snapshot(world / "rt")
    with talking(*copying(world / "rt", world / "parent"), user=NOBODY) as talk:
        (copy,) = copies(world / "parent")
        program = copy / PROBE.removeprefix("/")
        assert (program.stat().st_nlink, program.stat().st_uid) == (1, NOBODY)
        assert oct(program.stat().st_mode) == "0o100755"
        data = (world / "rt").joinpath("usr" if layout == "complete-root" else "") / "data"
        assert (copy / "usr/data").read_text() == "content"
        assert (copy / "usr/data").stat().st_mtime_ns == data.stat().st_mtime_ns
        assert talk.ask("unlink /usr/data") == "ok"
        assert talk.end() == 0
    assert snapshot(world / "rt") == before


def test_twelve_at_once(usr, parent):
    argv = command(*copying(usr, parent, "--wait"))
    started = [Talk(argv) for _ in range(12)]
    try:
        for talk in started:
            talk.begin()
        assert [conflict(copy / ".ref") for copy in copies(parent)] == [OFD_SHARED] * 12
        assert [talk.end() for talk in started] == [0] * 12
    finally:
        for talk in started:
            talk.close()


def test_devices_fifos_and_sockets_are_left_out(runtime, parent):
    os.mkfifo(runtime / "fifo")
    result = done("prepare", str(runtime), str(parent))
    assert result.returncode == 0
    (copy,) = copies(parent)
    assert not os.path.lexists(tree(copy) / "fifo")
    assert (tree(copy) / "libexec").exists() == (runtime / "libexec").exists()


def test_names_are_unique_and_unpredictable(usr, parent):
    names = {done("prepare", "--no-collect", str(usr), str(parent)).stdout for _ in range(5)}
    assert len(names) == len(copies(parent)) == 5
