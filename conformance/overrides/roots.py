"""Roots of hand-written libraries, with this machine's loader: what a provider and a container are made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import AARCH64, NEEDED, RPATH, RUNPATH, SONAME, X86, X86_64, Made

Files = Mapping[str, Made | bytes | str]
"""Name in the usual folder, or an absolute path; a library, some bytes, or where a link leads."""

CACHED = "/opt/cached"
"""A folder that no loader looks into, and every cache here knows."""
RISCV = 243
OTHER_CLASS, OTHER_MACHINE = Made(bits=32, machine=X86), Made(machine=RISCV)
"""Libraries that no loader of `MACHINES` takes."""


@dataclass(frozen=True)
class Machine:
    """What a library of this machine has: the number of its ELF machine, its flags in a cache, its loader's path."""

    number: int
    cache_flags: int
    loader: str

    @property
    def folder(self) -> str:
        """Where its usual libraries lie: beside the loader itself."""
        return os.path.dirname(os.path.realpath(self.loader))


MACHINES = {
    "x86_64": Machine(X86_64, 0x0303, "/lib64/ld-linux-x86-64.so.2"),
    "aarch64": Machine(AARCH64, 0x0A03, "/lib/ld-linux-aarch64.so.1"),
}


def this_machine() -> Machine:
    """What libraries of this machine have.

    Raises:
        Inconclusive: it is none of those for which libraries are written here, or has no glibc.
    """
    found = MACHINES.get(os.uname().machine)
    if found is None or not os.path.exists(found.loader):
        mend = f"Run on {' or '.join(MACHINES)}, with glibc."
        raise Inconclusive("no libraries are written for this machine", mend=mend)
    return found


def library(soname: str, *needs: str, rpath: str | None = None, runpath: str | None = None) -> Made:
    """A library with what it needs, and the folders that it names."""
    lists = [(tag, text) for tag, text in ((RPATH, rpath), (RUNPATH, runpath)) if text is not None]
    return Made([(SONAME, soname), *((NEEDED, need) for need in needs), *lists])


def versioned(soname: str, version: str, *needs: str) -> dict[str, Made | bytes | str]:
    """A library whose file has its version in its name (`libz.so.1.3`), and the link by which it is loaded."""
    file = soname.partition(".so")[0] + f".so.{version}"
    return {file: library(soname, *needs), soname: file}


def defining(soname: str, *versions: str, symbols: tuple[str, ...] = ()) -> Made:
    """A library with these version definitions and symbols."""
    return replace(library(soname), versions=versions, symbols=symbols)


def place(name: str) -> str:
    """The absolute path inside a root of a key of `Files`."""
    return name if name.startswith("/") else f"{this_machine().folder}/{name}"


def write(root: Path, files: Files, *, cached: bool = True) -> Path:
    """Write a root: its loader, the files, and, where it has one, a cache of the usual folder and of `CACHED`."""
    machine = this_machine()
    _put(root, machine.loader, Path(os.path.realpath(machine.loader)).read_bytes())
    for name, content in files.items():
        if isinstance(content, Made):
            made = replace(content, machine=machine.number) if content.machine == X86_64 else content
            _put(root, place(name), made.content)
        else:
            _put(root, place(name), content)
    if cached:
        places = [place(name) for name in files]
        known = [path for path in places if os.path.dirname(path) in (machine.folder, CACHED)]
        entries = [Entry(os.path.basename(path), path, machine.cache_flags) for path in known]
        _put(root, "/etc/ld.so.cache", cache(entries))
    return root


def _put(root: Path, inside: str, content: bytes | str) -> None:
    path = root / inside[1:]
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        path.symlink_to(content)
    else:
        path.write_bytes(content)
        path.chmod(0o755)
