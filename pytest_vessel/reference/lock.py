"""One lock on one file: the heart of the locking model.

Locks are those of fcntl(2), on the whole file. There are two sorts, which see and exclude each other:

- An *open file description lock* (F_OFD_SETLK, Linux 3.15) belongs to the open file. It ends when the last descriptor
  of that open file is closed, whoever has it. This is the sort to use.
- A *POSIX lock* (F_SETLK) belongs to the process. It ends when the process closes *any* descriptor of that file,
  and a child does not inherit it. It is used where the kernel answers EINVAL to the first sort.

flock(2) locks are neither: on a local file system fcntl locks do not see them at all.

A lock is advisory: it protects those who ask. So three things decide whether it protects anybody:
everybody locks the same inode (`Locking.leads_to`), nobody mistakes an error for a lock (`Locking.set_lock` raises),
and nobody begins before the lock is granted (the callers' order).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct

from pytest_vessel.reference.trouble import Busy, Trouble, tell

SHARED = fcntl.F_RDLCK
"""Held by users of a runtime: any number at once."""
EXCLUSIVE = fcntl.F_WRLCK
"""Held by one who deletes: alone."""

LOCK_FILE = ".ref"
"""Name of the lock file at the top of a runtime."""


def whole_file(kind: int) -> bytes:
    """A `struct flock` for the range from 0 to the end of the file, wherever the end will be (length 0)."""
    start = length = holder = 0
    return struct.pack("hhqqi0q", kind, os.SEEK_SET, start, length, holder)


class Locking:
    """How a lock is taken, step by step. `take` is the order of the steps.

    `follow`: whether the lock file may be reached through a symbolic link. A runtime's own `.ref` may not: who made
    the runtime could make us lock, or create, a file elsewhere. A path that a user typed may.
    """

    def __init__(self, *, follow: bool = False) -> None:
        self.follow = follow

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Lock the file at `path`; returns the descriptor that holds the lock.

        The descriptor is not inherited by programs that are executed: one that got it could drop the lock for us.

        Raises:
            Busy: somebody else's lock excludes ours, and `wait` is false.
            Trouble: the file is missing (and `create` is false), is no regular file, or cannot be opened or locked.
        """
        while True:
            descriptor = self.open(path, kind, create=create)
            self.lock(descriptor, path, kind, wait=wait)
            if self.leads_to(path, descriptor):
                return descriptor
            os.close(descriptor)

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Open a regular file for the lock: for reading if the lock is shared, since then no more is needed.

        Nothing can be blocked or caused by the opening: a FIFO does not wait for its other end (O_NONBLOCK).
        """
        while True:
            try:
                descriptor = os.open(path, self.open_flags(kind))
            except FileNotFoundError:
                if not create:
                    raise Trouble(f"{path}: there is no such lock file") from None
                try:
                    return self.create(path)
                except FileExistsError:
                    if os.path.islink(path):
                        raise Trouble(f"{path}: is a symbolic link that leads nowhere") from None
                    continue  # somebody else was faster: theirs is as good
            except OSError as problem:
                raise self.cannot_open(path, problem) from None
            self.check_regular(path, descriptor)
            return descriptor

    def open_flags(self, kind: int) -> int:
        """What open(2) is told. A write lock needs a descriptor that may write (fcntl(2): EBADF)."""
        access = os.O_RDONLY if kind == SHARED else os.O_RDWR
        return access | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | (0 if self.follow else os.O_NOFOLLOW)

    def create(self, path: str) -> int:
        """Create the lock file: readable for all, since others must be able to lock it, too.

        O_EXCL: the file is ours and new, or `FileExistsError`; a link is never followed.
        """
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.mode())
        except FileExistsError:
            raise
        except OSError as problem:
            raise Trouble(f"{path}: is missing and cannot be created: {problem.strerror}") from None

    def mode(self) -> int:
        """The permissions of a new lock file, before the umask."""
        return 0o644

    def cannot_open(self, path: str, problem: OSError) -> Trouble:
        """Say why the lock file could not be opened."""
        if problem.errno == errno.ELOOP and not self.follow:
            return Trouble(f"{path}: is a symbolic link; the lock file must be a regular file")
        return Trouble(f"{path}: cannot be opened: {problem.strerror}")

    def check_regular(self, path: str, descriptor: int) -> None:
        """Refuse folders, FIFOs and devices: others would not agree with us on what a lock on them means."""
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Trouble(f"{path}: is no regular file, so it cannot be the lock file")

    def lock(self, descriptor: int, path: str, kind: int, *, wait: bool) -> None:
        """Get the lock, or raise. First without waiting, so that a user is told before we wait.

        EAGAIN and EACCES mean that somebody else has the file; any other error means that *nobody knows*, and
        is never taken for a lock. EINTR does not get here: Python repeats the call (PEP 475).
        """
        try:
            try:
                self.set_lock(descriptor, kind, wait=False)
            except (BlockingIOError, PermissionError):
                if not wait:
                    raise
                tell(f"{path}: in use; waiting until it is free")
                self.set_lock(descriptor, kind, wait=True)
        except (BlockingIOError, PermissionError):
            raise self.busy(path, kind) from None
        except OSError as problem:
            raise self.cannot_lock(path, problem) from None

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Ask the kernel: for an open file description lock, and where there is no such thing for a POSIX lock."""
        try:
            command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
            fcntl.fcntl(descriptor, command, self.range(kind))
        except OSError as problem:
            if problem.errno != errno.EINVAL:
                raise
            command = fcntl.F_SETLKW if wait else fcntl.F_SETLK
            fcntl.fcntl(descriptor, command, self.range(kind))

    def range(self, kind: int) -> bytes:
        """Which part of the file is locked: all of it."""
        return whole_file(kind)

    def busy(self, path: str, kind: int) -> Busy:
        """Say that the lock was refused."""
        holder = "somebody holds an exclusive lock" if kind == SHARED else "somebody holds a lock"
        return Busy(path, f"in use: {holder}")

    def cannot_lock(self, path: str, problem: OSError) -> Trouble:
        """Say that the kernel gave an error instead of a lock."""
        return Trouble(f"{path}: cannot be locked: {problem.strerror}")

    def leads_to(self, path: str, descriptor: int) -> bool:
        """Whether `path` still leads to the file that we locked.

        Between our open and our lock somebody may have deleted or replaced it; then our lock protects a file that
        nobody else will ever lock. Looked at with stat(2), since opening and closing it again would end a POSIX lock.
        """
        try:
            found = os.stat(path, follow_symlinks=self.follow)
        except OSError:
            return False
        locked = os.fstat(descriptor)
        return (found.st_dev, found.st_ino) == (locked.st_dev, locked.st_ino)
