"""An object while a closure is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_vessel.libraries.files import File
from pytest_vessel.libraries.found import Loaded, Look, Missing, Rule


class Hit(NamedTuple):
    """A file that a search has found: by which path, and by which rule."""

    path: str
    file: File
    rule: Rule


class Node:
    """One object; `hit` is None for a name that was not found, which has no `file` and no `elf` either.

    `path` is the one by which it was found, or else its name; `names` are those by which it is known, besides its
    SONAME. `needer` is the object that had it loaded; None for the program itself and the loader. `needed_by` are the
    paths of all that need it, as often as they do. `rpath_owner` is the nearest object with an RPATH: itself, its
    needer, and so on.
    """

    __slots__ = ("elf", "file", "hit", "looks", "name", "names", "needed_by", "needer", "path", "rpath_owner")

    def __init__(self, name: str, hit: Hit | None, needer: Node | None, looks: Sequence[Look] = ()) -> None:
        self.name, self.hit, self.needer, self.looks = name, hit, needer, looks
        self.names: list[str] = []
        self.needed_by: list[str] = [needer.path] if needer else []
        self.rpath_owner: Node | None = needer.rpath_owner if needer else None
        self.path: str = name
        if hit is None:
            return
        self.path, self.file, _rule = hit
        self.elf = self.file.elf
        if self.elf.rpath:
            self.rpath_owner = self

    def fact(self) -> Loaded | Missing:
        """What is told of it in the end."""
        return self.loaded() if self.hit else Missing(self.name, self.needed_by[0], tuple(self.looks))

    def loaded(self) -> Loaded:
        """The same; only of what was found."""
        assert self.hit
        path, file, rule = self.hit
        first, *again = self.needed_by or [""]
        return Loaded(self.name, path, file.real_path, file.elf.soname, first, rule, tuple(again), tuple(self.looks))
