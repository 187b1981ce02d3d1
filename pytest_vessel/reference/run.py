"""Running a payload in a runtime that is used directly: who holds the lock, and how long.

Three processes, each the parent of the next::

    launcher            waits, and ends with the payload's status
      first process     pid 1 of the container's pid namespace: opens SRC/.ref, locks it, keeps it
        payload         what the user wants to run; knows nothing of the lock

The first process is the holder because it cannot end too early. Every orphan of the container becomes its child, and
it ends when it has no child any more. If it is killed, the kernel kills all that is left in its pid namespace.
So the lock is free when, and not before, the last process of the container is gone; nobody ever hands it over.

It takes the lock before it does anything else with the runtime; a lock that is refused means that nothing was started.
"""

from __future__ import annotations

import errno
import os
import signal

from pytest_vessel.reference import kernel
from pytest_vessel.reference.container import Beside, Root
from pytest_vessel.reference.lock import LOCK_FILE, SHARED, Locking
from pytest_vessel.reference.process import end_with_signal, execute, on_signals, spawn, wait_for, wait_for_all
from pytest_vessel.reference.trouble import FORBIDDEN, Trouble

HOW_TO_ALLOW = (
    "user namespaces are needed and not permitted here. To allow them, whichever applies: "
    "sysctl user.max_user_namespaces=10000; sysctl kernel.unprivileged_userns_clone=1; "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container, a seccomp profile that allows unshare(2)"
)


class Run:
    """One container. `start` is what the launcher does, `inside` what the first process does."""

    locking: type[Locking] = Locking
    root: type[Root] = Root

    def __init__(self, runtime: str, argv: list[str], *, writable: bool = False, wait: bool = False) -> None:
        self.source = os.path.abspath(runtime)
        self.shown = self.source  # the folder that the container sees
        self.argv = argv
        self.writable = writable
        self.wait = wait
        self.lock_file = os.path.join(self.source, LOCK_FILE)
        self.lock = -1
        self.payload = 0

    def start(self) -> int:
        """Run the payload; returns its status when the last process of the container is gone.

        Raises:
            Trouble: there is no such runtime, or this machine forbids containers.
        """
        if not os.path.isdir(self.source):
            raise Trouble(f"{self.source}: there is no such runtime")
        self.enter_namespaces()
        launcher_ended, launcher_alive = os.pipe()

        def first_process() -> int:
            os.close(launcher_alive)
            self.tie_to_launcher(launcher_ended)
            return self.inside()

        container = spawn(first_process, signals=end_with_signal)
        os.close(launcher_ended)
        return wait_for(container)

    def enter_namespaces(self) -> None:
        """A user namespace in which we are who we are, and a pid namespace for our children."""
        user, group = os.geteuid(), os.getegid()
        try:
            kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID)
            write("/proc/self/setgroups", "deny")  # else gid_map may not be written without privileges
            write("/proc/self/uid_map", f"{user} {user} 1")
            write("/proc/self/gid_map", f"{group} {group} 1")
        except OSError as problem:
            raise forbidden(problem) from None

    def tie_to_launcher(self, launcher_ended: int) -> None:
        """Be killed when the launcher ends: a container without its launcher is one that nobody can stop.

        The launcher may have ended before the kernel knew that we care; then its end of the pipe is closed already.
        """
        kernel.signal_when_parent_ends(signal.SIGKILL)
        os.set_blocking(launcher_ended, False)
        try:
            os.read(launcher_ended, 1)
        except BlockingIOError:
            return
        raise Trouble("the launcher has ended")

    def inside(self) -> int:
        """The life of the first process: lock, then start, then wait for everybody. The lock ends when it ends."""
        self.lock = self.take_lock()
        self.show_runtime()
        self.payload = self.start_payload()
        return wait_for_all(self.payload, self.payload_ended)

    def take_lock(self) -> int:
        """Take the shared lock on SRC/.ref. `Trouble` where it cannot be had: then nothing is started."""
        return self.locking().take(self.lock_file, SHARED, wait=self.wait, create=True)

    def show_runtime(self) -> None:
        """Make the runtime our root."""
        try:
            self.root(self.shown, writable=self.writable, beside=self.beside()).enter()
        except OSError as problem:
            if problem.errno in (errno.EPERM, errno.EACCES):
                raise forbidden(problem) from None
            raise Trouble(f"{self.shown}: cannot be made a container's root: {problem}") from None

    def beside(self) -> Beside:
        """What the container sees beside the runtime."""
        return Beside()

    def start_payload(self) -> int:
        """Start what the user wants to run; returns its pid."""
        return spawn(self.become_payload)

    def become_payload(self) -> int:
        """Execute the payload, without power over us: it could otherwise reach into the holder of the lock."""
        kernel.give_up_privileges()
        execute(self.argv)

    def payload_ended(self) -> None:
        """The payload has ended, others may live on: from now on signals are for all of them."""
        on_signals(signal_everybody)


def signal_everybody(number: int) -> None:
    """Pass a signal on to every process of the container but its first one, which is we."""
    try:
        os.kill(-1, number)
    except ProcessLookupError:
        pass  # the last of them has just ended


def forbidden(problem: OSError) -> Trouble:
    """Say what this machine does not permit, and how to permit it."""
    return Trouble(f"{HOW_TO_ALLOW} ({problem.strerror})", FORBIDDEN)


def write(path: str, text: str) -> None:
    """Write to a file of /proc, in one write(2)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
