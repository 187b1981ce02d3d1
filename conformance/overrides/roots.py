"""Roots of hand-written libraries, with this machine's loader: what a provider and a container are made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pytest_vessel.conformance.overrides.architectures import this_machine
from pytest_vessel.conformance.overrides.put import put
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import NEEDED, RISCV, RPATH, RUNPATH, SONAME, X86, X86_64, Made

Files = Mapping[str, Made | bytes | str]
"""Name in the usual folder, or an absolute path; a library, some bytes, or where a link leads."""

CACHED = "/opt/cached"
"""A folder that no loader looks into, and every cache here knows."""
OTHER_CLASS, OTHER_MACHINE = Made(bits=32, machine=X86), Made(machine=RISCV)
"""Libraries that the loader of no machine on which these tests run takes."""


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


def usual_folder() -> str:
    """Where this machine's libraries lie: beside the loader itself."""
    return os.path.dirname(os.path.realpath(this_machine().loader))


def place(name: str) -> str:
    """The absolute path inside a root of a key of `Files`."""
    return name if name.startswith("/") else f"{usual_folder()}/{name}"


def write(root: Path, files: Files, *, cached: bool = True) -> Path:
    """Write a root: its loader, the files, and, where it has one, a cache of the usual folder and of `CACHED`."""
    machine = this_machine()
    put(root / machine.loader[1:], Path(os.path.realpath(machine.loader)).read_bytes())
    for name, content in files.items():
        if isinstance(content, Made):
            made = replace(content, machine=machine.machine) if content.machine == X86_64 else content
            put(root / place(name)[1:], made.content)
        else:
            put(root / place(name)[1:], content)
    if cached:
        places = [place(name) for name in files]
        known = [path for path in places if os.path.dirname(path) in (usual_folder(), CACHED)]
        entries = [Entry(os.path.basename(path), path, machine.cache_flags) for path in known]
        put(root / "etc/ld.so.cache", cache(entries))
    return root
