"""`lock` of the reference."""

from __future__ import annotations

import contextlib
import signal

import pytest
from reference_world import (
    LIMIT_S,
    NOBODY,
    OFD_EXCLUSIVE,
    OFD_SHARED,
    as_root,
    children,
    conflict,
    done,
    held,
    is_gone,
    talking,
    until,
    waiters,
)

from pytest_vessel.reference.trouble import BUSY, NOT_FOUND
from pytest_vessel.system.compile import probe


def words() -> tuple[str, ...]:
    return ("--", str(probe()), "talk", "n")


@pytest.fixture
def file(world):
    path = world / "lock"
    path.touch()
    return path


@pytest.mark.parametrize(("options", "seen"), [((), OFD_SHARED), (("--write",), OFD_EXCLUSIVE)])
def test_locked_until_the_command_exits(file, options, seen):
    with talking("lock", *options, str(file), *words()) as talk:
        assert conflict(file) == seen
        assert talk.ask("status 9") == "ok"
        assert talk.end() == 9
    assert conflict(file) is None


def test_status_of_a_command_that_a_signal_ended(file):
    assert done("lock", str(file), "--", "sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL


def test_command_inherits_no_descriptor_of_the_lock(file):
    with talking("lock", str(file), *words()) as talk:
        assert [entry.split(":")[0] for entry in talk.ask("fds").split()[1:]] == ["0", "1", "2"]


def test_daemon_keeps_the_lock(file):
    with talking("lock", str(file), *words()) as talk:
        talk.ask("daemon 4")
        assert talk.ask("status 0") == "ok"
        assert conflict(file) == OFD_SHARED
        assert talk.end() == 4
    assert conflict(file) is None


@pytest.mark.parametrize("family", ["ofd", "posix"])
@pytest.mark.parametrize(("options", "mode"), [((), "exclusive"), (("--write",), "shared")])
def test_busy_file(file, family, options, mode):
    with held(file, family, mode):
        result = done("lock", *options, str(file), *words())
    assert (result.returncode, result.stdout) == (BUSY, "")
    assert f"{file}: in use" in result.stderr


def test_waits_if_told(file):
    with contextlib.ExitStack() as holder:
        holder.enter_context(held(file))
        with talking("lock", "--wait", str(file), *words(), wait=False) as talk:
            assert f"{file}: in use; waiting" in talk.message()
            until(lambda: waiters(file), "a blocked waiter")
            holder.close()
            talk.begin()
            assert conflict(file) == OFD_SHARED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_ends_at_a_signal(file, number):
    with held(file), talking("lock", "--wait", str(file), *words(), wait=False) as talk:
        until(lambda: waiters(file), "a blocked waiter")
        talk.process.send_signal(number)
        assert talk.process.wait(LIMIT_S) == -number
        assert "Traceback" not in talk.errors()


def test_missing_file(world):
    result = done("lock", str(world / "new"), *words())
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{world}/new: there is no such lock file" in result.stderr
    assert not (world / "new").exists()


def test_missing_file_is_created_if_told(world):
    with talking("lock", "--create", str(world / "new"), *words()):
        assert conflict(world / "new") == OFD_SHARED


def test_link_to_the_file(file, world):
    (world / "link").symlink_to("lock")
    with talking("lock", str(world / "link"), *words()):
        assert conflict(file) == OFD_SHARED


def test_signal_is_passed_on(file):
    with talking("lock", str(file), *words()) as talk:
        talk.process.send_signal(signal.SIGTERM)
        assert talk.process.wait(LIMIT_S) == 128 + signal.SIGTERM
    assert conflict(file) is None


def test_signal_goes_to_the_daemons_when_the_command_has_ended(file):
    with talking("lock", str(file), *words()) as talk:
        (first,) = children(talk.process.pid)
        daemon = int(talk.ask("daemon 3").split()[1])
        until(lambda: is_gone(first), "the end of the command")
        until(lambda: children(talk.process.pid) == [daemon], "its being reaped")
        talk.process.send_signal(signal.SIGTERM)
        assert talk.process.wait(LIMIT_S) == 3
        assert is_gone(daemon)


def test_command_that_is_not_there(file):
    result = done("lock", str(file), "--", "/nothing")
    assert result.returncode == NOT_FOUND
    assert "/nothing: cannot be executed" in result.stderr
    assert conflict(file) is None


@as_root
def test_unprivileged_user_may_share_but_not_exclude(file):
    file.chmod(0o444)
    assert done("lock", str(file), "--", "true", user=NOBODY).returncode == 0
    result = done("lock", "--write", str(file), *words(), user=NOBODY)
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{file}: cannot be opened: Permission denied" in result.stderr
