"""Mutants that make a mutable copy wrongly: the locks on SRC/.ref and PARENT/.ref, and when each is held."""

from __future__ import annotations

import os

from pytest_vessel.mutant.acts import only_open, outsider, unlock
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.lock import EXCLUSIVE, LOCK_FILE, SHARED, Locking
from pytest_vessel.reference.mutable import MutableCopy, Wishes
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.trouble import Busy


@mutant("source-unlocked-during-copy")
class SourceUnlockedDuringCopy(MutableCopy):
    """Opens the runtime's lock file and reads the runtime without having locked it.

    Stands for a copy that is thought too short to be disturbed.
    """

    def lock_source(self) -> int:
        """Only open it."""
        return only_open(self.locking, self.source_file)


@mutant("locks-source-late")
class LocksSourceLate(SourceUnlockedDuringCopy):
    """Locks the runtime only when the folder of the copy is there already.

    Stands for preparations that are thought harmless: then the runtime goes, and an empty copy stays.
    """

    def make_folder(self) -> None:
        """Lock it now."""
        super().make_folder()
        self.locking().lock(self.source_lock, self.source_file, SHARED, wait=self.wishes.wait)


@mutant("source-released-early")
class SourceReleasedEarly(MutableCopy):
    """Drops the lock on the runtime before it reads what it copies.

    Stands for a lock in the scope of the checks that come first.
    """

    def fill(self) -> None:
        """Drop it first."""
        unlock(self.source_lock)
        super().fill()


@mutant("keeps-source-locked")
class KeepsSourceLocked(MutableCopy):
    """Keeps the runtime locked as long as the container lives, though that no longer uses it.

    Stands for a descriptor that is never closed: a runtime that nobody uses cannot be deleted.
    """

    def let_go(self) -> None:
        """Keep another descriptor of it."""
        os.dup(self.source_lock)
        super().let_go()


@mutant("parent-unlocked")
class ParentUnlocked(MutableCopy):
    """Opens the lock file of the copies' folder and never locks it.

    Stands for the belief that a random name is protection enough.
    """

    def lock_parent(self) -> int:
        """Only open it."""
        return only_open(self.locking, self.parent_file)


@mutant("ignores-parent-exclusive")
class IgnoresParentExclusive(MutableCopy):
    """Makes a copy without a lock while somebody cleans up.

    Stands for a lock that is taken as advice.
    """

    def lock_parent(self) -> int:
        """Go on."""
        try:
            return super().lock_parent()
        except Busy:
            return only_open(self.locking, self.parent_file)


@mutant("parent-exclusive-for-copy")
class ParentExclusiveForCopy(MutableCopy):
    """Locks the copies' folder exclusively to make a copy, so that one copy is made at a time.

    Stands for a lock helper with one mode for all.
    """

    def lock_parent(self) -> int:
        """Ask for more than is needed."""
        return self.locking().take(self.parent_file, EXCLUSIVE, wait=self.wishes.wait, create=True)


@mutant("parent-released-early")
class ParentReleasedEarly(MutableCopy):
    """Drops the lock on the copies' folder as soon as the copy has one, before its content is there.

    Stands for "the copy is locked, that will do": the clean-up of others meets a copy that is half made.
    """

    def fill(self) -> None:
        """Drop it first."""
        unlock(self.parent_lock)
        super().fill()


@mutant("keeps-parent-locked")
class KeepsParentLocked(MutableCopy):
    """Keeps the copies' folder locked as long as the container lives.

    Stands for a descriptor that is never closed: as long as anything runs nothing is ever cleaned up.
    """

    def let_go(self) -> None:
        """Keep another descriptor of it."""
        os.dup(self.parent_lock)
        super().let_go()


@mutant("parent-locked-after-failure")
class ParentLockedAfterFailure(MutableCopy):
    """Leaves a process behind when a set-up fails, which keeps the copies' folder locked (at most a minute).

    Stands for a helper that inherited the descriptor and is only stopped where all goes well.
    """

    def __init__(self, source: str, parent: str, wishes: Wishes) -> None:
        super().__init__(source, parent, wishes)
        self.keep = outsider(stays=True)

    def undo(self) -> None:
        """Hand the lock to that process."""
        self.keep(self.parent_lock)
        super().undo()


@mutant("set-up-unprotected")
class SetUpUnprotected(ParentUnlocked):
    """Locks neither the copies' folder nor the copy until the copy is complete.

    Stands for a lock that is taken where the use begins: whoever cleans up meanwhile deletes the copy.
    """

    def lock_copy(self, file: str) -> int:
        """Only open it."""
        return only_open(self.locking, file)

    def fill(self) -> None:
        """Lock the copy at the end."""
        super().fill()
        self.locking().lock(self.lock, os.path.join(self.tree, LOCK_FILE), SHARED, wait=False)


@mutant("silent-wait", "copy.copy.locking", "prepare.copy.locking")
class SilentWait(Locking):
    """Waits for a lock without a word.

    Stands for F_SETLKW as the first and only call: the user sees a program that hangs.
    """

    def lock(self, descriptor: int, path: str, kind: int, *, wait: bool) -> None:
        """Wait first, so that there is nothing left to wait for."""
        if wait:
            self.set_lock(descriptor, kind, wait=True)
        super().lock(descriptor, path, kind, wait=wait)


@mutant("direct-takes-parent")
class DirectTakesParent(Run):
    """Locks the folder that holds the runtime, as one of copies, too when it uses the runtime directly.

    Stands for one set-up function for both ways: every start fails while somebody cleans up.
    """

    def take_lock(self) -> int:
        """Lock that first, where it has a lock file."""
        if os.path.lexists(file := os.path.join(os.path.dirname(self.source), LOCK_FILE)):
            self.locking().take(file, SHARED, wait=self.wait)
        return super().take_lock()


@mutant("stale-marker")
class StaleMarker(MutableCopy):
    """Guards a set-up with a marker file, too: only one at a time, and none any more after one that was killed.

    Stands for lock files that are created and deleted instead of locked.
    """

    def lock_parent(self) -> int:
        """Make the marker, or fail."""
        lock, marker = super().lock_parent(), os.path.join(self.parent, ".setup")
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            raise Busy(marker, "another copy is being made") from None
        return lock

    def let_go(self) -> None:
        """Delete the marker."""
        os.unlink(".setup", dir_fd=self.folder)
        super().let_go()

    def undo(self) -> None:
        """Delete the marker."""
        os.unlink(".setup", dir_fd=self.folder)
        super().undo()
