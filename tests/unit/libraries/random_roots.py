"""Small roots in which every rule of the loader's search may matter, made from a seed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from random import Random

from systems import copy_emulator, copy_loader

from pytest_vessel.libraries.processor import Processor
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import (
    AARCH64,
    AUXILIARY,
    ET_DYN,
    ET_EXEC,
    FILTER,
    FLAGS_1,
    NEEDED,
    NODEFLIB,
    PIE,
    RPATH,
    RUNPATH,
    SONAME,
    X86,
    X86_64,
    Made,
)

INTERPRETER = "/lib64/ld-linux-x86-64.so.2"


class Sort(Enum):
    """What the files of a root may hold."""

    ANYTHING = "anything but filters"
    FILTERS = "filters too"
    ORDINARY = "what the compiled module knows, mostly"


@dataclass(frozen=True)
class Platform:
    """For which loader a root is made; the first of `flags` are those of its own entries in a cache.

    `emulator`: the program that runs the loader of another machine, and `processor` what that is to the loader.
    """

    interpreter: str
    bits: int
    machine: int
    folders: tuple[str, ...]
    subfolders: tuple[str, ...]
    flags: tuple[int, ...]
    emulator: str = ""
    processor: Processor | None = None


WIDE = Platform(
    INTERPRETER,
    64,
    X86_64,
    ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib"),
    (
        *("glibc-hwcaps/x86-64-v2", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v4", "tls", "tls/x86_64", "haswell"),
        *("x86_64", "haswell/avx512_1/x86_64", "tls/haswell", "x86_64/x86_64"),
    ),
    (0x303, 0x303, 0x303, 0x303, 0x3, 0x1, 0x803),
)
NARROW = Platform(
    "/lib/ld-linux.so.2",
    32,
    X86,
    ("/lib32", "/usr/lib32", "/lib", "/usr/lib"),
    ("tls", "tls/i686/sse2", "i686", "sse2", "i686/sse2", "tls/sse2", "glibc-hwcaps/x86-64-v2"),
    (0x3, 0x3, 0x3, 0x303, 0x1),
)
ARM64 = Platform(
    "/lib/ld-linux-aarch64.so.1",
    64,
    AARCH64,
    ("/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"),
    ("tls", "tls/aarch64/atomics", "aarch64", "atomics", "aarch64/atomics", "glibc-hwcaps/x86-64-v2"),
    (0xA03, 0xA03, 0xA03, 0x303, 0x3, 0x1),
    "qemu-aarch64-static",
    Processor("aarch64", (), ("atomics",)),
)
NAMES = ["liba.so", "libb.so", "libc.so.1", "libd.so.2", "libe.so.10", "libf.so.01"]
FOLDERS = ["/d0", "/d0/sub", "/d1", "/d2", "/app/lib"]
ELEMENTS = [
    "/d0",
    "/d1",
    "/d2",
    "/d0/",
    "/d1///",
    "//d2",
    "/d0/../d1",
    "/nonexist",
    "/nonexist/../d1",
    "/file",
    "/loop",
]
ELEMENTS += [
    "$ORIGIN",
    "${ORIGIN}/sub",
    "$ORIGIN/../d1",
    "$ORIGINx",
    "/$LIB",
    "/usr/$LIB",
    "/d0/$PLATFORM",
    "sub",
    ".",
    "",
]
ELEMENTS += ["/link", "/linked/sub", "d1", "file", "${LIB", "/app/lib", "$ORIGIN/../app/lib", "/usr/lib", "nonexist"]
ORDINARY_ELEMENTS = [one for one in ELEMENTS if one.startswith(("/", "$ORIGIN/", "${ORIGIN}")) and "/$" not in one]
PATHS = ["/d0/liba.so", "$ORIGIN/libb.so", "sub/libc.so.1", "./d0/liba.so", "/nonexist/libd.so.2", "/d1/../d2/libb.so"]
PATHS += [
    "/link/liba.so",
    "/loop/liba.so",
    "ld-linux-x86-64.so.2",
    "ld-linux.so.2",
    WIDE.interpreter,
    NARROW.interpreter,
    "/file/liba.so",
    "$LIB/liba.so",
    "",
]
ORDINARY_CHANCES = (0.5, 0.6, 0.7, 0.83, 0.87, 0.9)
"""Files, links, hard links and copies, of the chances of `_put`."""
JUNK = [b"", b"text\n", b"\x7fELF", b"/* GNU ld script */\nGROUP ( libz.so.1 )\n", b"\x7fELF" + bytes(60)]


class RandomRoot:
    """A root in `folder`, with the loader of another one, `system`.

    `mains` are the files to ask about, `cwd` and `library_path` what to ask with.
    """

    def __init__(self, folder: Path, seed: str, *, sort: Sort, platform: Platform, system: Path) -> None:
        self._random = Random(seed)
        self._platform = platform
        self._system = system
        self._folders = [*FOLDERS, *platform.folders]
        self._root = folder
        self._sort = sort
        self._is_ordinary = sort is Sort.ORDINARY
        self._placed: list[str] = []
        self.mains: list[str] = []
        self.cwd = self._random.choice(["/", "/d0", "/app"])
        self.library_path = self._list(";:") if not self._is_ordinary and self._random.random() < 0.4 else ""
        self._make_folders()
        for name in NAMES:
            self._place(name)
        self._programs()
        self._cache()
        if not self._is_ordinary and self._random.random() < 0.1:
            self._write(
                "/etc/ld.so.preload", f"# comment liba.so\nlibb.so:{self._random.choice(NAMES)} /d0/liba.so\n".encode()
            )

    def _make_folders(self) -> None:
        for folder in [*self._folders, "/lib64", "/lib", "/etc", "/app/bin"]:
            self._at(folder).mkdir(parents=True, exist_ok=True)
        copy_loader(self._system, self._platform.interpreter, self._root)
        copy_emulator(self._platform.emulator, self._root)
        self._write("/file", b"")
        self._at("/loop").symlink_to("loop")
        self._at("/link").symlink_to(self._random.choice(["d0", "/d1", "../../d2", "/usr/../app/lib", "loop"]))
        self._at("/linked").symlink_to(self._random.choice(["d0", "/link", "/file"]))

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _write(self, path: str, content: bytes) -> None:
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        self._at(path).write_bytes(content)

    def _list(self, separators: str = ":") -> str:
        random = self._random
        known = ORDINARY_ELEMENTS if self._is_ordinary else ELEMENTS
        elements = random.choices(known, k=random.choice([0, 1, 1, 2, 3, 5]))
        return "".join(element + random.choice(separators) for element in elements)[
            : -1 if self._is_ordinary or random.random() < 0.9 else None
        ]

    def _tags(self, name: str, *, program: bool = False) -> list[tuple[int, str | int]]:
        random = self._random
        tags: list[tuple[int, str | int]] = []
        others = [] if self._is_ordinary else PATHS
        for _ in range(random.choice([1, 2, 3, 4] if program else [0, 0, 1, 1, 2, 3])):
            wanted = random.choice(NAMES) if random.random() < 0.85 else random.choice([*others, "libmissing.so"])
            tag = random.choice([FILTER, AUXILIARY]) if self._sort is Sort.FILTERS and random.random() < 0.2 else NEEDED
            tags.append((tag, wanted))
        if random.random() < 0.6 and not program:
            tags.append((SONAME, name if random.random() < 0.7 else random.choice([*NAMES, "libother.so"])))
        for tag, chance in ((RPATH, 0.35), (RUNPATH, 0.3)):
            if random.random() < chance:
                tags.append((tag, self._list()))
        if not self._is_ordinary and random.random() < 0.08:
            tags.append((FLAGS_1, NODEFLIB))
        random.shuffle(tags)
        return tags

    def _place(self, name: str) -> None:
        """Copies of a library in some folders: itself, foreign ones, links, junk."""
        random = self._random
        folders = list(self._folders)
        for folder in self._folders:
            folders += [
                f"{folder}/{subfolder}"
                for subfolder in random.sample(self._platform.subfolders, random.choice([0, 0, 0, 1, 2]))
            ]
        for folder in random.sample(folders, random.choice([1, 2, 2, 3, 4])):
            path = f"{folder}/{name}"
            self._at(folder).mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(self._at(path)):
                self._put(path, name)

    def _made(self, tags: list[tuple[int, str | int]]) -> Made:
        return Made(tags, bits=self._platform.bits, machine=self._platform.machine)

    def _foreign(self, made: Made) -> Made:
        return replace(made, bits=96 - made.bits, machine=X86 if made.bits == 64 else X86_64)

    def _put(self, path: str, name: str) -> None:
        random = self._random
        made = self._made(self._tags(name))
        chance = random.choice(ORDINARY_CHANCES) if self._is_ordinary else random.random()
        if chance < 0.72 or not self._placed:
            self._write(path, made.content)
            self._placed.append(path)
            self.mains.append(path)
        elif chance < 0.78:
            self._write(path, replace(made, machine=random.choice([AARCH64, self._platform.machine ^ 1])).content)
        elif chance < 0.81:
            self._write(path, self._foreign(made).content)
        elif chance < 0.86:
            target = random.choice(self._placed)
            os.symlink(
                random.choice([target, f"../../../../../..{target}", self._beside(path, target)]), self._at(path)
            )
        elif chance < 0.89:
            os.link(self._at(random.choice(self._placed)), self._at(path))
        elif chance < 0.92:
            shutil.copy(self._at(random.choice(self._placed)), self._at(path))
        elif chance < 0.955:
            os.symlink(random.choice(["/nonexist", "/loop/x", "/file/x", "/loop", "x" * 300]), self._at(path))
        elif chance < 0.97:
            self._write(path, random.choice(JUNK))
        else:
            self._refused(path, made)

    def _beside(self, path: str, target: str) -> str:
        return os.path.relpath(target, os.path.dirname(path))

    def _refused(self, path: str, made: Made) -> None:
        random = self._random
        tags = list(made.tags)
        choices = [replace(made, kind=ET_EXEC), self._made([*tags, (FLAGS_1, PIE)]), replace(made, kind=1)]
        choices.append(replace(made, os_abi=9))
        choices.append(replace(made, os_abi=3))
        self._write(path, random.choice(choices).content)

    def _programs(self) -> None:
        for number in range(3):
            path = f"/app/bin/prog{number}"
            made = self._made(self._tags("", program=True))
            kind = self._random.choice([ET_EXEC, ET_DYN])
            self._write(path, replace(made, interpreter=self._platform.interpreter, kind=kind).content)
            self.mains.append(path)

    def _cache(self) -> None:
        random = self._random
        entries = []
        for path in [*self._placed, "/nonexist/liba.so", "/file/libb.so", "/d1/libc.so.1"]:
            folder, _, name = path.rpartition("/")
            if random.random() < 0.3:
                level = folder.rpartition("/")[2] if "glibc-hwcaps" in folder else ""
                if random.random() < 0.2:
                    level = random.choice(["x86-64-v2", "x86-64-v3", "x86-64-v4"])
                flags = random.choice(self._platform.flags)
                hwcap = random.choice([0, 0, 0, 0, 2, 4, 1 << 63, 1 << 50, 1 << 49, 2 | 1 << 63])
                entries.append(Entry(name, path, flags, hwcap, level))
        if random.random() < 0.8:
            self._write("/etc/ld.so.cache", cache(entries, old=random.random() < 0.1))
