"""Files of a root, opened and read once each."""

from __future__ import annotations

import os
from errno import ENOENT
from typing import NamedTuple

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import Elf, read
from pytest_vessel.libraries.elf_header import Abi
from pytest_vessel.libraries.rootfs import Root


class File(NamedTuple):
    """A file and its facts. Two paths with one identity are one object to a loader."""

    real_path: str
    identity: tuple[int, int]
    elf: Elf


class Files:
    """What one loader can load of a root."""

    read = staticmethod(read)

    def __init__(self, root: Root, abi: Abi | None) -> None:
        self._root = root
        self._abi = abi
        self._known: dict[str, File | int | LibraryError] = {}

    def take(self, real_path: str) -> File | int:
        """The file; an errno when it cannot be opened, ENOENT when it is of another class or machine.

        Raises:
            LibraryError: a loader would refuse it.
        """
        if real_path not in self._known:
            self._known[real_path] = self._open(real_path)
        found = self._known[real_path]
        if isinstance(found, LibraryError):
            raise found.with_traceback(None)
        return found

    def _open(self, real_path: str) -> File | int | LibraryError:
        try:
            fd = self._root.open(real_path)
        except OSError as problem:
            return problem.errno or ENOENT
        try:
            elf = self.read(fd, real_path, self._abi)
            status = os.fstat(fd)
            return File(real_path, (status.st_dev, status.st_ino), elf) if elf else ENOENT
        except LibraryError as problem:
            return problem
        except OSError as problem:
            return LibraryError(f"cannot be read: {problem.strerror}", where=real_path)
        finally:
            os.close(fd)
