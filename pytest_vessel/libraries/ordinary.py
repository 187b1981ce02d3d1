"""Closures of ordinary files, by the compiled module where it was built: it knows the usual part of the rules alone.

Ordinary is a sound file of 64 bits for a little-endian machine and glibc, which needs something, and all that it loads
the same: no filter, no token but `$ORIGIN`, no relative folder, no error other than that something is not there. What
is not ordinary is left to the modules in Python, which know all rules and word all errors. Both say the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

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


class Ordinary:
    """Those of one root. `searching` tells the loader of a file, and its searches."""

    def __init__(self, root: Root, searching: Callable[[Elf], tuple[Loader, Search]]) -> None:
        self._root = root
        self._searching = searching
        self._files = Files(os.fsencode(root.top))
        self._engines: dict[tuple[int, str | None], tuple[str, Engine] | None] = {}

    def closure(self, path: str) -> Closure | None:
        """What is loaded for a file; None when that is not ordinary."""
        head = self._files.head(os.fsencode(path))
        if not head:
            return None
        main, *key = head
        found = self._engine(*key)
        entries = found[1].closure(os.fsencode(main)) if found else None
        return Closure(self._root.path, main, found[0], entries) if found and entries is not None else None

    def _engine(self, machine: int, interpreter: str | None) -> tuple[str, Engine] | None:
        key = machine, interpreter
        if key not in self._engines:
            self._engines[key] = self._made_engine(Elf(Abi(64, "<", machine), ET_DYN, interpreter))
        return self._engines[key]

    def _made_engine(self, main: Elf) -> tuple[str, Engine] | None:
        try:
            loader, search = self._searching(main)
            if loader.libc != "glibc":
                return None
            return loader.path, _engine(self._files, loader, search)
        except (LibraryError, ValueError):
            return None


def _engine(files: Files, loader: Loader, search: Search) -> Engine:
    """Raises ValueError where the loader or its cache is not ordinary."""
    table = search.cache.table(search.taste)
    return Engine(
        files,
        os.fsencode(loader.path),
        Rule(Stage.LOADER),
        table.data,
        (table.first, table.count, table.strings, table.flag, search.taste.legacy, search.taste.platform),
        table.ranks,
        ("", *(f"glibc-hwcaps/{level}" for level in table.levels)),
        tuple(os.fsencode(folder.rstrip("/")) for folder in loader.folders),
        (*loader.subfolders, ""),
        loader.is_always_listed,
        (Loaded, Missing, _rule),
    )


@cache
def _rule(stage: str, owner: str, subfolder: str) -> Rule:
    return Rule(Stage[stage], owner, subfolder)
