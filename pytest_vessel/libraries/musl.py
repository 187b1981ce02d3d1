"""What the loader of musl loads: its own rules, which are fewer than those of glibc (dlopen in musl's ldso).

One path list for each object, RUNPATH before RPATH; it counts for what its needs need too. No cache, no subfolders, no
`$LIB`. The first file that is found counts: where it cannot be loaded, it is missing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from errno import EACCES, ENAMETOOLONG, ENOENT, ENOTDIR

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.effort import LOOKS_OF_AN_OBJECT, Effort
from pytest_vessel.libraries.elf import Tag
from pytest_vessel.libraries.files import Files
from pytest_vessel.libraries.found import Look, Rule, Stage
from pytest_vessel.libraries.loader import Loader
from pytest_vessel.libraries.node import Hit, Node
from pytest_vessel.libraries.rootfs import Root
from pytest_vessel.libraries.search import outcome

_ITSELF = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.")
_DEFAULT = "/lib:/usr/local/lib:/usr/lib"
_NEXT_FOLDER = (ENOENT, ENOTDIR, EACCES, ENAMETOOLONG)
_ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})")
_MOST_NAME_BYTES = 255


class MuslMap:
    """The objects of one program, in the order in which they are loaded."""

    def __init__(self, root: Root, files: Files, effort: Effort, main: Node, loader: Loader, library_path: str) -> None:
        self._root = root
        self._files = files
        self._effort = effort
        self._loader = loader.node()
        self._default = _default_folders(root, loader.arch)
        self._library_path = library_path
        self._objects = [main]
        self._entries: list[Node] = []
        self._known: dict[str, Node] = {}
        self._identities: dict[tuple[int, int], Node] = {}

    def visit(self) -> list[Node]:
        """Load all that is needed, and what is needed by that; the loader is shown where something needs it."""
        for needer in self._objects:
            self._effort.spend(LOOKS_OF_AN_OBJECT + len(needer.elf.needs))
            for need in needer.elf.needs:
                if need.tag is Tag.NEEDED:
                    self._load(need.name, needer)
        return self._entries

    def _load(self, name: str, needer: Node) -> None:
        known = self._loader if _ITSELF.match(name) or name == self._loader.path else self._known.get(name)
        looks: list[Look] = []
        hit = None if known else self._find(name, needer, looks)
        if hit:
            known = self._by_file(name, hit)
        if known is None:
            self._add(Node(name, hit, needer, looks))
            return
        if known is self._loader and not known.needed_by:
            known.name = name
            self._entries.append(known)
        known.needed_by.append(needer.path)

    def _by_file(self, name: str, hit: Hit) -> Node | None:
        """An object of the same file; one that was loaded by a path is known by its last name from now on."""
        assert self._loader.hit
        if hit.file.identity == self._loader.hit.file.identity:
            return self._loader
        node = self._identities.get(hit.file.identity)
        if node and "/" in node.name and "/" not in name:
            self._known.setdefault(node.path.rpartition("/")[2], node)
        return node

    def _add(self, node: Node) -> None:
        self._entries.append(node)
        if node.hit:
            self._objects.append(node)
            self._identities[node.hit.file.identity] = node
            if "/" not in node.name:
                self._known.setdefault(node.name, node)

    def _find(self, name: str, needer: Node, looks: list[Look]) -> Hit | None:
        if "/" in name:
            found = self._open(name, Rule(Stage.PATH), looks)
            return found if isinstance(found, Hit) else None
        if len(name.encode(errors="surrogateescape")) > _MOST_NAME_BYTES:
            return None
        for rule, text in self._lists(needer):
            for folder in filter(None, re.split("[:\n]", text)):
                found = self._open(f"{folder}/{name}", rule, looks)
                if isinstance(found, Hit):
                    return found
                if found not in _NEXT_FOLDER:
                    return None
        return None

    def _lists(self, needer: Node) -> Iterator[tuple[Rule, str]]:
        yield Rule(Stage.LIBRARY_PATH), self._library_path
        node: Node | None = needer
        while node:
            stage = Stage.RPATH if node.elf.runpath is None else Stage.RUNPATH
            yield Rule(stage, node.path), _with_origin(node)
            node = node.needer
        yield Rule(Stage.DEFAULT), self._default

    def _open(self, path: str, rule: Rule, looks: list[Look]) -> Hit | int:
        """A file; -1 where it is there and cannot be loaded: that ends the search."""
        self._effort.spend(1)
        real = self._root.resolve(path)
        try:
            file = self._files.take(real) if isinstance(real, str) else real
        except LibraryError as problem:
            looks.append(Look(path, rule, problem.what))
            return -1
        if isinstance(file, int):
            looks.append(Look(path, rule, outcome(file, real)))
            return -1 if isinstance(real, str) and file == ENOENT else file
        looks.append(Look(path, rule, "loaded"))
        return Hit(path, file, rule)


def _default_folders(root: Root, arch: str) -> str:
    """The list that counts for every object: that of the root's own file, or the built-in one where there is none."""
    found = root.content(f"/etc/ld-musl-{arch}.path")
    return _DEFAULT if found is None else os.fsdecode(found)


def _with_origin(node: Node) -> str:
    """The list of an object; none at all, where it holds another token than `$ORIGIN`."""
    text = node.elf.runpath if node.elf.runpath is not None else node.elf.rpath or ""
    origin = node.path.rpartition("/")[0] if "/" in node.path else "."
    expanded = _ORIGIN.sub(lambda _: origin, text)
    return expanded if _ORIGIN.sub("", text).count("$") == 0 else ""
