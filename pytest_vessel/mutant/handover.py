"""Mutants whose copy is not protected all the time that it is used: its lock, and who holds it from when until when."""

from __future__ import annotations

import os
import signal

from pytest_vessel.mutant.acts import only_open, outsider, unlock
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.mutable import Copy, MutableCopy, Wishes
from pytest_vessel.reference.process import PASSED_ON, on_signals, wait_for_all
from pytest_vessel.reference.trouble import Busy, Trouble


@mutant("copy-unlocked")
class CopyUnlocked(MutableCopy):
    """Makes a lock file for the copy and never locks it.

    Stands for the belief that the runtime's own lock protects the copy, too.
    """

    def lock_copy(self, file: str) -> int:
        """Only open it."""
        return only_open(self.locking, file)


@mutant("copy-locked-exclusively")
class CopyLockedExclusively(MutableCopy):
    """Takes an exclusive lock on the copy, so that nobody else can use it, too.

    Stands for "it is mine alone": a process inside that locks what it uses is refused.
    """

    def lock_copy(self, file: str) -> int:
        """Ask for more than is needed."""
        return self.locking().take(file, EXCLUSIVE, create=True)


@mutant("copy-lock-hard-linked")
class CopyLockHardLinked(MutableCopy):
    """Makes the lock file of the copy a hard link, as all other files of it: one inode, so one lock for both.

    Stands for `cp -al`.
    """

    def lock_copy(self, file: str) -> int:
        """Link it."""
        os.link(self.source_file, file)
        return super().lock_copy(file)


@mutant("copy-lock-outside")
class CopyLockOutside(MutableCopy):
    """Makes the lock file of the copy a link to a file outside of the copy.

    Stands for a folder of lock files: a container that has only the copy does not see its lock.
    """

    def lock_copy(self, file: str) -> int:
        """Lock a hidden file beside the copy."""
        outside = os.path.join(self.parent, f".{os.path.basename(self.path)}.lock")
        os.symlink(outside, file)
        return super().lock_copy(outside)


@mutant("complete-root-unlocked")
class CompleteRootUnlocked(MutableCopy):
    """Locks the copy of a merged /usr, and not that of a complete root.

    Stands for the second of two branches.
    """

    def lock_copy(self, file: str) -> int:
        """Look which it is."""
        return only_open(self.locking, file) if self.tree == self.path else super().lock_copy(file)


@mutant("starts-when-copy-busy")
class StartsWhenCopyBusy(MutableCopy):
    """Goes on without a lock where somebody else's lock on the copy excludes it.

    Stands for "nobody else can know of this file".
    """

    def lock_copy(self, file: str) -> int:
        """Go on."""
        try:
            return super().lock_copy(file)
        except Busy:
            return only_open(self.locking, file)


@mutant("releases-parent-before-copy-lock")
class ReleasesParentBeforeCopyLock(CopyUnlocked):
    """Locks the copy only when it has let go of the copies' folder: in between nothing protects it.

    Stands for two steps in the wrong order.
    """

    def let_go(self) -> None:
        """Lock it now."""
        super().let_go()
        self.locking().lock(self.lock, self.path, SHARED, wait=False)


@mutant("gap-between-execs")
class GapBetweenExecs(MutableCopy):
    """Drops the copy's lock when the set-up is done, and takes it again for the use.

    Stands for one program that makes the copy and another that locks it: handed over by closing and opening.
    """

    def let_go(self) -> None:
        """Drop it, and take it again."""
        super().let_go()
        unlock(self.lock)
        self.locking().lock(self.lock, self.path, SHARED, wait=True)


@mutant("starts-before-copy-lock")
class StartsBeforeCopyLock(Copy):
    """Starts the payload first and locks the copy then; if that is refused the payload is killed, after it has begun.

    Stands for a supervisor that locks on behalf of a child which it has forked already.
    """

    copy = CopyUnlocked

    def start_payload(self) -> int:
        """Start it, and lock too late."""
        payload = super().start_payload()
        try:
            self.made.locking().lock(self.lock, self.made.path, SHARED, wait=False)
        except Trouble:
            os.kill(payload, signal.SIGKILL)
            raise
        return payload


