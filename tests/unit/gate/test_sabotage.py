"""The sabotage of a control: lock calls on lock files do nothing, all others take place; beneath any policy."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
from pathlib import Path

import pytest
from gate_world import DEADLINE_S, subject_of

from pytest_vessel.observation.locks import Mode
from pytest_vessel.system import compile as compiling
from pytest_vessel.system import locks
from pytest_vessel.system.answer import Fail, Go, Pretend
from pytest_vessel.system.bpf import DELETES, FLOCK, SET_LOCKS, Chosen, selects
from pytest_vessel.system.kept import Order
from pytest_vessel.system.lockfiles import LockFiles
from pytest_vessel.system.sabotage import Sabotage
from pytest_vessel.system.seccomp import available
from pytest_vessel.system.talk import Talk, new_nonce

SUBJECT = """
import fcntl, os, struct, sys
OFD_GETLK, OFD_SETLK, OFD_SETLKW = 36, 37, 38
WHOLE = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
def call(path, command):
    file = os.open(path, os.O_RDWR)
    try:
        print(struct.unpack("hhqqi4x", fcntl.fcntl(file, command, WHOLE))[0], flush=True)
    except OSError as problem:
        print("errno", problem.errno, flush=True)
def flock(path):
    print(fcntl.flock(os.open(path, os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB), flush=True)
"""
"""`call(path, command)`, `flock(path)`: ask for an exclusive lock of the whole file; print what came of it."""

WAIT = "sys.stdin.read()\n"
SET = (fcntl.F_SETLK, fcntl.F_SETLKW, locks.F_OFD_SETLK, locks.F_OFD_SETLKW)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A lock file and another file."""
    found = tmp_path / "lock-file", tmp_path / "other"
    for file in found:
        file.touch()
    return found


@pytest.fixture
def sabotage(files: tuple[Path, Path]) -> Sabotage:
    known = LockFiles()
    known.add(files[0])
    return Sabotage(known, compiling.probe().read_bytes())


@pytest.fixture
def sabotaged(stage, sabotage):
    """Start a script on a sabotaged file: `sabotaged(lines, chosen, policy)`."""
    if not (can := available()):
        pytest.skip(can.reason)

    def start(lines: str, chosen=(), policy=None):
        return subject_of(stage, SUBJECT + lines, chosen, policy, sabotage=sabotage)

    return start


def said(subject, count: int) -> list[str]:
    """The first lines that it prints."""
    assert subject.stage.until(lambda: bytes(subject.call.out).count(b"\n") >= count, DEADLINE_S)
    return bytes(subject.call.out).decode().splitlines()


@pytest.mark.parametrize("command", SET)
def test_lock_calls_do_nothing_and_seem_to_succeed(sabotaged, sabotage, files, command: int) -> None:
    subject = sabotaged("".join(f"call({str(file)!r}, {command})\n" for file in files) + WAIT)
    expected = [str(fcntl.F_WRLCK)] * 2
    assert said(subject, 2) == expected
    assert [locks.exclusive_refused(file) for file in files] == [False, True]
    assert sabotage.calls == 1
    subject.finish()


def test_flock_does_nothing_and_seems_to_succeed(sabotaged, sabotage, files) -> None:
    subject = sabotaged("".join(f"flock({str(file)!r})\n" for file in files) + WAIT)
    assert said(subject, 2) == ["None"] * 2
    assert [len(locks.lock_table(file).locks) for file in files] == [0, 1]
    assert sabotage.calls == 1
    subject.finish()


@pytest.mark.parametrize("command", [fcntl.F_GETLK, locks.F_OFD_GETLK])
def test_who_looks_sees_no_lock(sabotaged, sabotage, files, command: int) -> None:
    with files[0].open("r+") as first, files[1].open("r+") as second:
        for file in (first, second):
            fcntl.fcntl(file, locks.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        output = sabotaged("".join(f"call({str(file)!r}, {command})\n" for file in files)).finish()
    assert output.split() == [str(fcntl.F_UNLCK), str(fcntl.F_WRLCK)]
    assert sabotage.calls == 1


def test_it_is_told_by_inode(sabotaged, sabotage, files, tmp_path: Path) -> None:
    os.link(files[0], tmp_path / "another-name")
    subject = sabotaged(f"call({str(tmp_path / 'another-name')!r}, OFD_SETLK)\n" + WAIT)
    assert said(subject, 1) == [str(fcntl.F_WRLCK)]
    assert not locks.exclusive_refused(files[0])
    subject.finish()


@pytest.mark.parametrize("copied", [False, True])
def test_calls_of_the_probe_take_place(stage, sabotage, files, tmp_path: Path, copied: bool) -> None:
    if not (can := available()):
        pytest.skip(can.reason)
    probe, nonce = compiling.probe(), new_nonce()
    if copied:
        probe = Path(shutil.copy(probe, tmp_path / "some-name"))
    call = stage.start(Order((str(probe), "talk", nonce), {}, "/", sabotage=sabotage))
    talk = Talk(stage, call, nonce)
    assert stage.until(lambda: talk.ready, DEADLINE_S)
    assert talk.lock(0, str(files[0]), Mode.SHARED) == ("locked", 0)
    assert locks.exclusive_refused(files[0])
    assert talk.would_conflict(str(files[0]), Mode.EXCLUSIVE) == "shared"
    assert sabotage.calls == 0


def test_what_a_test_lets_go_is_sabotaged_and_what_it_fails_is_not(sabotaged, sabotage, files) -> None:
    answers = iter([Fail(errno.ENOLCK), None, Go(), Pretend(0)])
    subject = sabotaged(
        f"for _ in range(4): call({str(files[0])!r}, OFD_SETLK)\n" + WAIT, SET_LOCKS, lambda _: next(answers)
    )
    assert said(subject, 1) == [f"errno {errno.ENOLCK}"]
    subject.next("fcntl").go()
    assert said(subject, 4)[1:] == [str(fcntl.F_WRLCK)] * 3
    assert not locks.exclusive_refused(files[0])
    assert sabotage.calls == 2
    assert [seen.answer for seen in subject.gate.log] == [Fail(errno.ENOLCK), *[Pretend(0)] * 3]
    subject.finish()


def test_a_policy_is_asked_about_its_own_calls_alone(sabotaged, sabotage, files) -> None:
    """An old kernel, as a test makes one: what it chose fails with EINVAL; the fall-back is not chosen."""
    lines = f"call({str(files[0])!r}, OFD_SETLK)\ncall({str(files[0])!r}, {fcntl.F_SETLK})\n" + WAIT
    chosen = [Chosen("fcntl", 1, frozenset((locks.F_OFD_SETLK,)))]
    subject = sabotaged(lines, chosen, lambda _: Fail(errno.EINVAL))
    assert said(subject, 2) == [f"errno {errno.EINVAL}", str(fcntl.F_WRLCK)]
    assert not locks.exclusive_refused(files[0])
    assert sabotage.calls == 1
    assert [seen.arguments[1] for seen in subject.gate.log] == [locks.F_OFD_SETLK]
    subject.finish()


def test_next_gives_the_tests_own_calls_alone(sabotaged, sabotage, files, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    lines = f"call({str(files[0])!r}, OFD_SETLK)\nos.rmdir({str(tmp_path / 'folder')!r})\n"
    subject = sabotaged(lines, DELETES)
    held = subject.next("rmdir")
    assert sabotage.calls == 1
    held.go()
    subject.finish()
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("name", ["fcntl", "flock"])
def test_the_choices_of_a_filter_can_be_asked(name: str) -> None:
    assert selects((*SET_LOCKS, *FLOCK), name, (3, fcntl.F_SETLK))
    assert selects((*SET_LOCKS, *FLOCK), name, (3, fcntl.F_GETFL)) is (name == "flock")
    assert not selects(DELETES, name, (3, fcntl.F_SETLK))
    assert selects([Chosen("fcntl", 0, frozenset((-100,)))], "fcntl", (2**32 - 100,))


def holds(known: LockFiles, path: Path) -> bool:
    seen = path.stat()
    return (seen.st_dev, seen.st_ino) in known


def test_lock_files_of_copies_are_found_wherever_they_appear(tmp_path: Path) -> None:
    known = LockFiles()
    known.add_parent(tmp_path / "parent")
    for name in (".ref", "tmp-one/.ref", "tmp-two/usr/.ref", "tmp-two/usr/bin/.ref", "tmp-two/other"):
        file = tmp_path / "parent" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "outside").touch()
    (tmp_path / "parent" / "tmp-three").mkdir()
    (tmp_path / "parent" / "tmp-three" / ".ref").symlink_to(tmp_path / "outside")
    found = {path.name: holds(known, path) for path in (tmp_path / "parent").rglob("other")}
    assert found == {"other": False}
    for name in (".ref", "tmp-one/.ref", "tmp-two/usr/.ref", "tmp-three/.ref"):
        assert holds(known, tmp_path / "parent" / name), name
    assert not holds(known, tmp_path / "parent" / "tmp-two/usr/bin/.ref")


def test_a_file_that_was_a_lock_file_stays_one(tmp_path: Path) -> None:
    known = LockFiles()
    file = tmp_path / ".ref"
    known.add(file)
    assert None not in known
    file.touch()
    assert holds(known, file)
    file.rename(tmp_path / "old")
    file.touch()
    assert holds(known, file)
    assert holds(known, tmp_path / "old")
