"""Every ELF file of a root: whether we say of it what its loader says.

Where the two differ it is an exception by a rule of `rule_of`, of which docs/closure.md has a table, or wrong.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGSEGV

from agreement import Case, Compared, answer, compared
from both_ways import BothWays
from random_roots import NARROW, WIDE, Platform
from tracing import glibc

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import Elf, read
from pytest_vessel.libraries.elf_header import ET_EXEC, Content


@dataclass(frozen=True)
class Agreement:
    """How many files are listed alike, line by line; refused by both; exceptions, by their rules; and what is wrong."""

    listed: int
    refused: int
    exceptions: Counter[str]
    wrong: list[str]

    def __str__(self) -> str:
        """A row of the table in docs/closure.md."""
        files = self.listed + self.refused + self.exceptions.total() + len(self.wrong)
        exceptions = ", ".join(f"{count} {rule}" for rule, count in sorted(self.exceptions.items())) or "none"
        return f"| {files} | {self.listed} | {self.refused} | {exceptions} | {len(self.wrong)} |"


def agreement(root: Path, folders: Sequence[str] = ("",), platforms: Sequence[Platform] = (WIDE, NARROW)) -> Agreement:
    """Compare all ELF files below these folders of a root for these platforms, of one processor."""
    libraries = BothWays(root, chosen=platforms[0].processor)
    emulator = platforms[0].emulator
    paths = [path for path in elf_files(root, folders) if path != f"/{emulator}"]
    loaders = [loader_of(root, path, platforms) for path in paths]
    cases = [
        Case(answer(libraries, path), glibc("", loader, path, emulator=emulator))
        for path, loader in zip(paths, loaders, strict=True)
    ]
    every = compared(root, cases)
    alike = Counter(one.case.ours is not None for one in every if one.agrees)
    differing = [
        (one, rule_of(root, path, one, platforms)) for path, one in zip(paths, every, strict=True) if not one.agrees
    ]
    exceptions = Counter(rule for _, rule in differing if rule)
    return Agreement(alike[True], alike[False], exceptions, [str(one) for one, rule in differing if not rule])


def elf_files(root: Path, folders: Sequence[str]) -> Iterator[str]:
    """The paths inside of the root of those that may be read, by whatever names."""
    for folder in folders:
        for at, _, names in os.walk(root / folder):
            for path in (os.path.join(at, name) for name in names):
                if stat.S_ISREG(os.lstat(path).st_mode) and os.access(path, os.R_OK) and starts_as_elf(path):
                    yield f"/{os.path.relpath(path, root)}"


def starts_as_elf(path: str) -> bool:
    with open(path, "rb", buffering=0) as file:
        return file.read(4) == b"\x7fELF"


def facts(root: Path, path: str) -> Elf | None:
    """None of what no loader takes."""
    with open(f"{root}{path}", "rb") as file:
        try:
            return read(Content(file.fileno(), path))
        except LibraryError:
            return None


def loader_of(root: Path, path: str, platforms: Sequence[Platform]) -> str:
    """The one that a program names. All else is shown to the usual one of its class: also what no loader takes."""
    elf = facts(root, path)
    with open(f"{root}{path}", "rb") as file:
        bits = 32 if file.read(5)[4:] == b"\1" else 64
    usual = next((platform for platform in platforms if platform.bits == bits), platforms[0])
    return (elf and elf.interpreter) or usual.interpreter


def rule_of(root: Path, path: str, one: Compared, platforms: Sequence[Platform]) -> str:
    """Why the two may differ; empty where they must not. Where the loader has a list, only its own name may."""
    elf = facts(root, path)
    if elf is None or one.case.ours is None:
        return ""
    if one.said.lines is not None:
        loader = one.case.request.argv[-2]
        named = [f"{path} => {loader}" if line == loader else line for line in one.case.ours]
        return "empty interpreter" if elf.interpreter == "" and one.said.lines == named else ""
    if (elf.abi.machine, elf.abi.bits) not in [(platform.machine, platform.bits) for platform in platforms]:
        return "of another machine"
    is_static = elf.kind == ET_EXEC and not elf.is_dynamic
    return "static" if is_static and one.said.status == -SIGSEGV else ""
