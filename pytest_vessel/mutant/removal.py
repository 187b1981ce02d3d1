"""Mutants that delete a runtime which is in use; some of them copies, too."""

from __future__ import annotations

import fcntl
import os
import struct

from pytest_vessel.mutant.acts import helped
from pytest_vessel.mutant.kind import IgnoresLockErrors, first_byte
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.remove import RemovalLocking, Remove
from pytest_vessel.reference.trouble import Busy


@mutant("removes-unlocked")
class RemovesUnlocked(Remove):
    """Deletes a runtime without asking for any lock.

    Stands for `rm -rf`.
    """

    def take_lock(self) -> int:
        """Do nothing."""
        return -1


@mutant("removal-helper-keeps-lock")
class RemovalHelperKeepsLock(Remove):
    """Has a helper process which keeps the lock on the runtime when the removal is killed (at most a minute).

    Stands for `mv` or `rm` run by a shell that has the lock file open.
    """

    def rename_aside(self) -> str:
        """Have it end with us, unless we are killed."""
        return helped(super().rename_aside)


@mutant("deletes-on-lock-error", "remove.locking", "*.copy_locking")
class DeletesOnLockError(IgnoresLockErrors, RemovalLocking):
    """Deletes what it could not lock, where the lock call fails with anything but "busy".

    Stands for "there are no locks on this file system, so nobody can have one".
    """


@mutant("tests-first-byte", "remove.locking", "*.copy_locking")
class SeesFirstByteOnly(RemovalLocking):
    """Locks only the first byte of the lock file, and so does not see users who locked another part.

    Stands for a cleaner that expects every user to lock as it does itself.
    """

    def range(self, kind: int) -> bytes:
        """Give the length 1."""
        return first_byte(kind)


@mutant("tests-then-deletes", "remove.locking", "*.copy_locking")
class AsksThenDeletes(RemovalLocking):
    """Asks whether the lock is free, and deletes without having it: whoever begins in between loses the runtime.

    Stands for a check with F_GETLK, lslocks(8) or fuser(1).
    """

    def set_lock(self, descriptor: int, kind: int, *, wait: bool) -> None:
        """Ask, and do not take."""
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, self.range(kind))
        if struct.unpack("hhqqi0q", answer)[0] != fcntl.F_UNLCK:
            raise BlockingIOError


@mutant("unwritable-means-unused", "remove.locking", "*.copy_locking")
class UnwritableMeansUnused(RemovalLocking):
    """Deletes a runtime whose lock file it may not open for writing.

    Stands for a cleaner that counts "the lock cannot be tried" as "nobody has the lock".
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Take want of permission for want of users."""
        try:
            return super().take(path, kind, wait=wait, create=create)
        except Busy:
            if os.access(path, os.W_OK):
                raise
            return -1
