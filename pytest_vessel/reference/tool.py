"""A command that runs while a lock is held: the verb `lock`.

The tool stays the command's parent and keeps the lock itself. It keeps it, too, for the daemons that the command leaves
behind: whoever wraps a command in a lock means all that the command started. They become the tool's children
(it adopts orphans), and it ends with the command's status when the last of them is gone.
"""

from __future__ import annotations

import os

from pytest_vessel.reference import kernel
from pytest_vessel.reference.lock import EXCLUSIVE, SHARED, Locking
from pytest_vessel.reference.process import execute, on_signals, spawn, wait_for_all


class Tool:
    """A lock and a command. `start` is the order of the steps."""

    locking: type[Locking] = Locking

    def __init__(
        self, file: str, argv: list[str], *, write: bool = False, wait: bool = False, create: bool = False
    ) -> None:
        self.file = file
        self.argv = argv
        self.kind = EXCLUSIVE if write else SHARED
        self.wait = wait
        self.create = create
        self.lock = -1

    def start(self) -> int:
        """Run the command under the lock; returns its status when it and all that it left behind are gone.

        Raises:
            Trouble: the lock cannot be had; the command was not started.
        """
        self.lock = self.take_lock()
        kernel.adopt_orphans()
        command = self.start_command()
        return self.status(wait_for_all(command, self.command_ended))

    def take_lock(self) -> int:
        """Take the lock; the file may be a link, as `/.ref -> usr/.ref` in a container is."""
        return self.locking(follow=True).take(self.file, self.kind, wait=self.wait, create=self.create)

    def start_command(self) -> int:
        """Start the command; returns its pid."""
        return spawn(self.become_command)

    def become_command(self) -> int:
        """Execute the command."""
        execute(self.argv)

    def command_ended(self) -> None:
        """The command has ended, daemons may live on: from now on signals are for them."""
        on_signals(signal_children)

    def status(self, of_command: int) -> int:
        """The status of the tool: that of the command."""
        return of_command


def signal_children(number: int) -> None:
    """Pass a signal on to each child that we have now (proc_pid_task(5): children)."""
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        for child in children.read().split():
            os.kill(int(child), number)
