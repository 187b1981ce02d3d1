"""What was seen of system calls: the complete log of one command and of all that it started.

Strings are file system strings: bytes that are no UTF-8 are surrogates (`os.fsencode` gives the bytes back).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pytest_vessel.observation.process import Ending

AT_FDCWD = -100
"""In place of a descriptor: the working directory."""


@dataclass(frozen=True)
class Argument:
    """One argument of a system call.

    Attributes:
        text: the whole argument as strace writes it, with readable strings: `O_RDONLY|O_CLOEXEC`, `3</etc>`.
        strings: every string in it, in order: one for a path, all for `["ls", "-l"]` or for buffers.
        truncated: a string in it was longer than the tracer was told to read.
        descriptor: its number, where the argument is one; `AT_FDCWD` for the working directory.
        path: where that descriptor led when the call was written: a path, or a name such as `pipe:[7]`.
        deleted: what it led to had no name any more.
    """

    text: str
    strings: tuple[str, ...] = ()
    truncated: bool = False
    descriptor: int | None = None
    path: str | None = None
    deleted: bool = False

    @property
    def string(self) -> str | None:
        """The string, where the argument is one string and nothing else."""
        return self.strings[0] if self.text.startswith('"') and len(self.strings) == 1 else None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Named:
    """A name that a call was given, with the folder that it is relative to.

    `folder`: what the call's own directory descriptor, or its AT_FDCWD, led to; None where the call has none, and
    the name, when relative, starts at a working directory that the call does not show.
    """

    name: str
    folder: str | None = None

    @property
    def absolute(self) -> bool:
        """Whether it was spelt as an absolute path."""
        return self.name.startswith("/")

    @property
    def path(self) -> str | None:
        """The path, neither normalised nor resolved; None where the folder is not known."""
        if self.absolute or self.folder is None:
            return self.name if self.absolute else None
        return f"{self.folder.rstrip('/')}/{self.name}" if self.name else self.folder


@dataclass(frozen=True)
class Call:
    """One system call.

    Attributes:
        pid: the thread that made it, as the tracer numbers it.
        name: as strace names it (`openat`; `syscall_0x225` for one that it does not know).
        args: as many as strace shows; of a call that never came back, maybe only the first ones.
        returned: the result, a negative one with its `errno`; None: it never came back (exit, kill, exec elsewhere),
            or the kernel was to start it again.
        errno: `ENOENT`, also `ERESTARTSYS` and the like where a signal interrupted it; None without an error.
        note: what strace says of the result beyond that: `Timeout`, `flags FD_CLOEXEC`, `[{fd=3, revents=POLLIN}]`.
        path: where the descriptor that it returned leads.
        entered, left: lines of the log, from 1, on which it began and ended; `left` None: it never ended.
        started_s: when it began, on the monotonic clock, since the first line.
        duration_s: how long it took, the tracer's own stops included; None where it never came back.
    """

    pid: int
    name: str
    args: tuple[Argument, ...]
    returned: int | None
    entered: int
    left: int | None
    started_s: float
    duration_s: float | None = None
    errno: str | None = None
    note: str = ""
    path: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it came back without an error."""
        return self.returned is not None and self.errno is None

    @property
    def names(self) -> tuple[Named, ...]:
        """Every whole-string argument, with the descriptor before it as its folder.

        Not only pathnames: `write(1, "x", 1)` has one too, below what descriptor 1 leads to. Choose calls first.
        """
        return tuple(_names(self.args))

    def before(self, other: Call) -> bool:
        """Whether it had ended when the other began; False for two that overlapped."""
        return self.left is not None and self.left < other.entered

    def __str__(self) -> str:
        result = "?" if self.returned is None else str(self.returned)
        target = "" if self.path is None else f"<{self.path if self.path.isprintable() else ascii(self.path)}>"
        words = [f"{self.name}({', '.join(map(str, self.args))}) = {result}{target}", self.errno or ""]
        return " ".join(word for word in (*words, f"({self.note})" if self.note else "") if word)


def _names(args: tuple[Argument, ...]) -> Iterator[Named]:
    for before, argument in pairwise((Argument(""), *args)):
        if argument.string is not None:
            yield Named(argument.string, before.path if before.descriptor is not None else None)


@dataclass(frozen=True)
class Signal:
    """A signal that a thread was given (`details`: the siginfo as strace writes it), or that stopped it (none)."""

    pid: int
    name: str
    details: str
    line: int
    at_s: float


@dataclass(frozen=True)
class Exit:
    """The end of a thread: exit status, or the name of the signal that killed it."""

    pid: int
    status: int | None
    signal: str | None
    line: int
    at_s: float


@dataclass(frozen=True)
class Superseded:
    """Thread `by` called execve in a process of several threads, and became `pid`, its leader (execve(2))."""

    pid: int
    by: int
    line: int
    at_s: float


@dataclass(frozen=True)
class Trace:
    """The log of one command, from its own execve to the end of its last descendant.

    Attributes:
        calls: in the order in which they began.
        signals, exits, superseded: in the order in which the tracer saw them.
        unread: lines that are none of these, as strace wrote them; empty unless something is wrong.
        cut: the log ends in the middle: the tracer was ended, or the log grew over its bound.
        ending: how the command ended; None for a log that was only read.
    """

    calls: tuple[Call, ...]
    signals: tuple[Signal, ...] = ()
    exits: tuple[Exit, ...] = ()
    superseded: tuple[Superseded, ...] = ()
    unread: tuple[str, ...] = ()
    cut: bool = False
    ending: Ending | None = None

    @property
    def complete(self) -> bool:
        """Whether every line was understood and none is missing. What is absent from another one proves nothing."""
        return not self.unread and not self.cut

    def named(self, *names: str) -> tuple[Call, ...]:
        """The calls of these names, in order."""
        return tuple(call for call in self.calls if call.name in names)

    def by(self, pid: int) -> tuple[Call, ...]:
        """The calls of one thread, in order."""
        return tuple(call for call in self.calls if call.pid == pid)
