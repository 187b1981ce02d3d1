"""What is compiled into the loader of a root, read from its file: it is never run.

Measured on glibc 2.31, 2.36, 2.41 and 2.43, and musl 1.2.2, 1.2.3, 1.2.5 and 1.2.6.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import Elf
from pytest_vessel.libraries.elf_header import Abi
from pytest_vessel.libraries.files import File, Files
from pytest_vessel.libraries.found import Rule, Stage
from pytest_vessel.libraries.node import Hit, Node
from pytest_vessel.libraries.processor import Processor
from pytest_vessel.libraries.rootfs import Root

_USUAL = {
    (62, 64): ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"),
    (62, 32): ("/libx32/ld-linux-x32.so.2", "/lib/ld-musl-x32.so.1"),
    (3, 32): ("/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1"),
    (183, 64): ("/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"),
    (40, 32): ("/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1"),
    (21, 64): ("/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1"),
    (22, 64): ("/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1"),
    (243, 64): ("/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1"),
}
_WITHOUT_OLD_SUBFOLDERS = (2, 37)
_FOLDERS = re.compile(rb"\0(/[!-~]*/\0(?:/[!-~]*/\0)*)")
_VERSION = re.compile(rb"stable release version (\d+)\.(\d+)")
_MUSL = re.compile(rb"musl libc \((\w+)\)")


class Loader(NamedTuple):
    """One loader; `path` as programs name it, `folders` with a slash at the end.

    `libc`: `glibc`, or `musl` with the name of its machine in `arch`. `version`: (0, 0) where the file does not tell,
    as that of glibc 2.32 and older. `lib`: what `$LIB` stands for. `subfolders`: looked into before each folder.
    """

    path: str
    file: File
    libc: str
    arch: str
    version: tuple[int, int]
    folders: tuple[str, ...]
    lib: str
    subfolders: tuple[str, ...]
    processor: Processor

    @property
    def knows_old_subfolders(self) -> bool:
        """Whether `tls`, the platform and such words count, as folders and as bits of cache entries."""
        return self.version < _WITHOUT_OLD_SUBFOLDERS

    @property
    def passes_over_files(self) -> bool:
        """Whether a file in the place of a folder does not end a path list."""
        return self.version >= (2, 39)

    @property
    def takes_first_entry(self) -> bool:
        """Whether a cache's entry for any ABI is taken although one for this very ABI follows."""
        return self.version >= (2, 33)

    @property
    def refuses_filters_of_a_program(self) -> bool:
        """Whether it dies of an assertion where another file comes before the program."""
        return self.version < (2, 33)

    @property
    def is_always_listed(self) -> bool:
        """Whether a trace shows the loader although nothing needs it."""
        return self.version >= (2, 41)

    def node(self) -> Node:
        """Itself, as one of the objects of a program: it is there from the start."""
        return Node(self.path, Hit(self.path, self.file, Rule(Stage.LOADER)), None)


def read_loader(root: Root, path: str, abi: Abi, processor: Processor) -> Loader:
    """The loader at a path that a program names.

    Raises:
        LibraryError: the root does not have it, or it is no loader of glibc or musl.
    """
    real = root.resolve(path)
    if isinstance(real, int):
        raise LibraryError(f"the loader {path} is not there: {os.strerror(real)}", where=root.path, mend=_MEND)
    file = Files(root, abi, {}).take(real)
    if isinstance(file, int):
        raise LibraryError(f"cannot be loaded: {os.strerror(file)}", where=path, mend=_MEND)
    return _compiled_in(path, file, root.content(real) or b"", processor)


_MEND = "Name the root that the program comes from."


def usual(root: Root, library: Elf) -> str:
    """The path of the loader for a file that names none: that of the libc that it needs, as far as the root has it.

    Raises:
        LibraryError: the root has none.
    """
    paths = _USUAL.get((library.abi.machine, library.abi.bits), ())
    names_musl = any(need.name == "libc.so" or need.name.startswith("libc.musl-") for need in library.needs)
    for path in reversed(paths) if names_musl else paths:
        if isinstance(root.resolve(path), str):
            return path
    tried = f": looked for {' and '.join(paths)}" if paths else ""
    raise LibraryError(f"has no loader for this kind of library{tried}", where=root.path, mend=_MEND)


def _compiled_in(path: str, file: File, content: bytes, processor: Processor) -> Loader:
    musl = next(_matches(_MUSL, b"musl libc (", content), None)
    if musl:
        return Loader(path, file, "musl", musl[1].decode(), (0, 0), (), "", (), processor)
    runs = [found[1] for found in _matches(_FOLDERS, b"\0/", content)]
    if b"LD_LIBRARY_PATH" not in content or not runs:
        raise LibraryError("is no loader of glibc or musl", where=path, mend=_MEND)
    folders = tuple(map(os.fsdecode, max(runs, key=lambda run: (run.count(b"\0"), len(run)))[:-1].split(b"\0")))
    found = next(_matches(_VERSION, b"stable release", content), None)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if b"glibc-hwcaps" not in content:
        processor = processor._replace(levels=())
    named = tuple(f"glibc-hwcaps/{level}" for level in processor.levels)
    old = processor.old_subfolders if version < _WITHOUT_OLD_SUBFOLDERS else ()
    return Loader(path, file, "glibc", "", version, folders, _lib(folders[0]), named + old, processor)


def _matches(pattern: re.Pattern[bytes], begin: bytes, content: bytes) -> Iterator[re.Match[bytes]]:
    """Those of a pattern that begins so: to find that takes a third of the time that the search of `re` takes."""
    at = content.find(begin)
    while at >= 0:
        found = pattern.match(content, at)
        if found:
            yield found
        at = content.find(begin, found.end() if found else at + 1)


def _lib(folder: str) -> str:
    """`lib/x86_64-linux-gnu` of `/lib/x86_64-linux-gnu/`, `lib` of `/usr/lib/`, or of a folder elsewhere."""
    words = folder.strip("/").removeprefix("usr/")
    return words if words.startswith("lib") else words.rpartition("/")[2]
