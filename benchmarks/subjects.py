"""What is resolved: programs and libraries of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.elf_header import ET_DYN, ET_EXEC

TOPS = ("/usr", "/opt")
LARGE = (100, 200)
MANY = 320


@dataclass(frozen=True)
class Work:
    """Files to resolve one after the other, all that they load, and whether these are all that there are here."""

    paths: tuple[str, ...]
    loaded: frozenset[str]
    is_whole: bool = False

    @property
    def files(self) -> frozenset[str]:
        """All files that must be read."""
        return self.loaded.union(self.paths)

    @property
    def objects(self) -> int:
        return len(self.loaded)

    @property
    def label(self) -> str:
        what = self.paths[0] if len(self.paths) == 1 else f"{len(self.paths)} files"
        return f"{what}, {self.objects} objects"


def works() -> Iterator[Work]:
    """One small program, those that load at least so many objects, many libraries, and all files of this machine."""
    libraries = Libraries()
    closures = {path: resolved(libraries, path) for path in elf_files()}
    yield work(closures, [os.path.realpath("/bin/sh")])
    for count in LARGE:
        large = sorted((len(loaded), path) for path, loaded in closures.items() if len(loaded) >= count)
        if large:
            yield work(closures, [large[0][1]])
        else:
            print(f"left out: nothing here loads {count} objects (ffmpeg would)", file=sys.stderr)
    named = [path for path in closures if ".so." in path and closures[path] and not libraries.closure(path).missing]
    yield work(closures, named[:: max(1, len(named) // MANY)][:MANY])
    yield work(closures, list(closures), is_whole=True)


def work(closures: Mapping[str, Sequence[str]], paths: Sequence[str], *, is_whole: bool = False) -> Work:
    return Work(tuple(paths), frozenset().union(*(closures[path] for path in paths)), is_whole)


def resolved(libraries: Libraries, path: str) -> tuple[str, ...]:
    """The objects of one file; none where its loader would refuse it."""
    try:
        return tuple(loaded.path for loaded in libraries.closure(path).objects)
    except LibraryError:
        return ()


def elf_files() -> Iterator[str]:
    """Programs and libraries of this interpreter's class and machine, without files of debug symbols."""
    own = head(os.path.realpath(sys.executable))
    for top in TOPS:
        for folder, _, names in os.walk(top):
            for path in (os.path.join(folder, name) for name in sorted(names) if not name.endswith(".debug")):
                found = head(path)
                if found[:5] == own[:5] and found[18:] == own[18:] and found[16] in (ET_EXEC, ET_DYN):
                    yield path


def head(path: str) -> bytes:
    """The identification, the type and the machine of an ELF file; empty for what is no file of its own."""
    if os.path.islink(path) or not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read(20)
