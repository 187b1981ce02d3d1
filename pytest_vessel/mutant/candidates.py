"""Mutants of the clean-up of copies: what it takes for a copy, what it touches, what it says."""

from __future__ import annotations

import os
import signal
import stat

from pytest_vessel.mutant.acts import is_near
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.collect import COPIES, Collect, CopyLocking
from pytest_vessel.reference.lock import LOCK_FILE, Locking
from pytest_vessel.reference.remove import delete_tree
from pytest_vessel.reference.trouble import Trouble


@mutant("keeps-everything")
class KeepsEverything(Collect):
    """Deletes nothing.

    Stands for the cleaner that is right for the wrong reason: it never harms anybody, and the disk is full.
    """

    def candidates(self) -> list[str]:
        """Find none."""
        return []


@mutant("deletes-any-name")
class DeletesAnyName(Collect):
    """Takes every folder beside the copies for one.

    Stands for a folder that is thought to be the implementation's own: the user's `keep` goes with the rest.
    """

    def candidates(self) -> list[str]:
        """Find them all."""
        return [name for name in sorted(os.listdir(self.folder)) if self.is_folder(name)]


@mutant("deletes-files")
class DeletesFiles(Collect):
    """Deletes plain files that are called like copies.

    Stands for `rm -rf tmp-*`.
    """

    def candidates(self) -> list[str]:
        """Delete them at once."""
        for name in os.listdir(self.folder):
            if name.startswith(COPIES) and stat.S_ISREG(os.lstat(name, dir_fd=self.folder).st_mode):
                os.unlink(name, dir_fd=self.folder)
        return super().candidates()


@mutant("follows-candidate-symlink")
class FollowsCandidateSymlink(Collect):
    """Takes a link that is called like a copy for one, and deletes what it leads to (never far from PARENT).

    Stands for opendir(3) of a path that nobody has looked at with lstat(2).
    """

    def candidates(self) -> list[str]:
        """Delete what is behind links at once."""
        for name in os.listdir(self.folder):
            target = os.path.realpath(path := os.path.join(self.parent, name))
            is_link = name.startswith(COPIES) and os.path.islink(path) and os.path.isdir(target)
            if is_link and is_near(self.parent, target):
                delete_tree(target, last=LOCK_FILE)
        return super().candidates()


@mutant("follows-inner-symlinks")
class FollowsInnerSymlinks(Collect):
    """Deletes the files of folders that links in a copy lead to (never far from PARENT).

    Stands for a recursion with stat(2) where lstat(2) was meant.
    """

    def delete(self, name: str) -> None:
        """Delete what is behind links first."""
        for folder, inner, _ in os.walk(os.path.join(self.parent, name)):
            for link in (os.path.join(folder, entry) for entry in inner):
                if os.path.islink(link) and is_near(self.parent, link):
                    for entry in os.scandir(link):
                        if entry.is_file(follow_symlinks=False):
                            os.unlink(entry.path)
        super().delete(name)


@mutant("opens-outside-ref")
class OpensOutsideRef(CopyLocking):
    """Follows the lock file of a copy out of it, and creates or empties what it leads to.

    Stands for `exec 9> "$copy/.ref"`: who makes a copy chooses a file of the cleaner's user to create, or to lose.
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Open whatever it is."""
        try:
            descriptor = os.open(path, self.open_flags(kind) | os.O_CREAT | os.O_TRUNC, self.mode())
        except OSError as problem:
            raise self.cannot_open(path, problem) from None
        self.check_regular(path, descriptor)
        return descriptor

    def leads_to(self, path: str, descriptor: int) -> bool:
        """Look at it in the same way."""
        return Locking.leads_to(self, path, descriptor)


@mutant("hangs-on-fifo")
class HangsOnFifo(CopyLocking):
    """Hangs when the lock file of a copy is a FIFO: opening one waits for its other end.

    Stands for an open(2) without O_NONBLOCK of a file whose kind nobody has looked at.
    """

    def open_flags(self, kind: int) -> int:
        """Wait in open(2). With O_RDWR it would not."""
        return os.O_WRONLY | os.O_CLOEXEC


@mutant("waits-for-lock-file")
class WaitsForLockFile(CopyLocking):
    """Waits where the lock file of a copy cannot be opened.

    Stands for an inotify(7) watch for a file that is about to be made: a folder never becomes one.
    """

    def open(self, path: str, kind: int, *, create: bool) -> int:
        """Wait for a signal that nobody sends."""
        try:
            return super().open(path, kind, create=create)
        except Trouble:
            signal.pause()
            raise


@mutant("stops-at-undeletable")
class StopsAtUndeletable(Collect):
    """Ends the pass at the first copy that cannot be deleted.

    Stands for `set -e`: one file that is another user's, and nothing is cleaned up any more.
    """

    def try_to_collect(self, name: str) -> int:
        """Stop."""
        if status := super().try_to_collect(name):
            raise Trouble(f"{os.path.join(self.parent, name)}: nothing more is cleaned up", status)
        return status


@mutant("silent-undeletable")
class SilentUndeletable(Collect):
    """Passes over a copy that cannot be deleted without a word.

    Stands for `rm -rf ... 2>/dev/null`: the disk fills up and nobody knows why.
    """

    def collect(self, name: str, path: str) -> None:
        """Say nothing."""
        try:
            super().collect(name, path)
        except OSError:
            pass
