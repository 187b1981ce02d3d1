"""Processes that hold locks for a test (the program they run: `system.holder`)."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Self

from pytest_vessel.errors import HarnessError
from pytest_vessel.observation.locks import Kind, Mode
from pytest_vessel.system import holder
from pytest_vessel.system.workshop import Workshop

_WORDS = {Kind.OFD: "ofd", Kind.POSIX: "posix", Kind.FLOCK: "flock"}
_ANSWER_TIMEOUT_S = 10
_ANSWER_SIZE_BYTES = 256


class LockRefused(BlockingIOError):
    """Somebody else's lock is in the way (EAGAIN, EACCES), or the lock cannot be had for another reason."""


class Holder:
    """One process that holds locks.

    Guaranteed: it ends, and its locks are gone, when it is closed, when the test's process ends, and when that is
    killed. POSIX locks are lost when *any* descriptor of the file is closed in the process (fcntl(2)): give each
    a holder of its own.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The kernel's own bound: settimeout would look before it reads, which costs a tenth of a request.
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _ANSWER_TIMEOUT_S, 0))
        with theirs:
            self.pid = workshop.fork({"do": "hold"}, [theirs.fileno()])
        self._pidfd = os.pidfd_open(self.pid)

    def lock(
        self,
        path: str | os.PathLike[str],
        mode: Mode = Mode.EXCLUSIVE,
        kind: Kind = Kind.OFD,
        *,
        start: int = 0,
        length: int = 0,
    ) -> HeldLock:
        """Take a lock now; `start` and `length` in bytes, length 0: to the end of the file, however it grows.

        Raises:
            LockRefused: it is not granted at once.
            OSError: the file cannot be opened.
        """
        self._send(f"lock {_WORDS[kind]} {mode} now {start} {length} {os.fspath(path)}")
        return HeldLock(self, self._handle(os.fspath(path)))

    def wait_for(self, path: str | os.PathLike[str], mode: Mode = Mode.EXCLUSIVE, kind: Kind = Kind.OFD) -> Waiting:
        """Start to wait for a whole-file lock; this holder does nothing else until it is granted."""
        self._send(f"lock {_WORDS[kind]} {mode} wait 0 0 {os.fspath(path)}")
        return Waiting(self, os.fspath(path))

    def open(self, path: str | os.PathLike[str]) -> Opened:
        """Open a file for reading and writing, without a lock.

        Raises:
            OSError: it cannot be opened.
        """
        self._send(f"open {os.fspath(path)}")
        return Opened(self, self._handle(os.fspath(path)))

    def take(self, handle: int, mode: Mode, kind: Kind) -> HeldLock:
        """Take a whole-file lock on an open file, without waiting. Raises `LockRefused`."""
        self._send(f"take {_WORDS[kind]} {mode} {handle}")
        return HeldLock(self, self._handle("an open file"))

    def adopt(self, held: HeldLock) -> HeldLock:
        """Take over a descriptor that another holder has: one open file description, then held by both."""
        descriptor = held.holder.descriptor_of(held)
        try:
            self._send("adopt")
            socket.send_fds(self._connection, [b"descriptor"], [descriptor])
        finally:
            os.close(descriptor)
        return HeldLock(self, self._handle("adopted"))

    def descriptor_of(self, held: HeldLock) -> int:
        """A duplicate of the descriptor behind a lock, in this process."""
        self._send(f"pass {held.handle}")
        _message, descriptors, _flags, _address = socket.recv_fds(self._connection, 64, 1)
        self.answer()
        return descriptors[0]

    def fork(self) -> int:
        """Fork a child that holds the same descriptors (OFD and flock locks) until the end; returns its pid."""
        self._send("fork")
        return int(self.answer().split()[1])

    def crash(self) -> None:
        """SIGKILL, and wait until it is gone."""
        signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self._wait()

    def close(self) -> None:
        """End it, with all its locks, and wait until it is gone. Idempotent."""
        if self._pidfd >= 0:
            self._connection.close()
            self._wait()
            os.close(self._pidfd)
            self._pidfd = -1

    def _wait(self) -> None:
        gone = select.poll()
        gone.register(self._pidfd, select.POLLIN)
        if not gone.poll(_ANSWER_TIMEOUT_S * 1000):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            gone.poll()

    def _send(self, text: str) -> None:
        self._connection.send(text.encode("utf-8", "surrogateescape"))

    def answer(self, timeout_s: float = _ANSWER_TIMEOUT_S) -> str:
        """The next answer.

        Raises:
            TimeoutError: there is none yet.
            HarnessError: the holder is gone.
        """
        if timeout_s != _ANSWER_TIMEOUT_S:
            self._await(timeout_s)
        try:
            message = self._connection.recv(_ANSWER_SIZE_BYTES)
        except BlockingIOError:
            raise TimeoutError(f"the lock holder, pid {self.pid}, has not answered") from None
        if not message or message.startswith(b"{"):  # JSON is the zygote's word about a child that broke
            raise HarnessError(f"the lock holder is gone {message.decode()}".strip(), where=f"pid {self.pid}")
        return message.decode()

    def _await(self, timeout_s: float) -> None:
        if not select.select([self._connection], [], [], timeout_s)[0]:
            raise TimeoutError(f"the lock holder, pid {self.pid}, has not answered within {timeout_s} s")

    def _handle(self, path: str) -> int:
        return _handle_of(self.answer(), path)

    def release(self, handle: int) -> None:
        """Unlock explicitly, then close."""
        self._send(f"release {handle}")
        self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class OwnProcess:
    """Holds OFD and flock locks in this very process: no messages, so a lock costs some microseconds.

    Guaranteed: they are gone when they are released, also where somebody forked meanwhile, and when this process
    ends. Not for POSIX locks, which would end with any other look at the file.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._handles: set[int] = set()

    def lock(
        self,
        path: str | os.PathLike[str],
        mode: Mode = Mode.EXCLUSIVE,
        kind: Kind = Kind.OFD,
        *,
        start: int = 0,
        length: int = 0,
    ) -> HeldLock:
        """As `Holder.lock`.

        Raises:
            LockRefused: it is not granted at once.
            OSError: the file cannot be opened.
            ValueError: a POSIX lock was asked for.
        """
        if kind is Kind.POSIX:
            raise ValueError("a POSIX lock needs a process of its own: leave shared_process out")
        request = f"{_WORDS[kind]} {mode} now {start} {length} {os.fspath(path)}"
        handle = _handle_of(holder.lock(request.encode("utf-8", "surrogateescape")).decode(), os.fspath(path))
        self._handles.add(handle)
        return HeldLock(self, handle)

    def descriptor_of(self, held: HeldLock) -> int:
        """A duplicate of the descriptor behind a lock."""
        return os.dup(held.handle)

    def release(self, handle: int) -> None:
        """Unlock explicitly, then close."""
        self._handles.remove(handle)
        holder.unlock(handle)
        os.close(handle)

    def close(self) -> None:
        """Release all that is held."""
        for handle in tuple(self._handles):
            self.release(handle)


