"""`run` of the reference: real containers, real locks."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess

import pytest
from reference_world import (
    LIMIT_S,
    NOBODY,
    OFD_SHARED,
    PROBE,
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
    talking,
    until,
    waiters,
)

from pytest_vessel.reference import kernel
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.trouble import BUSY, FORBIDDEN, NOT_FOUND, Trouble


def test_locked_shared_while_the_payload_runs(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert conflict(runtime / ".ref") == OFD_SHARED
        assert talk.ask("status 7") == "ok"
        assert talk.end() == 7
    assert conflict(runtime / ".ref") is None


def test_lock_file_inside_is_the_locked_one(runtime):
    inside = ["/.ref"] if (runtime / "usr").is_dir() else ["/.ref", "/usr/.ref"]
    number = str((runtime / ".ref").stat().st_ino)
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert [talk.ask(f"stat {path}").split()[2] for path in inside] == [number] * len(inside)
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"
        assert talk.ask("lock 0 /.ref r ofd shared nowait 0 0") == "locked"


def test_exclusive_lock_inside_is_refused(runtime):
    with talking("run", "--writable", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.ask("lock 0 /.ref rw ofd exclusive nowait 0 0") == f"lock-errno {errno.EAGAIN}"


def test_payload_sees_the_runtime_and_a_little_more(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        top = set(talk.ask("list /").split()[1:])
        assert {".ref", "usr", "proc", "dev", "tmp"} <= top
        assert ("top.txt" in top) == (runtime / "usr").is_dir()
        assert talk.ask("stat /usr/data").startswith("stat ")
        assert "null" in talk.ask("list /dev")
        assert talk.ask("list /tmp") == "list"
        assert "self" in talk.ask("list /proc").split()


@pytest.mark.parametrize("path", ["/new", "/usr/new", "/usr/libexec/new"])
def test_payload_cannot_write_unless_allowed(runtime, path):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.ask(f"touch {path} 644") == f"errno {errno.EROFS}"
        assert talk.ask("touch /tmp/new 644") == "ok"
    with talking("run", "--writable", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.ask(f"touch {path} 644") == "ok"


def test_runtime_is_left_as_it_was(runtime):
    before = snapshot(runtime)
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.end() == 0
    assert snapshot(runtime) == before


def test_descriptors_of_the_payload_are_the_standard_streams(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert [entry.split(":")[0] for entry in talk.ask("fds").split()[1:]] == ["0", "1", "2"]


def test_payload_cannot_drop_the_lock(runtime):
    with talking("run", "--writable", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.ask("strip /.ref /usr/.ref").startswith("stripped")
        assert conflict(runtime / ".ref") == OFD_SHARED


def test_payload_cannot_reach_into_the_holder(runtime):
    with talking("run", "--writable", str(runtime), "--", PROBE, "talk", "n") as talk:
        names = talk.ask("list /proc/1/fd").split()[1:]
        assert len(names) > 3
        assert {talk.ask(f"stat /proc/1/fd/{name}") for name in names} == {f"errno {errno.EACCES}"}


def test_daemon_keeps_the_lock(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert talk.ask("daemon 5").startswith("daemon ")
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"
        assert conflict(runtime / ".ref") == OFD_SHARED
        assert talk.process.poll() is None
        assert talk.end() == 5
    assert conflict(runtime / ".ref") is None


@pytest.mark.parametrize("family", ["ofd", "posix"])
def test_busy_runtime_is_not_used(runtime, family):
    with held(runtime / ".ref", family):
        result = done("run", str(runtime), "--", PROBE, "talk", "n")
    assert (result.returncode, result.stdout) == (BUSY, "")
    assert f"{runtime}/.ref: in use" in result.stderr


def test_users_of_a_runtime_do_not_disturb_each_other(runtime):
    with held(runtime / ".ref", mode="shared"), held(runtime / ".ref", "posix", "shared"):
        assert done("run", str(runtime), "--", PROBE, "talk", "n").returncode == 0


def test_waiting_run_says_so_and_goes_on_when_the_lock_is_free(usr):
    with contextlib.ExitStack() as holder:
        holder.enter_context(held(usr / ".ref"))
        with talking("run", "--wait", str(usr), "--", PROBE, "talk", "n", wait=False) as talk:
            assert f"{usr}/.ref: in use; waiting" in talk.message()
            until(lambda: waiters(usr / ".ref"), "a blocked waiter")
            holder.close()
            talk.begin()
            assert conflict(usr / ".ref") == OFD_SHARED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_run_ends_at_a_signal(usr, number):
    with held(usr / ".ref"), talking("run", "--wait", str(usr), "--", PROBE, "talk", "n", wait=False) as talk:
        until(lambda: waiters(usr / ".ref"), "a blocked waiter")
        talk.process.send_signal(number)
        assert talk.process.wait(LIMIT_S) == 128 + number
        assert waiters(usr / ".ref") == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_is_passed_on_to_the_payload(usr, number):
    with talking("run", str(usr), "--", PROBE, "talk", "n") as talk:
        talk.process.send_signal(number)
        assert talk.process.wait(LIMIT_S) == 128 + number
    assert conflict(usr / ".ref") is None


def test_signal_that_the_payload_ignores_ends_nothing(usr):
    with talking("run", str(usr), "--", PROBE, "talk", "n") as talk:
        assert talk.ask(f"ignore {signal.SIGTERM:d}") == "ok"
        talk.process.send_signal(signal.SIGTERM)
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"
        assert talk.end() == 0


def test_signal_goes_to_the_daemons_when_the_payload_has_ended(usr):
    with talking("run", str(usr), "--", PROBE, "talk", "n") as talk:
        (first,) = children(talk.process.pid)
        (payload,) = children(first)
        talk.ask("daemon 0")
        until(lambda: is_gone(payload), "the end of the payload's first process")
        until(lambda: payload not in children(first), "its being reaped")
        talk.process.send_signal(signal.SIGTERM)
        assert talk.process.wait(LIMIT_S) == 0
    assert conflict(usr / ".ref") is None


def test_container_dies_with_its_launcher(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        (first,) = children(talk.process.pid)
        (payload,) = children(first)
        stop_by_force(talk)
        until(lambda: is_gone(first) and is_gone(payload), "the end of the container")
    assert conflict(runtime / ".ref") is None


def test_container_dies_with_its_first_process(runtime):
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        (first,) = children(talk.process.pid)
        os.kill(first, signal.SIGKILL)
        assert talk.process.wait(LIMIT_S) == 128 + signal.SIGKILL
    assert conflict(runtime / ".ref") is None


def test_missing_lock_file_is_created(runtime):
    (runtime / ".ref").unlink()
    with talking("run", str(runtime), "--", PROBE, "talk", "n") as talk:
        assert conflict(runtime / ".ref") == OFD_SHARED
        assert talk.ask("test /.ref exclusive 0 0") == "conflict shared -1 0 0"


def test_command_that_is_not_there(runtime):
    result = done("run", str(runtime), "--", "/usr/nothing")
    assert result.returncode == NOT_FOUND
    assert "/usr/nothing: cannot be executed" in result.stderr


def test_runtime_that_is_not_there(world):
    result = done("run", str(world / "nothing"), "--", PROBE)
    assert result.returncode == 1
    assert f"{world}/nothing: there is no such runtime" in result.stderr


def test_words_after_the_first_dashes_are_the_commands(usr):
    with talking("run", str(usr), "--", PROBE, PROBE, "talk", "n") as talk:
        assert talk.end() == 0
    assert done("run", str(usr), "--", PROBE, "--", "x").returncode == 64


def test_run_without_a_command_is_wrong_usage(usr):
    result = done("run", str(usr))
    assert result.returncode == 2
    assert "a command is needed, after --" in result.stderr


@as_root
def test_read_only_runtime(world, runtime):
    script = f"mount --bind {runtime} {runtime}; mount -o remount,bind,ro {runtime}"
    words = command("run", str(runtime), "--", PROBE, "talk", "n")
    assert done(argv=in_mounts(script, *words)).stdout.startswith("vessel-ready n ")


@as_root
def test_missing_lock_file_of_a_read_only_runtime_is_a_clear_error(world, usr):
    (usr / ".ref").unlink()
    script = f"mount --bind {usr} {usr}; mount -o remount,bind,ro {usr}"
    result = done(argv=in_mounts(script, *command("run", str(usr), "--", PROBE, "talk", "n")))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{usr}/.ref: is missing and cannot be created: Read-only file system" in result.stderr


@as_root
def test_mount_inside_the_runtime_is_shown_and_read_only(world, usr):
    (usr / "inner").mkdir()
    script = f"mount -t tmpfs -o nosuid,nodev,noexec tmpfs {usr}/inner; echo x > {usr}/inner/file"
    argv = in_mounts(script, *command("run", str(usr), "--", PROBE, "talk", "n"))
    asked = "stat /usr/inner/file\ntouch /usr/inner/new 644\n"
    result = subprocess.run(argv, input=asked, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert result.stdout.splitlines()[1].startswith("= stat "), result.stderr
    assert result.stdout.splitlines()[2] == f"= errno {errno.EROFS}"


@as_root
def test_unprivileged_user_with_a_lock_file_of_somebody_else(runtime):
    (runtime / ".ref").chmod(0o444)
    with talking("run", str(runtime), "--", PROBE, "talk", "n", user=NOBODY) as talk:
        assert conflict(runtime / ".ref") == OFD_SHARED
        assert talk.end() == 0


@as_root
def test_lock_file_that_may_not_be_read(runtime):
    (runtime / ".ref").chmod(0o600)
    result = done("run", str(runtime), "--", PROBE, user=NOBODY)
    assert result.returncode == 1
    assert f"{runtime}/.ref: cannot be opened: Permission denied" in result.stderr


def test_machine_without_user_namespaces_is_told_how_to_allow_them(usr, monkeypatch):
    def refuse(flags: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(kernel, "unshare", refuse)
    with pytest.raises(Trouble, match=r"sysctl user\.max_user_namespaces") as caught:
        Run(str(usr), ["/x"]).start()
    assert caught.value.status == FORBIDDEN


def test_twelve_at_once(usr):
    words = command("run", str(usr), "--", PROBE, "talk", "n")
    started = [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for _ in range(12)]
    assert [process.wait(LIMIT_S) for process in started] == [0] * 12
