"""Mutants that make a mutable copy wrongly: the folder of the copies, and the name, mode and content of a copy."""

from __future__ import annotations

import itertools
import os

from pytest_vessel.mutant.acts import outsider
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.collect import COPIES
from pytest_vessel.reference.lock import LOCK_FILE
from pytest_vessel.reference.mutable import MutableCopy, Wishes
from pytest_vessel.reference.trouble import Busy, Trouble


@mutant("parent-busy-is-success")
class ParentBusyIsSuccess(MutableCopy):
    """Makes no copy while somebody cleans up, says so, and exits 0.

    Stands for scripts that log an error and run on to their end.
    """

    def lock_parent(self) -> int:
        """Turn the status around."""
        try:
            return super().lock_parent()
        except Busy as busy:
            busy.status = 0
            raise


@mutant("nameless-parent-errors")
class NamelessParentErrors(MutableCopy):
    """Says that the copies' folder cannot be locked, but not where it is.

    Stands for `perror("lock")`: the user knows that something is wrong, and cannot do anything about it.
    """

    def lock_parent(self) -> int:
        """Leave the path out."""
        try:
            return super().lock_parent()
        except Trouble as trouble:
            raise Trouble("the folder of copies cannot be locked", trouble.status) from None


@mutant("litters-missing-parent")
class LittersMissingParent(MutableCopy):
    """Leaves a folder beside PARENT when it makes PARENT.

    Stands for a folder that is made under another name, renamed, and not renamed after all.
    """

    def make_parent(self) -> None:
        """Make another one."""
        if not os.path.isdir(self.parent):
            os.makedirs(f"{self.parent}.new")
        super().make_parent()


@mutant("missing-parent-is-success")
class MissingParentIsSuccess(MutableCopy):
    """Does nothing and exits 0 where the copies' folder is missing.

    Stands for "nothing to do".
    """

    def make_parent(self) -> None:
        """Give up."""
        if not os.path.isdir(self.parent):
            raise Trouble(f"{self.parent}: there is no such folder", 0)
        super().make_parent()


@mutant("leaves-copy-after-failure")
class LeavesCopyAfterFailure(MutableCopy):
    """Makes the folder of a copy before it has the lock for that, and leaves it when the lock is refused.

    Stands for mkdtemp(3) at the top of a function, with an early return below it.
    """

    def lock_parent(self) -> int:
        """Make the folder first."""
        super().make_folder()
        return super().lock_parent()

    def make_folder(self) -> None:
        """It is there."""


@mutant("copy-name-predictable")
class CopyNamePredictable(MutableCopy):
    """Numbers its copies.

    Stands for a counter or a pid in a name: whoever shares the folder puts something there first.
    """

    def name(self) -> str:
        """The first number that is free."""
        names = (f"{COPIES}{number:012d}" for number in itertools.count(1))
        return next(name for name in names if not os.path.lexists(os.path.join(self.parent, name)))


@mutant("copy-name-fixed")
class CopyNameFixed(MutableCopy):
    """Has one name for all copies, so that a second one cannot be made.

    Stands for a fixed path in a cache folder.
    """

    def name(self) -> str:
        """Always the same."""
        if os.path.lexists(path := os.path.join(self.parent, f"{COPIES}copy")):
            raise Trouble(f"{path}: is there already")
        return f"{COPIES}copy"


@mutant("copy-world-readable")
class CopyWorldReadable(MutableCopy):
    """Lets everybody look into a copy.

    Stands for mkdir(path, 0755): which programs somebody runs is for all to see.
    """

    def fill(self) -> None:
        """Open it."""
        super().fill()
        os.chmod(self.path, 0o755)


@mutant("prepare-keeps-lock", "prepare")
class PrepareKeepsLock(MutableCopy):
    """Leaves a process behind that keeps the lock of a copy which nobody uses (at most a minute).

    Stands for a descriptor that leaked into a daemon: what was prepared is never cleaned up.
    """

    def __init__(self, source: str, parent: str, wishes: Wishes) -> None:
        super().__init__(source, parent, wishes)
        self.keep = outsider(stays=True)

    def let_go(self) -> None:
        """Hand the lock to that process."""
        self.keep(self.lock)
        super().let_go()


@mutant("prepare-skips-file", "prepare")
class PrepareSkipsFile(MutableCopy):
    """Leaves one file of the runtime out of a copy.

    Stands for a list of patterns that is not quite complete.
    """

    def fill(self) -> None:
        """Delete the first file that is found."""
        super().fill()
        os.unlink(first_file(self.tree))


@mutant("prepare-empties-file", "prepare")
class PrepareEmptiesFile(MutableCopy):
    """Gives one file of a copy no content.

    Stands for a copy whose write(2) was not checked on a full disk.
    """

    def fill(self) -> None:
        """Replace the first file that is found."""
        super().fill()
        os.unlink(path := first_file(self.tree))
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o644))


def first_file(tree: str) -> str:
    """A regular file below a folder, not the lock file, with something in it."""
    for folder, _, names in os.walk(tree):
        for path in (os.path.join(folder, name) for name in sorted(names) if name != LOCK_FILE):
            if not os.path.islink(path) and os.path.getsize(path):
                return path
    raise Trouble(f"{tree}: has no file")
