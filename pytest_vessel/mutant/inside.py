"""Mutants whose lock file, as processes inside the container see it, is not the one that was locked."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.container import Root, bind, touch
from pytest_vessel.reference.lock import LOCK_FILE


@mutant("no-root-link")
class NoRootLink(Root):
    """Shows a merged /usr without /.ref, so that a process inside finds no lock file where it must look.

    Stands for a container manager that thinks of /usr/.ref only.
    """

    def link_lock_file(self) -> None:
        """Forget it."""


@mutant("private-lock-inside")
class PrivateLockInside(Root):
    """Covers the lock file with another file: locks that are taken inside do not meet those that are taken outside.

    Stands for an overlay or a copy of the runtime's top level, which gives the lock file a second inode.
    """

    def show_runtime(self, source: int) -> None:
        """Mount another file over it."""
        super().show_runtime(source)
        touch(".private")
        private = os.open(".private", os.O_PATH | os.O_CLOEXEC)
        bind(private, os.path.realpath(LOCK_FILE))
        os.close(private)
        os.unlink(".private")