@mutant("unlocks-copy-with-main-process")
class UnlocksCopyWithMainProcess(Copy):
    """Drops the copy's lock when the payload's first process exits, though daemons live on in the container.

    Stands for a lock that is held by a wrapper which waits for its own child only.
    """

    def payload_ended(self) -> None:
        """Drop the lock."""
        super().payload_ended()
        os.close(self.lock)


@mutant("never-unlocks-copy", "copy")
class NeverUnlocksCopy(MutableCopy):
    """Leaves a process outside the container that keeps the copy's lock when the container is gone (at most a minute).

    Stands for a descriptor that leaked into a daemon: a D-Bus session, a portal, a logger.
    """

    def __init__(self, source: str, parent: str, wishes: Wishes) -> None:
        super().__init__(source, parent, wishes)
        self.keep = outsider(stays=True)

    def let_go(self) -> None:
        """Give that process the lock, too."""
        self.keep(self.lock)
        super().let_go()


@mutant("supervisor-death-unlocks", "copy")
class SupervisorDeathUnlocks(MutableCopy):
    """Has the lock held by a process beside the container: when that alone is killed the container runs on, unlocked.

    Stands for a lock helper (`lock-tool --hold & run`) whose death nobody notices.
    """

    def __init__(self, source: str, parent: str, wishes: Wishes) -> None:
        super().__init__(source, parent, wishes)
        self.keep = outsider(stays=False)

    def let_go(self) -> None:
        """Give that process the lock, and have it no more."""
        self.keep(self.lock)
        os.close(self.lock)
        super().let_go()


@mutant("launcher-holds-copy-lock")
class LauncherHoldsCopyLock(Copy):
    """Has the lock held by the launcher: when that is killed the container runs on, unlocked.

    Stands for a wrapper script that locks and then calls an engine which makes its own daemons.
    """

    def start(self) -> int:
        """Do the set-up out here."""
        self.made.set_up()
        self.made.let_go()
        return super().start()

    def tie_to_launcher(self, launcher_ended: int) -> None:
        """Outlive it."""

    def inside(self) -> int:
        """Have no part of the lock."""
        os.close(self.made.lock)
        self.shown = self.made.tree
        self.show_runtime()
        self.payload = self.start_payload()
        return wait_for_all(self.payload, super().payload_ended)


@mutant("sigterm-unlocks-copy")
class SigtermUnlocksCopy(Copy):
    """Drops the copy's lock when it is asked to end, before the payload has ended.

    Stands for a signal handler that tidies up, and a payload that takes its time.
    """

    def start_payload(self) -> int:
        """Drop the lock before a signal is passed on; one that comes meanwhile is held back."""
        signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)
        payload = super().start_payload()

        def pass_on(number: int) -> None:
            unlock(self.lock)
            os.kill(payload, number)

        on_signals(pass_on)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        return payload

    def become_payload(self) -> int:
        """Get them again."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
        return super().become_payload()


@mutant("payload-outlives-launcher", "copy")
class PayloadOutlivesLauncher(Copy):
    """Lets the container run on, locked, when the launcher is killed: nobody can stop it any more.

    Stands for a missing PR_SET_PDEATHSIG.
    """

    def tie_to_launcher(self, launcher_ended: int) -> None:
        """Do not care."""


@mutant("daemon-outlives-lock")
class DaemonOutlivesLock(Copy):
    """Drops the copy's lock at a signal when only daemons are left, and lets them live.

    Stands for a supervisor that ends what it knows by pid, and considers that all.
    """

    def payload_ended(self) -> None:
        """From now on a signal reaches nobody."""
        on_signals(lambda _: unlock(self.lock))


@mutant("no-recheck-after-lock", "run", "copy", "prepare")
class NoRecheckAfterLock(Locking):
    """Never looks whether the file that it has locked is still the lock file.

    Stands for a lock that is thought to be on a name: who deleted or replaced the file in between is not excluded.
    """

    def leads_to(self, path: str, descriptor: int) -> bool:
        """Believe it."""
        return True


@mutant("deletes-without-recheck", "remove.locking", "collect.locking", "*.cleaning.locking", "*.copy_locking")
class DeletesWithoutRecheck(Locking):
    """Deletes under a lock on a file that is no longer the lock file.

    Stands for the same, in a cleaner: it deletes what somebody has locked in the meantime.
    """

    def leads_to(self, path: str, descriptor: int) -> bool:
        """Believe it."""
        return True
