"""Roots as tests describe them: which libraries a provider, and a runtime, have. Written byte by byte, no compiler."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pytest_vessel.capture.glibc import FAMILY
from pytest_vessel.conformance.overrides.seen import Given
from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.made_cache import Entry
from pytest_vessel.system.made_cache import cache as made_cache
from pytest_vessel.system.made_elf import NEEDED, RPATH, SONAME, X86, X86_64, Made
from pytest_vessel.system.sysroot import HostPrograms, Layout


@dataclass(frozen=True)
class Architecture:
    """One that libraries are made for: its multiarch tuple, its loader's path, and what files and caches say of it."""

    name: str
    loader: str
    bits: int
    machine: int
    cache_flags: int

    @property
    def folder(self) -> str:
        """Where its libraries lie in a root."""
        return f"usr/lib/{self.name}"

    @property
    def made_loader(self) -> Library:
        """A file in the place of its loader, which cannot load."""
        folder, _, name = self.loader[1:].rpartition("/")
        return Library(name, name, folder=f"usr/{folder}", arch=self, cached=False)

    @property
    def loader_file(self) -> str:
        """Where the loader itself lies, which `loader` is a link to."""
        return f"{self.folder}/{self.loader.rpartition('/')[2]}"


NATIVE = Architecture("x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", 64, X86_64, 0x303)
OTHER = Architecture("i386-linux-gnu", "/lib/ld-linux.so.2", 32, X86, 0x003)
STRANGE = Architecture("riscv64-linux-gnu", "/lib/ld-linux-riscv64-lp64d.so.1", 64, 243, 0x1003)
"""One that nothing in these tests can run."""
_BY_CLASS = {2: NATIVE, 1: OTHER}


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
    `loader`: the family of its C library, and the loader; `links`: path to target; `hard_links`: path
    to a name beside; `files`: path to text.
    """

    libraries: tuple[Library, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    hard_links: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    glibc: bool = False
    loader: bool = False

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
        if self.glibc:
            _put_glibc(layout.usr(src))
        if self.loader:
            _put_loader(layout.usr(src))
        for library in self.libraries:
            _write(_place(src, layout, library.path[1:]), library.content)
            if library.soname not in ("", library.file):
                _link(_place(src, layout, library.path[1:]).with_name(library.soname), library.file)
        for path, text in self.files.items():
            _write(_place(src, layout, path), text.encode())
        for path, target in self.links.items():
            _link(_place(src, layout, path), target)
        for path, name in self.hard_links.items():
            os.link(_place(src, layout, path).with_name(name), _place(src, layout, path))
        folders = dict.fromkeys(one.path.rpartition("/")[0] for one in self.libraries if one.cached)
        folders |= dict.fromkeys(f"/{arch.folder}" for arch in (NATIVE, OTHER))
        if "etc/ld.so.conf" not in self.files:
            _write(src / "etc" / "ld.so.conf", "".join(f"{folder}\n" for folder in folders).encode())
        entries = [entry for folder in folders for entry in _cached(_place(src, layout, folder[1:]), folder)]
        _write(src / "etc" / "ld.so.cache", made_cache(entries))


def _place(src: Path, layout: Layout, path: str) -> Path:
    top, _, rest = path.partition("/")
    return layout.usr(src) / rest if top == "usr" else src / path


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755)


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _cached(folder: Path, inside: str) -> Iterator[Entry]:
    """A line for each name of a library in a folder."""
    level = inside.rpartition("/glibc-hwcaps/")[2] if "/glibc-hwcaps/" in inside else ""
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
        if ".so" in name and (folder / name).is_file():
            arch = _BY_CLASS.get((folder / name).read_bytes()[4], NATIVE)
            yield Entry(name, f"{inside}/{name}", arch.cache_flags, level=level)


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


def _put_glibc(usr: Path) -> None:
    for name in glibc_family():
        _write(usr / "lib" / NATIVE.name / name, (glibc_folder() / name).read_bytes())


def _put_loader(usr: Path) -> None:
    _write(usr / NATIVE.loader_file.removeprefix("usr/"), Path(NATIVE.loader).read_bytes())
    _link(usr / NATIVE.loader[1:], f"../{NATIVE.loader_file.removeprefix('usr/')}")