class HeldLock:
    """One lock of a holder, or of this process."""

    __slots__ = ("handle", "holder")

    def __init__(self, holder: Holder | OwnProcess, handle: int) -> None:
        self.holder, self.handle = holder, handle

    @property
    def pid(self) -> int:
        """The process that holds it."""
        return self.holder.pid

    def release(self) -> None:
        """Unlock explicitly (also what a fork shares), then close. At most once."""
        self.holder.release(self.handle)


class Opened:
    """A file that a holder has open, not locked yet: a user who is about to lock."""

    def __init__(self, holder: Holder, handle: int) -> None:
        self._holder, self._handle = holder, handle

    def lock(self, mode: Mode, kind: Kind = Kind.OFD) -> bool:
        """Try the lock; whether it was granted."""
        try:
            self._holder.take(self._handle, mode, kind)
        except LockRefused:
            return False
        return True


class Waiting:
    """A lock that has been asked for with a call that waits."""

    def __init__(self, holder: Holder, path: str) -> None:
        self._holder, self._path = holder, path

    def granted(self, timeout_s: float) -> HeldLock | None:
        """The lock, or None where it is not granted within `timeout_s`."""
        try:
            return HeldLock(self._holder, _handle_of(self._holder.answer(max(timeout_s, 1e-6)), self._path))
        except TimeoutError:
            return None


def _handle_of(answer: str, path: str) -> int:
    """The handle in an answer.

    Raises:
        LockRefused: the lock call failed.
        OSError: the file could not be opened.
    """
    word, _, number = answer.partition(" ")
    if word == "ok":
        return int(number)
    failure = LockRefused if word == "lock" else OSError
    raise failure(int(number), os.strerror(int(number)), path)
