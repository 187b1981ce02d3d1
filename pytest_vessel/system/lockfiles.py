"""Which files are the lock files of a test, by device and inode, wherever a process finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_vessel.system.identity import Identity, identity_of

_NAME = ".ref"


class LockFiles:
    """The files with a role in the locking model: SRC/.ref, the lock tool's FILE, PARENT/.ref, those of copies.

    They may appear, move and be replaced while a test runs. So they are looked up anew at each question, and a file
    that was one of them stays one. Not seen: a file that is locked before it is at its place for the first time, and a
    file through an overlay, which is another file to fcntl(2) too.
    """

    def __init__(self) -> None:
        self._files: set[Path] = set()
        self._parents: set[Path] = set()
        self._known: set[Identity] = set()

    def add(self, *files: Path) -> None:
        """These paths are lock files; links are followed."""
        self._files.update(files)
        self._look()

    def add_parent(self, folder: Path) -> None:
        """Each entry of this folder may be a copy, with a lock file of its own at its top or one level below."""
        self._parents.add(folder)
        self._look()

    def __contains__(self, identity: Identity | None) -> bool:
        self._look()
        return identity in self._known

    def _look(self) -> None:
        for path in self._paths():
            if (found := identity_of(path)) is not None:
                self._known.add(found)

    def _paths(self) -> Iterator[Path]:
        yield from self._files
        for parent in self._parents:
            yield parent / _NAME
            yield from parent.glob(f"*/{_NAME}")
            yield from parent.glob(f"*/*/{_NAME}")
