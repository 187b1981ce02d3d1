"""A system call that waits at the gate: who makes it, with which arguments, on which file.

Nothing is looked up before it is asked for: a call that is let go at once costs no look at /proc.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Protocol, TypeVar

from pytest_vessel.system import flock, reach
from pytest_vessel.system.answer import Answer, Fail, Go, Kill, Pretend
from pytest_vessel.system.flock import Lock
from pytest_vessel.system.identity import Identity, identity
from pytest_vessel.system.syscalls import Pathname, name_of, shape_of

T = TypeVar("T")

_MAKES = {
    **dict.fromkeys(("mkdir", "mkdirat", "mknod", "mknodat", "symlink", "symlinkat"), 0),
    **dict.fromkeys(("link", "linkat", "rename", "renameat", "renameat2"), 1),
}
"""Calls that make a name, and which of their pathname arguments it is."""


class Keeper(Protocol):
    """Who holds calls: the gate."""

    def valid(self, held: Held) -> bool:
        """Whether the call still waits."""

    def release(self, held: Held, answer: Answer) -> bool:
        """Answer it."""


class Held:
    """A call that has arrived at the gate and waits, in the kernel, for its answer.

    `id`: the kernel's cookie. `pid`: the *thread*, in our pid namespace (0: not visible from here). `order`: position
    of arrival, from 1. `answer`, `turn`: None until it is answered.

    What it tells about files and memory is None where there is no such thing, once the call is over, and where looking
    is not allowed. It is a snapshot: another thread of the subject can change it before the call takes place.
    """

    __slots__ = ("_gate", "_process", "_raw", "answer", "id", "identity", "order", "pid", "turn")

    def __init__(self, gate: Keeper, order: int, raw: tuple[int, ...]) -> None:
        self._gate = gate
        self._raw = raw  # id, pid, flags, number, audit, instruction pointer, six arguments
        self.id = raw[0]
        self.pid = raw[1]
        self.order = order
        self.answer: Answer | None = None
        self.turn: int | None = None
        self.identity: tuple[int, int] | None = None
        self._process: int | None = None

    def __repr__(self) -> str:
        state = "held" if self.answer is None else repr(self.answer)
        return f"<{self.order}: {self.call} of {self.pid}, {state}>"

    @property
    def call(self) -> str:
        """Name of the system call."""
        return name_of(self._raw[4], self._raw[3])

    @property
    def audit(self) -> int:
        """AUDIT_ARCH_* of the ABI that the call came through."""
        return self._raw[4]

    @property
    def arguments(self) -> tuple[int, ...]:
        """The six raw arguments, unsigned; those that the call does not have are rubbish."""
        return self._raw[6:]

    @property
    def process(self) -> int | None:
        """The process (thread group) of the thread; None where it was gone when first asked for."""
        if self._process is None:
            self._process = self._look(lambda: reach.group(self.pid))
        return self._process

    @property
    def known_process(self) -> int | None:
        """The process, if somebody has asked for it; looks nothing up."""
        return self._process

    def alive(self) -> bool:
        """Whether the thread still waits in this very call."""
        return self._gate.valid(self)

    def number(self, argument: int) -> int:
        """An argument as a C int: a descriptor, a command, flags."""
        low = self._raw[6 + argument] & 0xFFFFFFFF
        return low - 2**32 if low >= 2**31 else low

    def file(self) -> Identity | None:
        """(device, inode) of the file behind the descriptor that the call works on; kept for the log."""
        index = shape_of(self.call).descriptor
        if self.identity is None and index is not None:
            found = self._look(lambda: os.stat(f"/proc/{self.pid}/fd/{self.number(index)}"))
            self.identity = identity(found) if found else None
        return self.identity

    def path(self, number: int = 0) -> bytes | None:
        """The pathname argument of that number (rename has 0 and 1), from the process's own root; not resolved.

        `(unreachable)` in front where it is relative to a folder outside of that root.
        """
        wanted = self._pathname(number)
        if wanted is None:
            return None
        return self._look(lambda: reach.absolute(self.pid, self._text(wanted), self._directory(wanted)))

    def target(self, number: int = 0) -> os.stat_result | None:
        """The file that the pathname argument leads to, as the process would reach it; None where there is none yet.

        In the process's root, mounts and links, with a link at the end followed where the call does so. Not guaranteed:
        the flags RESOLVE_* of openat2.
        """
        wanted = self._pathname(number)
        if wanted is None:
            return None
        return self._look(
            lambda: reach.status(self.pid, self._text(wanted), self._directory(wanted), self._follows(wanted))
        )

    def parent(self, number: int = 0) -> os.stat_result | None:
        """The folder that holds, or would hold, the last component of the pathname argument."""
        wanted = self._pathname(number)
        if wanted is None:
            return None
        return self._look(lambda: reach.status(self.pid, _folder_of(self._text(wanted)), self._directory(wanted), True))

    def open_flags(self) -> int | None:
        """The O_* flags of a call that opens a file by name; None for every other call."""
        if self.call == "creat":
            return os.O_CREAT | os.O_WRONLY | os.O_TRUNC
        wanted = self._pathname(0)
        if self.call not in ("open", "openat", "openat2") or wanted is None or wanted.flags is None:
            return None
        return self._look(lambda: self._flags(wanted))

    def made(self) -> bytes | None:
        """The pathname that the call would make, as `path` gives it; None where it makes none."""
        if self.call in _MAKES:
            return self.path(_MAKES[self.call])
        return self.path() if (self.open_flags() or 0) & os.O_CREAT else None

    def made_in(self) -> os.stat_result | None:
        """The folder in which the call would make a name; None where it makes none, or there is no such folder."""
        return None if self.made() is None else self.parent(_MAKES.get(self.call, 0))

    def named(self) -> bytes | None:
        """The pathname that the call is about, as `path` gives it: of two the one that it makes."""
        return self.path(_MAKES.get(self.call, 0))

    def lock(self) -> Lock | None:
        """What an fcntl lock call asks for; None for every other call."""
        command = self.number(1)
        if self.call not in ("fcntl", "fcntl64") or command not in flock.COMMANDS:
            return None
        size = flock.layout(self.audit, command).size
        content = self._look(lambda: reach.memory(self.pid, self._raw[8], size))
        return flock.decode(self.audit, command, content) if content and len(content) == size else None

    def go(self) -> bool:
        """Let the call take place; False where it was over already."""
        return self._gate.release(self, Go())

    def fail(self, errno: int) -> bool:
        """Let the call fail with this error instead; False where it was over already."""
        return self._gate.release(self, Fail(errno))

    def pretend(self, value: int = 0) -> bool:
        """Return this value instead of making the call; False where it was over already."""
        return self._gate.release(self, Pretend(value))

    def kill(self) -> bool:
        """Kill the whole process instead; False where the call was over already."""
        return self._gate.release(self, Kill())

    def execute_instead(self, program: bytes) -> bool:
        """Write another program's path over that of the one which is about to be executed; arguments stay.

        Returns:
            Whether it was written: not where it is longer than the one that is there, nobody may write into the
            process, or the call is over.
        """
        wanted = self._pathname(0)
        assert wanted is not None
        if len(program) > len(self._look(lambda: self._text(wanted)) or b""):
            return False
        place = self._raw[6 + wanted.index]
        return self._look(lambda: reach.write(self.pid, place, program + b"\0", self.alive)) or False

    def _look(self, at: Callable[[], T]) -> T | None:
        """What `at` finds, if it was the right thread's: the id must be valid after looking (seccomp_unotify(2))."""
        if not self.pid:
            return None
        try:
            found = at()
        except OSError:
            return None
        return found if self.alive() else None

    def _pathname(self, number: int) -> Pathname | None:
        paths = shape_of(self.call).paths
        return paths[number] if number < len(paths) else None

    def _text(self, wanted: Pathname) -> bytes:
        return reach.text(self.pid, self._raw[6 + wanted.index])

    def _directory(self, wanted: Pathname) -> int | None:
        if wanted.directory is None:
            return None
        directory = self.number(wanted.directory)
        return None if directory == reach.AT_FDCWD else directory

    def _flags(self, wanted: Pathname) -> int:
        assert wanted.flags is not None
        if not wanted.pointed:
            return self._raw[6 + wanted.flags]
        (flags,) = struct.unpack("=Q", reach.memory(self.pid, self._raw[6 + wanted.flags], 8))
        return int(flags)

    def _follows(self, wanted: Pathname) -> bool:
        if wanted.flags is None:
            return wanted.follows
        flags = self._flags(wanted)
        return bool(flags & wanted.when) or (wanted.follows and not flags & wanted.unless)


def _folder_of(path: bytes) -> bytes:
    head, slash, _name = path.rstrip(b"/").rpartition(b"/")
    return head or slash or b"."
