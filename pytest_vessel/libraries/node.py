"""An object while a closure is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_vessel.libraries.elf import Elf
from pytest_vessel.libraries.files import File
from pytest_vessel.libraries.found import Loaded, Look, Missing, Rule


@dataclass(frozen=True, slots=True)
class Hit:
    """A file that a search has found: by which path, and by which rule."""

    path: str
    file: File
    rule: Rule


@dataclass(eq=False, slots=True)
class Node:
    """One object; `hit` is None for a name that was not found. `names`: those by which it is known, besides its SONAME.

    `needer` is the object that had it loaded; None for the program itself and the loader. `rpath_owner` is the nearest
    object with an RPATH: itself, its needer, and so on.
    """

    name: str
    hit: Hit | None
    needer: Node | None
    looks: list[Look] = field(default_factory=list)
    also_needed_by: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    rpath_owner: Node | None = field(init=False)

    def __post_init__(self) -> None:
        above = self.needer.rpath_owner if self.needer else None
        self.rpath_owner = self if self.hit and self.elf.rpath else above

    @property
    def file(self) -> File:
        """Its file; only of what was found."""
        assert self.hit
        return self.hit.file

    @property
    def elf(self) -> Elf:
        """Its facts; only of what was found."""
        return self.file.elf

    @property
    def path(self) -> str:
        """Its path as it was found; its name when it was not."""
        return self.hit.path if self.hit else self.name

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
        return Loaded(
            self.name,
            self.hit.path,
            self.hit.file.real_path,
            self.elf.soname,
            self.needer.path if self.needer else "",
            self.hit.rule,
            tuple(self.also_needed_by),
            tuple(self.looks),
        )
