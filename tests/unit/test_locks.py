"""HARN: what the lock table of a file says, and who holds what."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from polling import wait_until

from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.observation.locks import Kind, Lock, Mode
from pytest_vessel.system import locks
from pytest_vessel.system.identity import identity_of
from pytest_vessel.system.lockholder import LockRefused
from pytest_vessel.system.workshop import Workshop


@pytest.fixture
def holder(workshop: Workshop) -> Iterator[HolderFactory]:
    factory = HolderFactory(workshop)
    yield factory
    factory.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "with a space"
    path.touch()
    return path


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("mode", list(Mode))
def test_each_kind_and_mode(holder: HolderFactory, file: Path, kind: Kind, mode: Mode) -> None:
    held = holder(file, mode, kind)
    table = locks.lock_table(file)
    assert table.locks == (Lock(kind, mode, 0, None, (held.pid,)),)
    assert table.waiters == ()
    assert table.exclusive_refused is (kind is not Kind.FLOCK)
    assert table.shared_refused is (kind is not Kind.FLOCK and mode is Mode.EXCLUSIVE)
    held.release()
    assert locks.lock_table(file).locks == ()


@pytest.mark.parametrize("kind", list(Kind))
def test_the_files_that_processes_have_locked(holder: HolderFactory, file: Path, kind: Kind) -> None:
    held = holder(file, Mode.SHARED, kind)
    ours = identity_of(file)
    assert ours in locks.locked_by([held.pid])
    held.release()
    assert ours not in locks.locked_by([held.pid])
    assert locks.locked_by([2**22]) == set()  # above every pid


def test_a_range(holder: HolderFactory, file: Path) -> None:
    holder(file, Mode.SHARED, start=1000, length=1)
    (lock,) = locks.lock_table(file).locks
    assert (lock.start, lock.end, lock.whole_file) == (1000, 1000, False)
    assert "bytes 1000 to 1000" in str(lock)
    assert locks.exclusive_refused(file)


def test_several_holders_are_told_apart(holder: HolderFactory, file: Path) -> None:
    pids = {holder(file, "shared", kind).pid for kind in ("OFDLCK", "OFDLCK", "POSIX")}
    table = locks.lock_table(file)
    assert len(table.locks) == 3
    assert {pid for lock in table.locks for pid in lock.holders} == pids


def test_other_files_are_left_out(holder: HolderFactory, file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    holder(tmp_path / "other")
    assert locks.lock_table(file).locks == ()


def test_a_waiter_is_seen_and_goes_on(holder: HolderFactory, file: Path) -> None:
    held = holder(file)
    assert not locks.somebody_waits(file)
    waiting = holder.waiting(file, Mode.SHARED)
    assert waiting.granted(0) is None
    while not locks.somebody_waits(file):
        os.sched_yield()
    assert [lock.mode for lock in locks.lock_table(file).waiters] == [Mode.SHARED]
    held.release()
    granted = waiting.granted(5)
    assert granted is not None
    assert locks.lock_table(file).locks[0].holders == (granted.pid,)


def test_a_lock_that_is_refused(holder: HolderFactory, file: Path) -> None:
    holder(file, "shared")
    with pytest.raises(LockRefused):
        holder(file, "exclusive")
    with pytest.raises(FileNotFoundError):
        holder(file.parent / "missing")


def test_a_crash_frees_the_lock(holder: HolderFactory, file: Path) -> None:
    held = holder(file)
    held.holder.crash()
    assert not locks.exclusive_refused(file)


def test_a_fork_keeps_an_ofd_lock_over_a_crash(holder: HolderFactory, file: Path) -> None:
    held = holder(file)
    child = held.holder.fork()
    assert locks.lock_table(file).locks[0].holders == tuple(sorted((held.pid, child)))
    held.holder.crash()
    assert locks.exclusive_refused(file)
    held.holder.close()
    assert wait_until(lambda: not locks.exclusive_refused(file), 10)


def test_a_descriptor_is_passed_on(holder: HolderFactory, file: Path) -> None:
    held = holder(file)
    heir = holder.process().adopt(held)
    held.holder.crash()
    assert locks.lock_table(file).locks[0].holders == (heir.pid,)
    heir.release()
    assert not locks.exclusive_refused(file)


def test_this_process_can_hold_many(holder: HolderFactory, tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(50)]
    for path in files:
        path.touch()
    held = [holder(path, shared_process=True) for path in files]
    assert {one.pid for one in held} == {os.getpid()}
    assert all(locks.lock_table(path).locks[0].holders == (os.getpid(),) for path in files[:3])
    assert all(locks.exclusive_refused(path) for path in files)
    held[0].release()
    assert not locks.exclusive_refused(files[0])
    holder.close()
    assert not any(locks.exclusive_refused(path) for path in files)


def test_a_lock_of_a_shared_process_ends_although_somebody_forked(holder: HolderFactory, file: Path) -> None:
    held = holder(file, shared_process=True)
    heir = holder.process().adopt(held)
    held.release()
    assert not locks.exclusive_refused(file)
    heir.release()


def test_posix_locks_need_a_process_of_their_own(holder: HolderFactory, file: Path) -> None:
    with pytest.raises(ValueError, match="of its own"):
        holder(file, kind="POSIX", shared_process=True)


def test_who_opened_the_file_before_can_lock_it_later(holder: HolderFactory, file: Path) -> None:
    user = holder.opened(file)
    held = holder(file)
    assert not user.lock(Mode.SHARED)
    held.release()
    assert user.lock(Mode.SHARED)


def test_a_lease_is_no_lock(holder: HolderFactory, file: Path) -> None:
    """/proc/locks shows leases too (fcntl(2), F_SETLEASE)."""
    held = holder(file, "shared")
    with file.open("rb") as leased:
        fcntl.fcntl(leased, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        table = locks.lock_table(file)
        assert [lock.kind for lock in table.locks] == [Kind.OFD]
        assert not locks.somebody_waits(file)
    held.release()


def test_looking_disturbs_nobody(holder: HolderFactory, file: Path) -> None:
    flock = holder(file, "exclusive", "FLOCK")
    assert locks.lock_table(file).locks[0].kind is Kind.FLOCK
    with file.open() as opened:
        assert locks.file_key(opened.fileno()).endswith(f":{file.stat().st_ino}")
    flock.release()
    assert locks.lock_table(file).locks == ()
    holder(file, "exclusive", "FLOCK")


def test_looking_refuses_nobody_a_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a plain file system, as tmpfs is, the key is known without a lock of ours."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a flock(2) of ours could refuse that of a subject")

    with TemporaryDirectory(dir="/dev/shm") as folder:
        file = Path(folder, "file")
        file.touch()
        with file.open() as opened:
            key = locks.file_key(opened.fileno())
            monkeypatch.setattr("fcntl.flock", refuse)
            assert locks.file_key(opened.fileno()) == key
            assert locks.lock_table(file).locks == ()
