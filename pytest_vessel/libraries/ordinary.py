"""Closures of ordinary files, by the compiled module where it was built: it knows the usual part of the rules alone.

Ordinary is a sound file of 64 bits for a little-endian machine and glibc, which needs something, and all that it loads
the same: no filter, no token but `$ORIGIN`, no relative folder, no error other than that something is not there. What
is not ordinary is left to the modules in Python, which know all rules and word all errors. Both say the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import Elf
from pytest_vessel.libraries.elf_header import ET_DYN, Abi
from pytest_vessel.libraries.found import Closure, Loaded, Missing, Rule, Stage
from pytest_vessel.libraries.loader import Loader
from pytest_vessel.libraries.rootfs import Root
from pytest_vessel.libraries.search import Search

try:
    from pytest_vessel.libraries._ordinary import Engine, Files
except ImportError:  # no compiler, or no headers of Python, where this was installed
    IS_BUILT = False
else:
    IS_BUILT = True


LoaderOf = Callable[[Elf], tuple[Loader, object, Search]]
"""What tells the loader of a file, and its searches."""


class Ordinary:
    """Those of one root."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._files = Files(os.fsencode(root.top))
        self._engines: dict[tuple[int, str | None], tuple[str, Engine] | None] = {}

    def closure(self, path: str, loader_of: LoaderOf) -> Closure | None:
        """What is loaded for a file; None when that is not ordinary."""
        try:
            head = self._files.head(os.fsencode(path))
        except UnicodeEncodeError:  # no file has such a name
            return None
        if not head:
            return None
        main, machine, interpreter = head
        found = self._engine(machine, interpreter, loader_of)
        entries = found[1].closure(os.fsencode(main)) if found else None
        return Closure(self._root.path, main, found[0], entries) if found and entries is not None else None

    def _engine(self, machine: int, interpreter: str | None, loader_of: LoaderOf) -> tuple[str, Engine] | None:
        key = machine, interpreter
        if key not in self._engines:
            try:
                loader, _, search = loader_of(Elf(Abi(64, "<", machine), ET_DYN, interpreter))
                self._engines[key] = loader.path, _engine(self._files, loader, search)
            except (LibraryError, ValueError):
                self._engines[key] = None
        return self._engines[key]


def _engine(files: Files, loader: Loader, search: Search) -> Engine:
    """Raises ValueError where the loader or its cache is not ordinary."""
    if loader.libc != "glibc":
        raise ValueError("another loader")
    table = search.cache.table(search.taste)
    return Engine(
        files,
        os.fsencode(loader.path),
        Rule(Stage.LOADER),
        table.data,
        (table.first, table.entry_count, table.strings, table.flag, search.taste.legacy, search.taste.platform),
        table.ranks,
        ("", *(f"glibc-hwcaps/{level}" for level in table.levels)),
        tuple(os.fsencode(folder.rstrip("/")) for folder in loader.folders),
        (*loader.subfolders, ""),
        loader.is_always_listed,
        (Loaded, Missing, _rule),
    )


def _rule(stage: str, owner: str, subfolder: str) -> Rule:
    return Rule(Stage[stage], owner, subfolder)
