"""`copy` and `prepare` of the reference: set-ups that are refused, fail, are stopped, or end without a container."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from copy_world import SETTING_UP, altered, content, copies, copying, paused, tree
from reference_world import (
    LIMIT_S,
    NOBODY,
    as_root,
    children,
    command,
    conflict,
    done,
    held,
    in_mounts,
    is_gone,
    snapshot,
    stop_by_force,
    until,
)

from pytest_vessel.reference.trouble import BUSY, NOT_FOUND


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize("options", [(), ("--no-collect",)])
def test_busy_runtime_is_not_copied_and_parent_is_not_touched(runtime, parent, family, options):
    with held(runtime / ".ref", family):
        result = done(*copying(runtime, parent, *options))
    assert (result.returncode, result.stdout) == (BUSY, "")
    assert f"{runtime}/.ref: in use" in result.stderr
    assert not parent.parent.exists()


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize("options", [(), ("--no-collect",)])
def test_no_copy_while_somebody_cleans_up(usr, parent, family, options):
    left = parent / "tmp-left"
    left.mkdir(parents=True)
    (parent / ".ref").touch()
    with held(parent / ".ref", family):
        result = done(*copying(usr, parent, *options))
    assert (result.returncode, result.stdout) == (BUSY, "")
    assert f"{parent}/.ref: in use" in result.stderr
    assert sorted(path.name for path in parent.iterdir()) == [".ref", "tmp-left"]
    assert conflict(usr / ".ref") is None


@pytest.mark.parametrize("verb", ["copy", "prepare"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_in_the_middle_of_a_set_up_undoes_the_copy(runtime, parent, verb, number):
    argv = copying(runtime, parent) if verb == "copy" else ("prepare", str(runtime), str(parent))
    with paused(SETTING_UP, *argv) as talk:
        assert len(copies(parent)) == 1
        talk.process.send_signal(number)
        assert talk.process.wait(LIMIT_S) == 128 + number
    assert copies(parent) == []
    assert (conflict(runtime / ".ref"), conflict(parent / ".ref")) == (None, None)


@pytest.mark.parametrize("step", ["lock_copy", "fill", "let_go"])
def test_set_up_that_is_killed_leaves_what_the_next_pass_deletes(runtime, parent, step):
    with paused(f"pause(mutable.MutableCopy, {step!r})", *copying(runtime, parent)) as talk:
        (first,) = children(talk.process.pid)
        stop_by_force(talk)
        until(lambda: is_gone(first), "the end of the first process")
    assert len(copies(parent)) == 1
    assert (conflict(runtime / ".ref"), conflict(parent / ".ref")) == (None, None)
    assert done(*copying(runtime, parent)).returncode == 0
    assert len(copies(parent)) == 1
    assert (copies(parent)[0] / "usr/data").exists()


@pytest.mark.parametrize("what", ["directory", "dangling", "fifo"])
@pytest.mark.parametrize("options", [(), ("--no-collect",)])
def test_lock_file_of_the_parent_that_is_none(usr, parent, what, options):
    parent.mkdir(parents=True)
    if what == "directory":
        (parent / ".ref").mkdir()
    elif what == "fifo":
        os.mkfifo(parent / ".ref")
    else:
        (parent / ".ref").symlink_to(parent / "nowhere")
    result = done(*copying(usr, parent, *options))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{parent}/.ref: " in result.stderr
    assert [path.name for path in parent.iterdir()] == [".ref"]


@as_root
@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize("options", [(), ("--no-collect",)])
def test_parent_that_is_read_only(usr, parent, present, options):
    parent.mkdir(parents=True)
    if present:
        (parent / ".ref").touch()
    script = f"mount --bind {parent} {parent}; mount -o remount,bind,ro {parent}"
    result = done(argv=in_mounts(script, *command(*copying(usr, parent, *options))))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{parent}: a copy cannot be made in it" in result.stderr if present else f"{parent}/.ref: " in result.stderr
    assert copies(parent) == []


@pytest.mark.parametrize(("path", "message"), [("file", "is no folder"), ("rt/parent", "lies in the runtime")])
def test_parent_that_cannot_be_one(world, usr, path, message):
    (world / "file").touch()
    before = snapshot(world)
    result = done(*copying(usr, world / path))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{world / path}: {message}" in result.stderr
    assert snapshot(world) == before


def test_runtime_or_command_that_is_not_there(world, usr, parent):
    result = done(*copying(world / "nothing", parent))
    assert (result.returncode, parent.exists()) == (1, False)
    assert f"{world}/nothing: there is no such runtime" in result.stderr
    result = done("copy", str(usr), str(parent), "--", "/usr/nothing")
    assert result.returncode == NOT_FOUND
    assert "/usr/nothing: cannot be executed" in result.stderr
    assert [conflict(copy / ".ref") for copy in copies(parent)] == [None]


@as_root
@pytest.mark.parametrize("verb", ["copy", "prepare"])
def test_file_that_cannot_be_read_leaves_no_copy(world, usr, verb):
    (usr / "libexec/secret").write_text("x")
    (usr / "libexec/secret").chmod(0o600)
    (world / "parent").mkdir()
    os.chown(world / "parent", NOBODY, NOBODY)
    argv = copying(usr, world / "parent") if verb == "copy" else ("prepare", str(usr), str(world / "parent"))
    result = done(*argv, user=NOBODY)
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{usr}/libexec/secret: cannot be copied: Permission denied" in result.stderr
    assert copies(world / "parent") == []
    assert (conflict(usr / ".ref"), conflict(world / "parent/.ref")) == (None, None)


@pytest.mark.parametrize("step", ["mount", "swap_root"])
def test_root_that_cannot_be_entered_leaves_no_copy(runtime, parent, step):
    """By then the path of the copy may lead nowhere in the root of the first process."""
    change = f"""
sound = kernel.{step}
def refuse(*given, **named):
    if given[:1] == ("none",) and {step == "mount"}:
        return sound(*given, **named)
    raise OSError(errno.EINVAL, "refused")
kernel.{step} = refuse
"""
    result = done(argv=altered(change, *copying(runtime, parent)))
    assert (result.returncode, result.stdout) == (1, "")
    (said,) = result.stderr.splitlines()
    assert f"{parent}/tmp-" in said
    assert "cannot be made a container's root" in said
    assert copies(parent) == []


def test_prepare_prints_the_name_and_locks_nothing_afterwards(runtime, parent):
    result = done("prepare", str(runtime), str(parent))
    (copy,) = copies(parent)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"copy: {copy.name}\n", "")
    assert content(tree(copy)) == content(runtime)
    assert (conflict(copy / ".ref"), conflict(parent / ".ref"), conflict(runtime / ".ref")) == (None, None, None)
    assert done("collect", str(parent)).returncode == 0
    assert copies(parent) == []


def test_prepared_copy_that_nobody_is_told_of_is_undone(usr, parent):
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            command("prepare", str(usr), str(parent)), stdout=full, stderr=subprocess.PIPE, timeout=LIMIT_S, check=False
        )
    assert result.returncode == 1
    assert b"nobody can be told its name" in result.stderr
    assert copies(parent) == []
