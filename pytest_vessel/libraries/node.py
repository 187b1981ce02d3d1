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
    SONAME. `needer` is the object that had it loaded; None for the program itself and the loader. `rpath_owner` is the
    nearest object with an RPATH: itself, its needer, and so on.
    """

    __slots__ = ("also_needed_by", "elf", "file", "hit", "looks", "name", "names", "needer", "path", "rpath_owner")

    def __init__(self, name: str, hit: Hit | None, needer: Node | None, looks: Sequence[Look] = ()) -> None:
        self.name, self.hit, self.needer, self.looks = name, hit, needer, looks
        self.also_needed_by: list[str] = []
        self.names: list[str] = []
        self.rpath_owner: Node | None = needer.rpath_owner if needer else None
        if hit is None:
            self.path = name
            return
        self.path, self.file, _rule = hit
        self.elf = self.file.elf
        if self.elf.rpath:
            self.rpath_owner = self

    def needed_again(self, needer: Node) -> None:
        """Something else needs it too; the loader, which is there from the start, is needed for the first time once."""
        if self.needer is None and self.name:
            self.needer = needer
        else:
            self.also_needed_by.append(needer.path)

    def fact(self) -> Loaded | Missing:
        """What is told of it in the end."""
        needed_by = self.needer.path if self.needer else ""
        return self.loaded() if self.hit else Missing(self.name, needed_by, tuple(self.looks))

    def loaded(self) -> Loaded:
        """The same; only of what was found."""
        assert self.hit
        needed_by = self.needer.path if self.needer else ""
        again, looks = tuple(self.also_needed_by), tuple(self.looks)
        real_path, soname = self.file.real_path, self.elf.soname
        return Loaded(self.name, self.path, real_path, soname, needed_by, self.hit.rule, again, looks)
