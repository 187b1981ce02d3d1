"""Mutants of the clean-up of copies: what it does beside deleting them, and what keeps it from going on."""

from __future__ import annotations

import os
import stat

from pytest_vessel.mutant.kind import IgnoresPosix
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.collect import Collect, InUse
from pytest_vessel.reference.lock import LOCK_FILE


@mutant("removes-parent-lock-file")
class RemovesParentLockFile(Collect):
    """Deletes PARENT/.ref when the pass is over: who has opened it before locks a file that nobody else will find.

    Stands for `trap 'rm -f "$lock"' EXIT`.
    """

    def pass_over(self) -> int:
        """Tidy up."""
        try:
            return super().pass_over()
        finally:
            os.unlink(os.path.join(self.parent, LOCK_FILE))


@mutant("makes-writable-first")
class MakesWritableFirst(Collect):
    """Makes all files of a copy writable before it deletes them; by hard links they are those of the runtime, too.

    Stands for `chmod -R u+w` before `rm -rf`.
    """

    def delete(self, name: str) -> None:
        """Change modes first."""
        for folder, _, files in os.walk(os.path.join(self.parent, name)):
            for path in (os.path.join(folder, file) for file in files):
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode):
                    os.chmod(path, stat.S_IMODE(mode) | stat.S_IWUSR)
        super().delete(name)


class Stop(Exception):
    """A copy is in use."""


@mutant("stops-at-used")
class StopsAtUsed(Collect):
    """Ends the pass at the first copy that is in use.

    Stands for a `return` where `continue` was meant: while one container runs, nothing behind it is cleaned up.
    """

    def pass_over(self) -> int:
        """Stop."""
        try:
            return super().pass_over()
        except Stop:
            return 0

    def lock_copy(self, copy: int, path: str) -> int:
        """Do not pass over it."""
        try:
            return super().lock_copy(copy, path)
        except InUse:
            raise Stop from None


@mutant("parent-ignores-posix", "collect.locking", "*.cleaning.locking")
class ParentIgnoresPosix(IgnoresPosix):
    """Cleans up while somebody makes a copy under a POSIX lock on PARENT/.ref.

    Stands for a check by F_OFD_GETLK that only takes pid -1, an open file description lock, for a holder.
    """
