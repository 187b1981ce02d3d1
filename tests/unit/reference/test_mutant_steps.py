"""Mutants whose defect shows only when the kernel answers with an error: their step, in this process."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import inspect
import os
from pathlib import Path

import pytest
from reference_world import (
    OFD_SHARED,
    conflict,
    held,
)

from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.trouble import Trouble


def locking_of(name: str) -> Locking:
    flaw = MUTANTS[name].flaw
    assert issubclass(flaw, Locking)
    return flaw()


def answering(monkeypatch, number: int, *commands: int) -> None:
    original = fcntl.fcntl

    def call(descriptor: int, command: int, argument: bytes) -> object:
        if command in commands:
            raise OSError(number, os.strerror(number))
        return original(descriptor, command, argument)

    monkeypatch.setattr(fcntl, "fcntl", call)


OFD = (fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW)
ALL = (*OFD, fcntl.F_SETLK, fcntl.F_SETLKW)


def test_no_fallback(tmp_path, monkeypatch):
    answering(monkeypatch, errno.EINVAL, *OFD)
    with pytest.raises(Trouble, match="cannot be locked"):
        locking_of("no-fallback").take(str(tmp_path / "f"), SHARED, create=True)


def test_fallback_unlocked(tmp_path, monkeypatch):
    answering(monkeypatch, errno.EINVAL, *OFD)
    os.close(locking_of("fallback-unlocked").take(str(tmp_path / "f"), SHARED, create=True))
    answering(monkeypatch, errno.ENOLCK, *OFD)
    with pytest.raises(Trouble, match="cannot be locked"):
        locking_of("fallback-unlocked").take(str(tmp_path / "f"), SHARED, create=True)


def test_ignores_lock_errors(tmp_path, monkeypatch):
    with held(new := touched(tmp_path)), pytest.raises(Trouble, match="in use"):
        locking_of("ignores-lock-errors").take(str(new), SHARED)
    answering(monkeypatch, errno.ENOLCK, *ALL)
    os.close(locking_of("ignores-lock-errors").take(str(new), SHARED))


def test_nameless_errors(tmp_path, monkeypatch):
    answering(monkeypatch, errno.ENOLCK, *ALL)
    with pytest.raises(Trouble, match=r"^cannot lock: No locks available$"):
        locking_of("nameless-errors").take(str(touched(tmp_path)), SHARED)


@pytest.mark.parametrize("wait", [False, True])
def test_eintr_is_success(tmp_path, monkeypatch, wait):
    locking = locking_of("eintr-is-success")
    descriptor = locking.take(str(file := touched(tmp_path)), SHARED, wait=wait)
    assert conflict(file) == OFD_SHARED
    os.close(descriptor)
    monkeypatch.setattr(inspect.getmodule(type(locking)), "_libc", Interrupted())
    descriptor = locking.take(str(file), SHARED, wait=wait)
    assert conflict(file) is None
    os.close(descriptor)


class Interrupted:
    def fcntl(self, *_: object) -> int:
        ctypes.set_errno(errno.EINTR)
        return -1


def test_tests_then_deletes(tmp_path):
    file = touched(tmp_path)
    descriptor = locking_of("tests-then-deletes").take(str(file), EXCLUSIVE)
    assert conflict(file) is None
    os.close(descriptor)


def touched(folder: Path) -> Path:
    (folder / "f").touch()
    return folder / "f"
