"""Files of a root, opened and read once each."""

from __future__ import annotations

import os
from errno import ENOENT
from typing import NamedTuple

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import UNREAD, Elf, read
from pytest_vessel.libraries.elf_header import Abi, Content
from pytest_vessel.libraries.rootfs import Root


class File(NamedTuple):
    """A file and its facts. Two paths with one identity are one object to a loader."""

    real_path: str
    identity: tuple[int, int]
    elf: Elf


class Files:
    """What one loader can load of a root; what may be a program, where no ABI is given.

    `facts` are those of all files of the root that were read, for whatever loader.
    """

    read = staticmethod(read)

    def __init__(self, root: Root, abi: Abi | None, facts: dict[str, File]) -> None:
        self._root = root
        self._abi = abi
        self._facts = facts
        self._known: dict[str, File | int | LibraryError] = {}

    def take(self, real_path: str) -> File | int:
        """The file; an errno when it cannot be opened, ENOENT when it is of another class or machine.

        Raises:
            LibraryError: a loader would refuse it.
        """
        found = self._known.get(real_path)
        if found is None:
            found = self._known[real_path] = self._read_before(real_path) or self._open(real_path)
        if isinstance(found, LibraryError):
            raise found.with_traceback(None)
        return found

    def _read_before(self, real_path: str) -> File | None:
        """What another loader has read, as far as this one would read the same."""
        file = self._facts.get(real_path)
        if file and (file.elf.abi == self._abi if self._abi else file.elf.interpreter != UNREAD):
            return file
        return None

    def _open(self, real_path: str) -> File | int | LibraryError:
        try:
            fd = self._root.open(real_path)
        except LibraryError as problem:
            return problem
        except OSError as problem:
            return problem.errno or ENOENT
        try:
            content = Content(fd, real_path)
            elf = self.read(content, self._abi)
            if elf is None:
                return ENOENT
            file = self._facts[real_path] = File(real_path, content.identity, elf)
            return file
        except LibraryError as problem:
            return problem
        except OSError as problem:
            return LibraryError(f"cannot be read: {problem.strerror}", where=real_path)
        finally:
            os.close(fd)
