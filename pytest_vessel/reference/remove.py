"""Deleting a runtime, and never one that is in use.

The exclusive lock on SRC/.ref is the permission to delete: whoever uses the runtime holds a shared one, and whoever
wants to begin is refused while we hold ours. It is held from the decision until the runtime is gone, since
a lock that was only tested says nothing about the moment after the test.

First the runtime is renamed: from then on nobody finds it, whatever becomes of us. The lock file goes last: while
anything of the tree is left, so is the file that tells others about us.
"""

from __future__ import annotations

import errno
import os
import stat

from pytest_vessel.reference.lock import EXCLUSIVE, LOCK_FILE, Locking
from pytest_vessel.reference.trouble import Busy, Trouble

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class RemovalLocking(Locking):
    """A lock file that may not be written to cannot be locked exclusively; so nobody can say that it is not in use."""

    def cannot_open(self, path: str, problem: OSError) -> Trouble:
        """Treat such a file as in use."""
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return Busy(path, f"treated as in use: it cannot be opened for writing ({problem.strerror})")
        return super().cannot_open(path, problem)


class Remove:
    """The removal of one runtime. `start` is the order of the steps."""

    locking: type[Locking] = RemovalLocking

    def __init__(self, runtime: str) -> None:
        self.runtime = os.path.abspath(runtime)
        self.lock_file = os.path.join(self.runtime, LOCK_FILE)
        self.lock = -1

    def start(self) -> int:
        """Delete the runtime; returns 0 when it is gone.

        Raises:
            Busy: it is in use, or nobody can say that it is not. Nothing was touched.
            Trouble: there is no such runtime, or a part of it cannot be deleted. What is left lies beside it, as
                `.removed-XXXXXXXX`, and can be removed in the same way.
        """
        if os.path.islink(self.runtime) or not os.path.isdir(self.runtime):
            raise Trouble(f"{self.runtime}: there is no such runtime, or it is only a link to one")
        self.lock = self.take_lock()
        aside = self.rename_aside()
        try:
            delete_tree(aside, last=LOCK_FILE)
        except OSError as problem:
            raise Trouble(f"{aside}: cannot be deleted whole: {problem}") from None
        return 0

    def take_lock(self) -> int:
        """Take the exclusive lock without waiting. A missing lock file is made first: else there is nothing to lock."""
        return self.locking().take(self.lock_file, EXCLUSIVE, create=True)

    def rename_aside(self) -> str:
        """Take the runtime's name away, within its folder; returns the new path. The name is new to everybody."""
        aside = os.path.join(os.path.dirname(self.runtime), f".removed-{os.urandom(4).hex()}")
        try:
            os.rename(self.runtime, aside)
        except OSError as problem:
            raise Trouble(f"{self.runtime}: cannot be deleted: {problem.strerror}") from None
        return aside


def delete_tree(path: str, *, last: str, folder: int | None = None) -> None:
    """Delete a folder and all in it, the entry `last` at the end; `path` may count from the descriptor `folder`.

    No link is followed and no mount is entered: what is behind them is not ours.

    Raises:
        OSError: something cannot be deleted, or something is mounted there (EBUSY); the rest stays.
    """
    top = os.open(path, FOLDER, dir_fd=folder)
    try:
        _delete_content(top, path, mount=mount_id(top), last=last)
        if last in os.listdir(top):
            os.unlink(last, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(path, dir_fd=folder)


def _delete_content(folder: int, path: str, *, mount: str, last: str = "") -> None:
    for name in os.listdir(folder):
        if name == last:
            continue
        if not stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            os.unlink(name, dir_fd=folder)
            continue
        inner, inner_path = os.open(name, FOLDER, dir_fd=folder), os.path.join(path, name)
        try:
            if mount_id(inner) != mount:
                raise OSError(errno.EBUSY, "something is mounted there; unmount it first", inner_path)
            _delete_content(inner, inner_path, mount=mount)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=folder)


def mount_id(descriptor: int) -> str:
    """Which mount an open file belongs to (proc_pid_fdinfo(5)). Device numbers do not tell bind mounts apart."""
    with open(f"/proc/self/fdinfo/{descriptor}") as lines:
        for line in lines:
            if line.startswith("mnt_id:"):
                return line.split()[1]
    raise OSError(errno.ENOSYS, "the kernel does not say to which mount a file belongs")
