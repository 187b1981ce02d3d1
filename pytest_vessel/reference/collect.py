"""Cleaning up: deleting the mutable copies that nobody uses.

Two locks, both exclusive, and neither is waited for:

- PARENT/.ref, for the whole pass. While a copy is made its maker holds a shared lock there; so each copy that we find
  is complete and locked, or was left behind. Somebody holds it: not now.
- COPY/.ref, from the decision until the copy is gone. Whoever runs in it holds a shared lock. Somebody holds it, or
  nobody can say: the copy stays, whole.

A copy keeps its name while it is deleted, and its entry `.ref` goes last: a pass that is killed leaves something that
the next pass finds and deletes.
"""

from __future__ import annotations

import errno
import os
import stat

from pytest_vessel.reference import kernel
from pytest_vessel.reference.lock import EXCLUSIVE, LOCK_FILE, Locking
from pytest_vessel.reference.remove import FOLDER, RemovalLocking, delete_tree, mount_id
from pytest_vessel.reference.trouble import FAILED, Busy, Trouble, tell

COPIES = "tmp-"
"""What the names of copies begin with. Nothing else in PARENT is ours."""


class NoLockFile(Exception):
    """A copy has none, or a link to one that is gone. Nobody can have locked it, so nobody uses the copy."""


class InUse(Busy):
    """Somebody has locked the copy. So it should be: nothing to say."""


class CopyLocking(RemovalLocking):
    """The lock file of one copy. It may be a link within the copy, as `.ref -> usr/.ref` is, but not out of it.

    Args:
        copy: a descriptor of the copy's folder.
    """

    def __init__(self, copy: int) -> None:
        super().__init__(follow=True)
        self.copy = copy

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Open the lock file, never outside the copy. It is not created: a copy without it can be deleted as it is."""
        try:
            descriptor = kernel.open_beneath(self.copy, LOCK_FILE, self.open_flags(kind))
        except FileNotFoundError:
            raise NoLockFile from None
        except OSError as problem:
            raise self.cannot_open(path, problem) from None
        self.check_regular(path, descriptor)
        return descriptor

    def cannot_open(self, path: str, problem: OSError) -> Trouble:
        """Say that it leads out of the copy."""
        if problem.errno == errno.EXDEV:
            return Trouble(f"{path}: leads out of the copy")
        return super().cannot_open(path, problem)

    def busy(self, path: str, kind: int) -> Busy:
        """Say that it is locked, which is another thing than that nobody can say."""
        return InUse(path, "in use")

    def leads_to(self, path: str, descriptor: int) -> bool:
        """Look at the file without really opening it (O_PATH): closing that ends no lock."""
        try:
            found = kernel.open_beneath(self.copy, LOCK_FILE, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return os.path.sameopenfile(found, descriptor)
        finally:
            os.close(found)


class Collect:
    """One pass over PARENT. `start` is the order of the steps, `collect` that for each copy."""

    locking: type[Locking] = RemovalLocking
    copy_locking: type[CopyLocking] = CopyLocking

    def __init__(self, parent: str) -> None:
        self.parent = os.path.abspath(parent)
        self.lock = self.folder = -1

    def start(self) -> int:
        """Delete the copies that nobody uses; returns 0, also for "not now", and 1 if one could not be deleted.

        Raises:
            Trouble: the lock on PARENT cannot be had, and not because it is in use. Nothing was touched.
        """
        if not os.path.isdir(self.parent):
            tell(f"{self.parent}: there is no such folder, so nothing to clean up")
            return 0
        try:
            self.lock = self.lock_parent()
        except Busy as busy:
            tell(f"{busy}; nothing is cleaned up now")
            return 0
        try:
            return self.pass_over()
        finally:
            os.close(self.lock)

    def lock_parent(self) -> int:
        """Take the exclusive lock on PARENT/.ref without waiting: from now on nobody makes a copy."""
        return self.locking().take(os.path.join(self.parent, LOCK_FILE), EXCLUSIVE, create=True)

    def pass_over(self) -> int:
        """Try each copy; one that cannot be deleted does not keep us from the others."""
        self.folder = os.open(self.parent, FOLDER & ~os.O_NOFOLLOW)
        status = 0
        try:
            for name in self.candidates():
                status = max(status, self.try_to_collect(name))
        finally:
            os.close(self.folder)
        return status

    def candidates(self) -> list[str]:
        """Names of the folders that look like copies; a file or a link with such a name is none."""
        return [name for name in sorted(os.listdir(self.folder)) if name.startswith(COPIES) and self.is_folder(name)]

    def is_folder(self, name: str) -> bool:
        """Whether an entry is a folder, not a link to one."""
        try:
            return stat.S_ISDIR(os.lstat(name, dir_fd=self.folder).st_mode)
        except FileNotFoundError:  # its owner was faster
            return False

    def try_to_collect(self, name: str) -> int:
        """Collect one copy; says why it could not be deleted, and returns the status of that."""
        path = os.path.join(self.parent, name)
        try:
            self.collect(name, path)
        except InUse:
            return 0
        except Busy as busy:
            tell(busy)
        except Trouble as trouble:
            tell(f"{path}: is kept, since nobody can say whether it is in use: {trouble}")
            return FAILED
        except (OSError, RecursionError) as problem:
            tell(f"{path}: cannot be deleted whole: {problem}")
            return FAILED
        return 0

    def collect(self, name: str, path: str) -> None:
        """Lock one copy, and delete it while it is locked."""
        copy = self.open_copy(name)
        lock = -1
        try:
            lock = self.lock_copy(copy, path)
            self.delete(name)
        finally:
            os.close(copy)
            if lock != -1:
                os.close(lock)

    def open_copy(self, name: str) -> int:
        """Open the folder of a copy. One that is a mount is not ours, whatever its name."""
        copy = os.open(name, FOLDER, dir_fd=self.folder)
        if mount_id(copy) != mount_id(self.folder):
            os.close(copy)
            raise OSError(errno.EBUSY, "something is mounted there; unmount it first", name)
        return copy

    def lock_copy(self, copy: int, path: str) -> int:
        """Take the exclusive lock on a copy without waiting; -1 where there is nothing to lock."""
        try:
            return self.copy_locking(copy).take(os.path.join(path, LOCK_FILE), EXCLUSIVE)
        except NoLockFile:
            return -1

    def delete(self, name: str) -> None:
        """Delete a copy; the entry `.ref` goes last, so that a later pass knows as much as we do."""
        delete_tree(name, last=LOCK_FILE, folder=self.folder)
