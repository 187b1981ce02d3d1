"""The argument of fcntl lock calls, `struct flock`, as a fact. Source: fcntl(2), fcntl_locking(2). Pure."""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from typing import Final

from pytest_vessel.system.syscalls import I386

# the 64-bit commands of 32-bit programs, and what they are called everywhere else
_WIDE: Final = {12: fcntl.F_GETLK, 13: fcntl.F_SETLK, 14: fcntl.F_SETLKW}
_OFD: Final = (fcntl.F_OFD_GETLK, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW)
COMMANDS: Final = frozenset((fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, *_WIDE, *_OFD))
"""Every fcntl command that works on locks, of any ABI."""

_NATIVE, _NARROW_I386, _WIDE_I386 = struct.Struct("=hh4xqqi4x"), struct.Struct("=hhiii"), struct.Struct("=hhqqi")


@dataclass(frozen=True)
class Lock:
    """What a lock call asks for.

    `command`: fcntl.F_SETLK, F_OFD_SETLKW, ... (F_SETLK for the F_SETLK64 of 32-bit programs too). `type`: F_RDLCK,
    F_WRLCK or F_UNLCK. `start` and `length` in bytes from `whence`; length 0: to the end of the file.
    """

    command: int
    type: int
    whence: int
    start: int
    length: int
    pid: int

    @property
    def ofd(self) -> bool:
        """Belongs to the open file description, not to the process."""
        return self.command in _OFD

    @property
    def asks(self) -> bool:
        """Only looks who is in the way."""
        return self.command in (fcntl.F_GETLK, fcntl.F_OFD_GETLK)

    @property
    def waits(self) -> bool:
        """Blocks until the lock is free."""
        return self.command in (fcntl.F_SETLKW, fcntl.F_OFD_SETLKW)

    @property
    def whole(self) -> bool:
        """Covers the whole file."""
        return (self.whence, self.start, self.length) == (os.SEEK_SET, 0, 0)


def layout(audit: int, command: int) -> struct.Struct:
    """How the structure lies in the memory of a program of that ABI (AUDIT_ARCH_*)."""
    if audit != I386.audit:
        return _NATIVE
    return _WIDE_I386 if command in _WIDE or command in _OFD else _NARROW_I386


def decode(audit: int, command: int, content: bytes) -> Lock:
    """The fact; raises struct.error where `content` is not as long as `layout` says."""
    return Lock(_WIDE.get(command, command), *layout(audit, command).unpack(content))
