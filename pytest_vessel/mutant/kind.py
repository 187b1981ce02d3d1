"""Mutants that take the wrong kind of lock, or take an error for a lock. For `run`, `copy` and `lock`."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.lock import SHARED, Locking, whole_file
from pytest_vessel.reference.trouble import Busy, Trouble

_libc = ctypes.CDLL(None, use_errno=True)


@mutant("unlocked", "run", "copy", "lock")
class Unlocked(Locking):
    """Takes no lock at all, and never opens the lock file.

    Stands for a runtime that knows nothing of the model: runc, chroot, a plain bwrap without --lock-file.
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Open something else."""
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


@mutant("flock-instead", "run", "copy", "lock")
class FlockInstead(Locking):
    """Locks with flock(2), which fcntl locks neither see nor exclude.

    Stands for every shell script that wraps a runtime in flock(1).
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Take the other family's lock."""
        operation = fcntl.LOCK_SH if kind == SHARED else fcntl.LOCK_EX
        fcntl.flock(descriptor, operation if wait else operation | fcntl.LOCK_NB)


@mutant("posix-only", "run", "copy", "lock")
class PosixOnly(Locking):
    """Takes a POSIX lock though the kernel has open file description locks.

    Stands for programs written before Linux 3.15, and for lockf(3): a close elsewhere in the process ends the lock.
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Skip the better sort."""
        fcntl.fcntl(descriptor, fcntl.F_SETLKW if wait else fcntl.F_SETLK, self.range(kind))


@mutant("locks-one-byte", "run", "copy", "lock")
class LocksOneByte(Locking):
    """Locks only the first byte of the file.

    Stands for a length of 1 where 0, "to the end", was meant.
    """

    def range(self, kind: int) -> bytes:
        """Give the length 1."""
        return first_byte(kind)


@mutant("no-fallback", "run", "copy", "lock")
class NoFallback(Locking):
    """Fails where the kernel has no open file description locks.

    Stands for a program that was never run on an old kernel.
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Ask once."""
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, self.range(kind))


@mutant("fallback-unlocked", "run", "copy", "lock")
class FallbackUnlocked(NoFallback):
    """Goes on without a lock where the kernel has no open file description locks.

    Stands for "locking is not supported here, so never mind".
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Take EINVAL for consent."""
        try:
            super().set_lock(descriptor, kind, wait=wait)
        except OSError as problem:
            if problem.errno != errno.EINVAL:
                raise


@mutant("eintr-is-success", "run", "copy", "lock")
class EintrIsSuccess(Locking):
    """Takes an interrupted lock call for a granted lock.

    Stands for C programs that test `errno == EAGAIN` for busy, and take all else as it comes.
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Call fcntl(2) directly: Python's own would repeat the call."""
        commands = (fcntl.F_OFD_SETLKW, fcntl.F_SETLKW) if wait else (fcntl.F_OFD_SETLK, fcntl.F_SETLK)
        for command in commands:
            if _libc.fcntl(descriptor, command, self.range(kind)) == 0:
                return
            if (number := ctypes.get_errno()) == errno.EINTR:
                return
            if number != errno.EINVAL:
                raise OSError(number, os.strerror(number))


@mutant("ignores-lock-errors", "run", "copy", "lock")
class IgnoresLockErrors(Locking):
    """Goes on without a lock when the lock call fails with anything but "busy".

    Stands for a return value that is only compared with EAGAIN: ENOLCK on a network file system goes unseen.
    """

    def cannot_lock(self, path: str, problem: OSError) -> Trouble:
        """Raise something that `lock` takes for nothing."""
        raise _NeverMind

    def lock(self, descriptor: int, path: str, kind: int, *, wait: bool) -> None:
        """Take an error for a lock."""
        try:
            super().lock(descriptor, path, kind, wait=wait)
        except _NeverMind:
            pass


class _NeverMind(Exception):
    pass


@mutant("nameless-errors", "run", "copy", "lock")
class NamelessErrors(Locking):
    """Says that a lock cannot be had, but not on which file.

    Stands for `perror("fcntl")`: the user knows that something is wrong, and cannot do anything about it.
    """

    def cannot_lock(self, path: str, problem: OSError) -> Trouble:
        """Leave the path out."""
        return Trouble(f"cannot lock: {problem.strerror}")


@mutant("ignores-posix", "run", "copy", "lock")
class IgnoresPosix(Locking):
    """Goes on without a lock when the lock that excludes it is a POSIX one.

    Stands for a check by F_OFD_GETLK that only takes pid -1, an open file description lock, for a holder.
    """

    def lock(self, descriptor: int, path: str, kind: int, *, wait: bool) -> None:
        """Look at who has the lock; a POSIX holder in another pid namespace shows as 0."""
        try:
            super().lock(descriptor, path, kind, wait=wait)
        except Busy:
            answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, whole_file(kind))
            if struct.unpack("hhqqi0q", answer)[4] == -1:
                raise


def first_byte(kind: int) -> bytes:
    """A `struct flock` for the first byte."""
    return struct.pack("hhqqi0q", kind, os.SEEK_SET, 0, 1, 0)
