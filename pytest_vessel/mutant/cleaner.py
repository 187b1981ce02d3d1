"""Mutants of the clean-up of copies: its locks, and what it takes for unused."""

from __future__ import annotations

import os

from pytest_vessel.mutant.acts import helped, only_open, unlock
from pytest_vessel.mutant.kind import IgnoresPosix
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.collect import Collect, CopyLocking, InUse, NoLockFile
from pytest_vessel.reference.lock import EXCLUSIVE, LOCK_FILE, SHARED
from pytest_vessel.reference.trouble import Busy


@mutant("collects-without-parent-lock")
class CollectsWithoutParentLock(Collect):
    """Cleans up without asking whether somebody makes a copy just now.

    Stands for a cleaner that looks at each copy's lock, and thinks that it has seen all.
    """

    def lock_parent(self) -> int:
        """Only open it."""
        return only_open(self.locking, os.path.join(self.parent, LOCK_FILE), EXCLUSIVE)


@mutant("collects-unlocked")
class CollectsUnlocked(CollectsWithoutParentLock):
    """Deletes all copies without asking for any lock.

    Stands for `rm -rf PARENT/tmp-*`.
    """

    def lock_copy(self, copy: int, path: str) -> int:
        """Do nothing."""
        return -1


@mutant("deletes-under-parent-lock")
class DeletesUnderParentLock(Collect):
    """Cleans up even when the lock on the copies' folder is refused.

    Stands for a lock that is taken as advice.
    """

    def lock_parent(self) -> int:
        """Go on."""
        try:
            return super().lock_parent()
        except Busy:
            return only_open(self.locking, os.path.join(self.parent, LOCK_FILE), EXCLUSIVE)


@mutant("shared-parent-while-deleting")
class SharedParentWhileDeleting(Collect):
    """Locks the copies' folder shared while it cleans up, as one does who makes a copy: neither excludes the other.

    Stands for a lock helper with one mode for all.
    """

    def lock_parent(self) -> int:
        """Ask for less than is needed."""
        return self.locking().take(os.path.join(self.parent, LOCK_FILE), SHARED, create=True)


@mutant("waits-for-parent")
class WaitsForParent(Collect):
    """Waits until nobody makes a copy any more before it cleans up.

    Stands for F_SETLKW where F_SETLK was meant: with many starts a pass, and the start that it is part of, never comes.
    """

    def lock_parent(self) -> int:
        """Wait."""
        return self.locking().take(os.path.join(self.parent, LOCK_FILE), EXCLUSIVE, wait=True, create=True)


@mutant("deletes-locked")
class DeletesLocked(Collect):
    """Deletes a copy though its lock was refused.

    Stands for a return value that nobody looks at.
    """

    def lock_copy(self, copy: int, path: str) -> int:
        """Go on."""
        try:
            return super().lock_copy(copy, path)
        except InUse:
            return -1


@mutant("cleaner-ignores-posix", "*.copy_locking")
class CleanerIgnoresPosix(IgnoresPosix):
    """Deletes a copy that is locked by a POSIX lock only.

    Stands for a check by F_OFD_GETLK that only takes pid -1, an open file description lock, for a holder.
    """


@mutant("cleaner-locks-shared")
class CleanerLocksShared(CopyLocking):
    """Takes a shared lock on a copy as its permission to delete, which the locks of its users do not refuse.

    Stands for "it could be locked, so nobody has it".
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Ask for less than is needed."""
        return super().take(path, SHARED, wait=wait, create=create)


@mutant("waits-for-copy-lock")
class WaitsForCopyLock(CopyLocking):
    """Waits until a copy that is in use is so no more, and keeps everybody from making copies meanwhile.

    Stands for F_SETLKW where F_SETLK was meant: a deadlock as soon as a user of the copy starts something.
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Wait."""
        return super().take(path, kind, wait=True, create=create)


@mutant("unlocks-before-deleting")
class UnlocksBeforeDeleting(Collect):
    """Takes the lock on a copy, drops it, and deletes then: whoever begins in between loses the copy.

    Stands for a function `is_in_use` that tidies up after itself.
    """

    def lock_copy(self, copy: int, path: str) -> int:
        """Drop it."""
        if (lock := super().lock_copy(copy, path)) != -1:
            unlock(lock)
        return lock


@mutant("ignores-ref-link")
class IgnoresRefLink(CopyLocking):
    """Takes a copy whose lock file is reached through a link for one without lock file, and deletes it.

    Stands for lstat(2), or O_NOFOLLOW and "cannot be opened, so not locked".
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Do not follow it."""
        if os.path.islink(path):
            raise NoLockFile
        return super().open(path, kind, create=create)


@mutant("keeps-linked")
class KeepsLinked(CopyLocking):
    """Keeps every copy whose lock file is reached through a link.

    Stands for O_NOFOLLOW and "cannot be opened, so in use": copies of a merged /usr are never cleaned up.
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Do not follow it."""
        if os.path.islink(path):
            raise InUse(path, "is a link")
        return super().open(path, kind, create=create)


@mutant("keeps-dangling")
class KeepsDangling(CopyLocking):
    """Keeps a copy whose lock file is a link to one that is gone.

    Stands for a pass that deletes the lock file early: if it is killed, what is left stays for ever.
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Look what kind of missing it is."""
        try:
            return super().open(path, kind, create=create)
        except NoLockFile:
            if os.path.islink(path):
                raise InUse(path, "leads nowhere") from None
            raise


@mutant("keeps-without-lock-file")
class KeepsWithoutLockFile(CopyLocking):
    """Keeps a copy that has no lock file.

    Stands for "no lock file, so none of ours": what a set-up that was killed has left stays for ever.
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Look what kind of missing it is."""
        try:
            return super().open(path, kind, create=create)
        except NoLockFile:
            if not os.path.lexists(path):
                raise InUse(path, "is missing") from None
            raise


@mutant("helper-keeps-lock")
class HelperKeepsLock(Collect):
    """Has a helper process which keeps the lock on the copies' folder when the pass is killed (at most a minute).

    Stands for `find ... | xargs rm` under a lock that all of them inherit.
    """

    def pass_over(self) -> int:
        """Have it end with us, unless we are killed."""
        return helped(super().pass_over)
