"""Facts about one closure: what a loader loads, where it was found, by which rule, and what else was looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """The rules by which a file is found."""

    LOADER = "the loader itself"
    PATH = "path"
    RPATH = "RPATH"
    LIBRARY_PATH = "LD_LIBRARY_PATH"
    RUNPATH = "RUNPATH"
    CACHE = "ld.so.cache"
    DEFAULT = "default folder"


class Rule(NamedTuple):
    """A rule at work: `owner` is the object whose RPATH or RUNPATH it is, `subfolder` one chosen for the processor."""

    stage: Stage
    owner: str = ""
    subfolder: str = ""

    def __str__(self) -> str:
        owner = f" of {self.owner}" if self.owner else ""
        return f"{self.stage}{owner}{f', {self.subfolder}' if self.subfolder else ''}"


class Look(NamedTuple):
    """A path that was looked at, and what came of it."""

    path: str
    rule: Rule
    outcome: str


class Loaded(NamedTuple):
    """An object of a closure. `name`: as it was asked for first; `path`: as it was found, which programs see.

    `looks` is empty unless it was asked for; `also_needed_by` are the objects that need it beside the first one.
    """

    name: str
    path: str
    real_path: str
    soname: str | None
    needed_by: str
    rule: Rule
    also_needed_by: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()


class Missing(NamedTuple):
    """A name that was asked for, and not found."""

    name: str
    needed_by: str
    looks: tuple[Look, ...] = ()


class Closure(NamedTuple):
    """What is loaded for one file, in the order of the loader's own list; the vdso, which is no file, is left out.

    `main` is the path without links. `interpreter` is the loader that was asked, None where none is needed. It is among
    the entries only where the loader itself lists it.
    """

    root: str
    main: str
    interpreter: str | None
    entries: tuple[Loaded | Missing, ...]

    @property
    def objects(self) -> tuple[Loaded, ...]:
        """What is loaded."""
        return tuple(entry for entry in self.entries if isinstance(entry, Loaded))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is not found, once for each object that needs it."""
        return tuple(entry for entry in self.entries if isinstance(entry, Missing))
