"""Mutants that use a runtime wrongly: its lock too weak, too strong, too late, too long, or on the wrong file."""

from __future__ import annotations

import os
import signal

from pytest_vessel.mutant.acts import KEPT_TOO_LONG_S, keep_open_for, leave_behind
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.run import Run
from pytest_vessel.reference.trouble import Busy, Trouble


@mutant("locks-exclusively", "run")
class LocksExclusively(Locking):
    """Takes an exclusive lock where a shared one is due, so that a runtime has one user at a time.

    Stands for a lock helper with one mode for all.
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Ask for more than is needed."""
        return super().take(path, EXCLUSIVE, wait=wait, create=create)


@mutant("opens-for-writing", "run")
class OpensForWriting(Locking):
    """Opens the lock file for writing though a shared lock needs no more than reading.

    Stands for `open(path, O_RDWR | O_CREAT)`: fails for runtimes on read-only mounts and for those of other users.
    """

    def open_flags(self, kind: int) -> int:
        """Ask for more than is needed."""
        return super().open_flags(EXCLUSIVE)


@mutant("starts-when-busy", "run", "lock")
class StartsWhenBusy(Locking):
    """Goes on without a lock when somebody else's lock excludes it.

    Stands for a lock that is taken as advice: "warning: could not lock the runtime".
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Go on."""
        try:
            return super().take(path, kind, wait=wait, create=create)
        except Busy:
            return -1


@mutant("busy-is-success")
class BusyIsSuccess(Run):
    """Does not start the payload when the runtime is busy, says so, and exits 0.

    Stands for scripts that log an error and run on to their end.
    """

    def take_lock(self) -> int:
        """Turn the status around."""
        try:
            return super().take_lock()
        except Busy as busy:
            busy.status = 0
            raise


@mutant("starts-before-lock")
class StartsBeforeLock(Run):
    """Starts the payload first and takes the lock then; if it is refused the payload is killed, after it has begun.

    Stands for a supervisor that locks on behalf of a child which it has forked already.
    """

    def take_lock(self) -> int:
        """Only open the file."""
        return self.locking().open(self.lock_file, SHARED, create=True)

    def start_payload(self) -> int:
        """Start it, and lock too late."""
        payload = super().start_payload()
        try:
            self.locking().lock(self.lock, self.lock_file, SHARED, wait=self.wait)
        except Trouble:
            os.kill(payload, signal.SIGKILL)
            raise
        return payload


@mutant("unlocks-with-main-process")
class UnlocksWithMainProcess(Run):
    """Drops the lock when the payload's first process exits, though daemons live on in the container.

    Stands for a lock that is held by a wrapper which waits for its own child only.
    """

    def payload_ended(self) -> None:
        """Drop the lock."""
        super().payload_ended()
        os.close(self.lock)


@mutant("never-unlocks")
class NeverUnlocks(Run):
    """Leaves a process outside the container that keeps the lock when the container is gone (at most a minute).

    Stands for a descriptor that leaked into a daemon: a D-Bus session, a portal, a logger.
    """

    def start(self) -> int:
        """Leave a keeper of the lock behind first."""
        lock = self.take_lock()
        leave_behind(lambda: keep_open_for(KEPT_TOO_LONG_S))
        os.close(lock)
        return super().start()


@mutant("missing-means-unlocked", "run")
class MissingMeansUnlocked(Locking):
    """Uses a runtime without a lock when it has no lock file.

    Stands for "if the file exists, lock it".
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Look first."""
        return super().take(path, kind, wait=wait) if os.path.lexists(path) else -1


@mutant("private-lock-file", "run")
class PrivateLockFile(Locking):
    """Creates a missing lock file so that only its owner can open it.

    Stands for mkstemp(3) and for a careful umask: other users cannot lock the runtime any more.
    """

    def mode(self) -> int:
        """Give others nothing."""
        return 0o600


@mutant("follows-symlinks", "run")
class FollowsSymlinks(Locking):
    """Follows a lock file that is a symbolic link, out of the runtime too, and creates what it leads to.

    Stands for a plain `open(path, O_CREAT)`: who makes a runtime chooses a file of the user to create.
    """

    def __init__(self, *, follow: bool = False) -> None:
        super().__init__(follow=True)

    def create(self, path: str) -> int:
        """Create without O_EXCL, through a link."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, self.mode())


@mutant("blocks-on-fifo", "run")
class BlocksOnFifo(Locking):
    """Hangs when the lock file is a FIFO: opening one waits for its other end.

    Stands for an open(2) without O_NONBLOCK of a file whose kind nobody has looked at.
    """

    def open_flags(self, kind: int) -> int:
        """Wait in open(2)."""
        return super().open_flags(kind) & ~os.O_NONBLOCK


@mutant("locks-anything", "run")
class LocksAnything(Locking):
    """Takes a folder or a FIFO for a lock file.

    Stands for an open(2) that succeeded and was not followed by fstat(2).
    """

    def check_regular(self, path: str, descriptor: int) -> None:
        """Do not look."""


@mutant("leaks-descriptor", "run", "copy", "lock")
class LeaksDescriptor(Locking):
    """Lets the payload inherit the descriptor of the lock; a payload that tidies up drops it for all of us.

    Stands for a missing O_CLOEXEC.
    """

    def take(self, path: str, kind: int, *, wait: bool = False, create: bool = False) -> int:
        """Undo O_CLOEXEC."""
        descriptor = super().take(path, kind, wait=wait, create=create)
        os.set_inheritable(descriptor, True)
        return descriptor


@mutant("touches-runtime")
class TouchesRuntime(Run):
    """Changes the modification time of a file of the runtime in every run.

    Stands for an ldconfig or a byte-compiler that is let loose on a tree which several containers share.
    """

    def show_runtime(self) -> None:
        """Touch the first file that is found."""
        for folder, _, names in os.walk(self.source):
            for name in sorted(set(names) - {os.path.basename(self.lock_file)}):
                try:
                    os.utime(os.path.join(folder, name), (0, 0), follow_symlinks=False)
                    return super().show_runtime()
                except OSError:
                    pass
        super().show_runtime()
