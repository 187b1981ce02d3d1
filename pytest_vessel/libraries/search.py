"""Where the loader of glibc finds a name: dl-load.c as ld.so(8) tells it, and as its trace shows it.

RPATH of the needing object and of those that had it loaded, LD_LIBRARY_PATH, RUNPATH of the needing object alone, the
cache, the default folders. In each folder the subfolders that the processor supports come first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from errno import EACCES, ENOENT, ENOTDIR
from functools import cache
from typing import NamedTuple

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries import paths
from pytest_vessel.libraries.effort import LOOKS_OF_AN_OBJECT, Effort
from pytest_vessel.libraries.elf import DF_1_NODEFLIB, DF_1_PIE
from pytest_vessel.libraries.elf_header import ET_EXEC
from pytest_vessel.libraries.files import File, Files
from pytest_vessel.libraries.found import Look, Rule, Stage
from pytest_vessel.libraries.ldcache import Cache, Taste
from pytest_vessel.libraries.loader import Loader
from pytest_vessel.libraries.node import Hit, Node
from pytest_vessel.libraries.rootfs import Root

_CACHE = "/etc/ld.so.cache"


class _Place(NamedTuple):
    """A folder, or a subfolder of it: what is put before a name, and where that is; an errno where it is nowhere."""

    prefix: str
    subfolder: str
    folder: str | int


class Search:
    """The searches of one loader in one root; `cwd` is the folder where relative paths begin.

    Attributes:
        cache: that of the root; empty where there is none.
        taste: which of its entries the loader takes.
    """

    def __init__(self, root: Root, loader: Loader, files: Files, cwd: str, effort: Effort) -> None:
        self._root = root
        self._loader = loader
        self._files = files
        self._cwd = cwd
        self._effort = effort
        self.cache = Cache(root.content(_CACHE) or b"", loader.file.elf.abi.order)
        self.taste = _taste(loader)
        self._next_folder = (ENOENT, EACCES, ENOTDIR) if loader.passes_over_files else (ENOENT, EACCES)
        self._folders: dict[str, tuple[_Place, ...]] = {}
        self._lists: dict[tuple[str, str], tuple[str, ...]] = {}
        self._usual: dict[bool, dict[str, Hit | None]] = {False: {}, True: {}}

    def values(self, node: Node) -> dict[str, str]:
        """What the tokens in the paths of an object stand for."""
        origin = paths.folder_of(node.path, self._cwd)
        return {"ORIGIN": origin, "LIB": self._loader.lib, "PLATFORM": self._loader.processor.platform}

    def find(self, name: str, needer: Node, library_path: Sequence[str], looks: list[Look] | None) -> Hit | None:
        """The file that is loaded for a name, whose tokens are replaced; None when there is none.

        `looks` gets all that was looked at, where it is given.

        Raises:
            LibraryError: the loader would refuse the first file that it finds; or this takes too long.
        """
        if "/" in name:
            return self._take(name, self._root.resolve(self._absolute(name)), Rule(Stage.PATH), looks)
        if needer.elf.runpath or needer.rpath_owner or library_path:
            for rule, folders in self._own_lists(needer, library_path):
                self._effort.spend(1)
                if hit := self._look_through(folders, name, rule, looks):
                    return hit
        without_default = bool(needer.elf.flags_1 & DF_1_NODEFLIB)
        if looks is not None:
            return self._find_usual(name, without_default, looks)
        known = self._usual[without_default]
        if name not in known:
            known[name] = self._find_usual(name, without_default, None)
        return known[name]

    def find_usual(self, name: str) -> Hit | None:
        """What is found for a name where nobody has paths of its own. Raises as `find`."""
        return self._find_usual(name, without_default=False, looks=None)

    def names(self) -> frozenset[str]:
        """All names in the cache; where that has none, those in the default folders."""
        if known := frozenset(self.cache.names(self.taste.abi)):
            return known
        folders = [place.folder for prefix in self._loader.folders for place in self._places(prefix)]
        return frozenset().union(*(self._root.names(folder) for folder in folders if isinstance(folder, str)))

    def _own_lists(self, needer: Node, library_path: Sequence[str]) -> Iterator[tuple[Rule, Sequence[str]]]:
        owner = needer.rpath_owner if needer.elf.runpath is None else None
        while owner:
            yield Rule(Stage.RPATH, owner.path), self._prefixes(owner, owner.elf.rpath or "")
            owner = owner.needer.rpath_owner if owner.needer else None
        yield Rule(Stage.LIBRARY_PATH), library_path
        if needer.elf.runpath:
            yield Rule(Stage.RUNPATH, needer.path), self._prefixes(needer, needer.elf.runpath)

    def _prefixes(self, node: Node, text: str) -> tuple[str, ...]:
        """Those of a list of an object, which many programs load."""
        key = node.path, text
        if key not in self._lists:
            self._lists[key] = paths.prefixes(text, self.values(node))
        return self._lists[key]

    def _find_usual(self, name: str, without_default: bool, looks: list[Look] | None) -> Hit | None:
        answer = self.cache.look_up(name, self.taste)
        if answer and not (without_default and answer.path.startswith(self._loader.folders)):
            rule, real = _rule_of_cache(answer.subfolder), self._root.resolve(self._absolute(answer.path))
            if hit := self._take(answer.path, real, rule, looks):
                return hit
        return None if without_default else self._look_through(self._loader.folders, name, Rule(Stage.DEFAULT), looks)

    def _look_through(self, folders: Sequence[str], name: str, rule: Rule, looks: list[Look] | None) -> Hit | None:
        """The first file of a list of folders. An error that is no mere absence ends the list."""
        for prefix in folders:
            errno = ENOENT
            places = self._places(prefix)
            if looks is not None and not places:
                looks.append(Look(prefix, rule, "no such folder"))
            for place in places:
                self._effort.spend(1)
                real = place.folder if isinstance(place.folder, int) else self._root.look(place.folder, name)
                at = Rule(rule.stage, rule.owner, place.subfolder) if place.subfolder else rule
                found = self._open(place.prefix + name, real, at, looks)
                if isinstance(found, Hit):
                    return found
                errno = found
            if errno not in self._next_folder:
                return None
        return None

    def _take(self, path: str, real: str | int, rule: Rule, looks: list[Look] | None) -> Hit | None:
        found = self._open(path, real, rule, looks)
        return found if isinstance(found, Hit) else None

    def _open(self, path: str, real: str | int, rule: Rule, looks: list[Look] | None) -> Hit | int:
        file = self._files.take(real) if isinstance(real, str) else real
        if looks is not None:
            looks.append(Look(path, rule, outcome(file, real)))
        if isinstance(file, int):
            return file
        _check_is_library(file)
        self._effort.spend(LOOKS_OF_AN_OBJECT)
        return Hit(path, file, rule)

    def _places(self, prefix: str) -> tuple[_Place, ...]:
        """Those of a folder that exist. One that is relative is tried in any case."""
        if prefix not in self._folders:
            folder = self._absolute(prefix)
            every = [
                _Place(f"{prefix}{subfolder}/", subfolder, self._root.folder(f"{folder}/{subfolder}"))
                for subfolder in self._loader.subfolders
            ]
            plain = _Place(prefix, "", self._root.folder(folder))
            kept = [place for place in every if isinstance(place.folder, str)]
            if isinstance(plain.folder, str) or not prefix.startswith("/"):
                kept.append(plain)
            self._folders[prefix] = tuple(kept)
        return self._folders[prefix]

    def _absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self._cwd}/{path}"


@cache
def _rule_of_cache(subfolder: str) -> Rule:
    return Rule(Stage.CACHE, subfolder=f"glibc-hwcaps/{subfolder}" if subfolder else "")


def _taste(loader: Loader) -> Taste:
    abi, processor, takes_first = loader.file.elf.abi, loader.processor, loader.takes_first_entry
    if loader.knows_old_subfolders:
        return Taste(abi, processor.levels, processor.old_bits, processor.platform_bit, takes_first)
    return Taste(abi, processor.levels, takes_first=takes_first)


def check_extent(file: File) -> None:
    """glibc takes the pages from the first segment to the last one (dl-map-segments.h).

    Raises:
        LibraryError: these do not hold them all.
    """
    if file.elf.ends_early:
        problem = "has a last segment that begins before the end of its first one"
        raise LibraryError(problem, where=file.real_path, mend="Compare it with the package or image it comes from.")


def _check_is_library(file: File) -> None:
    check_extent(file)
    if file.elf.kind == ET_EXEC or file.elf.flags_1 & DF_1_PIE:
        raise LibraryError("is a program, and cannot be loaded as a library", where=file.real_path)
    if not file.elf.is_dynamic:
        raise LibraryError("has no dynamic section, and cannot be loaded as a library", where=file.real_path)


def outcome(file: File | int, real: str | int) -> str:
    """What came of looking at a path that leads to `real`."""
    if isinstance(file, File):
        return "loaded"
    return os.strerror(file) if isinstance(real, int) else "is for another class or machine"
