"""Outsiders of the exploring clauses: they do what the locking model lets them do, at a moment that others choose."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.conformance.locking import doing
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.identity import Identity, identity, identity_of
from pytest_vessel.system.lockholder import HeldLock, LockRefused

Broken = tuple[str, str]
"""Code and description of what is broken."""


class Outsider:
    """Has opened a lock file already; `act`s once, and has nothing to do with the programs of the scene.

    Attributes:
        name: what a schedule calls it.
        role: that of the file.
        file: its identity; no other gets that, whatever becomes of the name.
    """

    name: str

    def __init__(self, hold: HolderFactory, role: str, ref: Path) -> None:
        self.role = role
        self._hold, self._ref = hold, ref
        self._descriptor = os.open(ref, os.O_RDONLY | os.O_CLOEXEC)
        self.file: Identity = identity(os.fstat(self._descriptor))

    def act(self) -> str:
        """Do it, where the lock is granted; what came of it."""
        try:
            lock = self._hold(f"/proc/self/fd/{self._descriptor}", self.mode, shared_process=True)
        except LockRefused:
            return "is refused the lock"
        if identity_of(self._ref) != self.file:
            lock.release()
            return "gets the lock of a file that is gone"
        return self.go_on(lock)

    mode: Mode

    def go_on(self, lock: HeldLock) -> str:
        """What to do with the lock."""
        raise NotImplementedError

    def broken(self) -> Broken | None:
        """What was done to it."""
        return None

    def leave(self) -> None:
        """Give the lock up."""

    def close(self) -> None:
        """Let go of everything."""
        self.leave()
        os.close(self._descriptor)


class User(Outsider):
    """Uses a tree from the moment on at which it has its lock, shared."""

    name, mode = "user", Mode.SHARED

    def __init__(self, hold: HolderFactory, role: str, ref: Path, folder: Path) -> None:
        super().__init__(hold, role, ref)
        self._tree = doing.Tree(folder)
        self._lock: HeldLock | None = None

    def go_on(self, lock: HeldLock) -> str:
        """Keep it."""
        self._lock = lock
        return "gets the lock"

    def broken(self) -> Broken | None:
        """Whether a part of the tree that it uses is gone, before or since."""
        if self._lock is None or not self._tree.lost:
            return None
        return (
            "deleted-in-use",
            f"{self._tree.lost} of {self._tree.total} names are gone of a tree that a user has locked",
        )

    def leave(self) -> None:
        """Use it no longer."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self) -> None:
        """Let go of the tree, too."""
        self._tree.close()
        super().close()


class Replacer(Outsider):
    """Replaces or deletes a lock file under its exclusive lock, as one may who has that."""

    name, mode = "replacer", Mode.EXCLUSIVE

    def __init__(self, hold: HolderFactory, role: str, ref: Path, change: Callable[[Path], None]) -> None:
        super().__init__(hold, role, ref)
        self._change = change

    def go_on(self, lock: HeldLock) -> str:
        """Change it at once."""
        self._change(self._ref)
        lock.release()
        return "replaces or deletes the lock file, under its exclusive lock"
