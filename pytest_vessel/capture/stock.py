"""A root as a stock of libraries of one kind: found by name as its loader finds them, by path, or by pattern."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_vessel.capture import definitions
from pytest_vessel.capture.compare import Copy
from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.elf_header import Abi
from pytest_vessel.libraries.found import Closure


@dataclass(frozen=True, slots=True)
class Library:
    """One library: the name by which it was asked for, its DT_SONAME (or None), and its path without links."""

    name: str
    soname: str | None
    real_path: str


class OtherAbi(LibraryError):
    """A library of another class or machine."""


class Stock:
    """The libraries of one root for one ABI. Raises `LibraryError` where there is no such folder."""

    libraries: type[Libraries] = Libraries

    def __init__(self, root: str | os.PathLike[str], abi: Abi) -> None:
        self.abi = abi
        self._libraries = self.libraries(root)
        self.root = self._libraries.root
        self._copies: dict[str, Copy] = {}

    @property
    def has_loader(self) -> bool:
        """Whether any of it can be loaded."""
        return self._libraries.has_loader(self.abi)

    def by_name(self, name: str) -> Library | None:
        """What the loader finds for a name. Raises `LibraryError` where the root has no loader."""
        found = self._libraries.find(name, self.abi)
        return Library(name, found.soname, found.real_path) if found else None

    def matching(self, glob: str) -> Iterator[Library]:
        """What is found for the names that match, in their order. Raises `LibraryError` where there is no loader."""
        for name in sorted(name for name in self._libraries.names(self.abi) if fnmatchcase(name, glob)):
            with suppress(LibraryError):  # a linker script, as libc.so is one: the loader would refuse it
                if library := self.by_name(name):
                    yield library

    def by_path(self, path: str) -> Library | None:
        """The library at a path; None where nothing is there.

        Raises:
            OtherAbi: it is one of another class or machine.
            LibraryError: it is no library.
        """
        if isinstance(self.root.resolve(path), int):
            return None
        file = self._libraries.file(path)
        if file.elf.abi != self.abi:
            raise OtherAbi("is of another class or machine", where=path, mend="Capture those by themselves.")
        return Library(file.elf.soname or file.real_path.rpartition("/")[2], file.elf.soname, file.real_path)

    def paths(self, glob: str) -> list[str]:
        """The paths that match, in order: each part of the pattern is for one folder."""
        found = ["/"]
        for part in filter(None, glob.split("/")):
            found = [os.path.join(folder, name) for folder in found for name in self._inside(folder, part)]
        return found

    def _inside(self, folder: str, part: str) -> Iterator[str]:
        real = self.root.folder(folder)
        if isinstance(real, str):
            hidden = part.startswith(".")
            yield from sorted(
                name for name in self.root.names(real) if fnmatchcase(name, part) and name.startswith(".") <= hidden
            )

    def closure(self, library: Library) -> Closure:
        """The library with all that it needs."""
        return self._libraries.closure(library.real_path)

    def copy(self, library: Library) -> Copy:
        """What is compared of it. Raises `LibraryError` where it is damaged."""
        if library.real_path not in self._copies:
            self._copies[library.real_path] = definitions.read(self.root, library.real_path)
        return self._copies[library.real_path]
