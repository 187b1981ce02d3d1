"""Mutants that are right as long as nobody else does anything between two of their steps."""

from __future__ import annotations

import fcntl
import os

from pytest_vessel.mutant.acts import only_open, unlock
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.mutant.setting_up import ParentUnlocked
from pytest_vessel.reference.collect import Collect
from pytest_vessel.reference.lock import SHARED, whole_file
from pytest_vessel.reference.mutable import MutableCopy
from pytest_vessel.reference.remove import Remove


@mutant("publishes-before-lock")
class PublishesBeforeLock(ParentUnlocked):
    """Makes the copy under a name that no clean-up looks at, gives it its own when it is whole, and locks it then.

    Stands for "write aside, then rename": the lock comes one step after the name.
    """

    def name(self) -> str:
        """A hidden one."""
        return f".{super().name()}"

    def lock_copy(self, file: str) -> int:
        """Not yet."""
        return only_open(self.locking, file)

    def fill(self) -> None:
        """Rename, then lock."""
        super().fill()
        hidden = self.path
        self.path = os.path.join(self.parent, os.path.basename(hidden).removeprefix("."))
        self.tree = self.tree.replace(hidden, self.path, 1)
        os.rename(hidden, self.path)
        self.locking().lock(self.lock, self.path, SHARED, wait=False)


@mutant("second-close-unlocks")
class SecondCloseUnlocks(MutableCopy):
    """Locks the copy by a POSIX lock, and loses that when it opens the file once more, writes to it, and closes it.

    Stands for a lock file that also holds the pid of its owner.
    """

    def lock_copy(self, file: str) -> int:
        """Lock it, then write the pid."""
        descriptor = only_open(self.locking, file)
        fcntl.fcntl(descriptor, fcntl.F_SETLK, whole_file(SHARED))
        with open(file, "w") as again:
            again.write(f"{os.getpid()}\n")
        return descriptor


@mutant("tests-parent-then-collects")
class TestsParentThenCollects(Collect):
    """Asks once whether somebody makes a copy just now, and cleans up without keeping the lock.

    Stands for a check before the work: who begins between that and the listing of PARENT loses a copy without a lock.
    """

    def lock_parent(self) -> int:
        """Drop it at once."""
        lock = super().lock_parent()
        unlock(lock)
        return lock


@mutant("removal-unlocks-first")
class RemovalUnlocksFirst(Remove):
    """Takes the lock on a runtime, drops it, and deletes then: whoever begins in between loses the runtime.

    Stands for a lock in the scope of the function that asks whether the runtime is in use.
    """

    def take_lock(self) -> int:
        """Drop it."""
        lock = super().take_lock()
        unlock(lock)
        return lock
