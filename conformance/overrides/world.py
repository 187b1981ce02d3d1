"""Roots as tests describe them: which libraries a provider, and a runtime, have. Written byte by byte, no compiler."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from pytest_vessel.capture.glibc import FAMILY
from pytest_vessel.conformance.overrides import architectures
from pytest_vessel.conformance.overrides.architectures import Architecture
from pytest_vessel.conformance.overrides.put import put
from pytest_vessel.conformance.overrides.seen import Given
from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.made_cache import Entry
from pytest_vessel.system.made_cache import cache as made_cache
from pytest_vessel.system.made_elf import NEEDED, RPATH, SONAME, Made
from pytest_vessel.system.sysroot import HostPrograms, Layout

NATIVE, OTHER, STRANGE = architectures.X86_64, architectures.I386, architectures.RISCV64
"""What programs of these tests are made for, what this machine may run besides, and what it cannot run."""


@dataclass(frozen=True)
class Library:
    """One library, and a link to it that has the name of its SONAME.

    `folder`: where in the root, that of its architecture where it is empty; `defines`: its version definitions;
    `cached`: the loader's cache and configuration know of it.
    """

    file: str
    soname: str = ""
    needs: tuple[str, ...] = ()
    folder: str = ""
    rpath: str = ""
    defines: tuple[str, ...] = ()
    arch: Architecture = NATIVE
    cached: bool = True

    @property
    def path(self) -> str:
        """The file, as those inside of its root see it."""
        return f"/{self.folder or self.arch.folder}/{self.file}"

    @property
    def given(self) -> Given:
        """What a test expects of it in the overrides."""
        return Given(self.soname, self.path)

    @property
    def content(self) -> bytes:
        """An ELF file that can be loaded; no two of different names or versions are the same."""
        tags: list[tuple[int, str | int]] = [(NEEDED, name) for name in self.needs]
        tags += [(SONAME, self.soname)] * bool(self.soname) + [(RPATH, self.rpath)] * bool(self.rpath)
        arch, build_id = self.arch, hashlib.sha1(repr(self).encode()).digest()
        return Made(tags, bits=arch.bits, machine=arch.machine, versions=self.defines, build_id=build_id).content


@dataclass(frozen=True)
class Root:
    """What a root holds, as data; a `Source` of runtimes and of providers.

    Paths are those inside, without the first slash. `programs`: of this machine, with their libraries; `glibc`,
    `loaders`: the family of its C library; loaders of this machine; `links`: path to target; `hard_links`: path
    to a name beside; `files`: path to text.
    """

    libraries: tuple[Library, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    hard_links: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    glibc: bool = False
    loaders: tuple[Architecture, ...] = ()

    def with_files(self, files: Mapping[str, str]) -> Root:
        """The same with these files, too."""
        return replace(self, files={**self.files, **files})

    def with_programs(self, *names: str) -> Root:
        """The same with these programs, too."""
        return replace(self, programs=tuple(sorted({*self.programs, *names})))

    @property
    def key(self) -> str:
        """All of it, shortened."""
        return "root:" + hashlib.sha256(repr(self).encode()).hexdigest()

    def fill(self, src: Path, layout: Layout) -> None:
        """Put all of it below `src`, and a cache of the libraries as ldconfig(8) would make it. See `Source`."""
        HostPrograms(self.programs).fill(src, layout)
        place = partial(_place, src, layout)
        if self.glibc:
            _put_glibc(place(NATIVE.folder))
        for arch in self.loaders:
            _put_loader(arch, place)
        for library in self.libraries:
            _put_library(library, place(library.path[1:]))
        for path, text in self.files.items():
            put(place(path), text.encode())
        for path, target in self.links.items():
            put(place(path), target)
        for path, name in self.hard_links.items():
            os.link(place(path).with_name(name), place(path))
        self._configure(place)

    def _configure(self, place: Place) -> None:
        """What the loader is told: the folders of its libraries, and a line for each name in there."""
        folders = dict.fromkeys(one.path[1:].rpartition("/")[0] for one in self.libraries if one.cached)
        folders |= dict.fromkeys(arch.folder for arch in (NATIVE, OTHER))
        named = [folder for folder in folders if "/glibc-hwcaps/" not in folder]  # these are found below their folder
        if "etc/ld.so.conf" not in self.files:
            put(place("etc/ld.so.conf"), "".join(f"/{folder}\n" for folder in named).encode())
        entries = [entry for folder in folders for entry in _cached(place(folder), folder)]
        put(place("etc/ld.so.cache"), made_cache(entries))


Place = Callable[[str], Path]
"""Where a path of a root lies while it is built."""


def _place(src: Path, layout: Layout, path: str) -> Path:
    top, _, rest = path.partition("/")
    return layout.usr(src) / rest if top == "usr" else src / path


def _put_library(library: Library, file: Path) -> None:
    put(file, library.content)
    if library.soname not in ("", library.file):
        put(file.with_name(library.soname), library.file)


def _cached(folder: Path, inside: str) -> Iterator[Entry]:
    """A line for each name of a library in a folder."""
    arch = OTHER if inside.startswith(OTHER.folder) else NATIVE
    level = inside.rpartition("/glibc-hwcaps/")[2] if "/glibc-hwcaps/" in inside else ""
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
        if ".so" in name:
            yield Entry(name, f"/{inside}/{name}", arch.cache_flags, level=level)


@cache
def glibc_folder() -> Path:
    """Where this machine has its C library.

    Raises:
        Inconclusive: not where Debian has it.
    """
    folder = Path(f"/{NATIVE.folder}")
    if not (folder / "libc.so.6").is_file():
        raise Inconclusive(f"this machine has no {folder}/libc.so.6", mend="Run it on Debian, on x86_64.")
    return folder


def glibc_family() -> tuple[str, ...]:
    """The names of those libraries of glibc that this machine has."""
    return tuple(sorted(FAMILY & set(os.listdir(glibc_folder()))))


def _put_glibc(folder: Path) -> None:
    for name in glibc_family():
        put(folder / name, (glibc_folder() / name).read_bytes())


def _put_loader(arch: Architecture, place: Place) -> None:
    """The loader of this machine, beside the libraries, and a link where programs look for it.

    Raises:
        Inconclusive: this machine has none for this architecture.
    """
    if not os.path.exists(arch.loader):
        raise Inconclusive(
            f"this machine has no {arch.loader}", mend="Debian on x86_64 has it; for 32 bits: apt install libc6-i386"
        )
    put(place(arch.loader_file), Path(arch.loader).read_bytes())
    put(place(f"usr{arch.loader}"), f"/{arch.loader_file}")
