"""The architectures that libraries of tests are made for."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system import made_elf


@dataclass(frozen=True)
class Architecture:
    """One of them: its multiarch tuple, its loader's path, and what files and caches say of it."""

    name: str
    loader: str
    bits: int
    machine: int
    cache_flags: int

    @property
    def folder(self) -> str:
        """Where its libraries lie in a root, without the first slash."""
        return f"usr/lib/{self.name}"

    @property
    def loader_file(self) -> str:
        """Where the loader itself lies, which `loader` is a link to."""
        return f"{self.folder}/{self.loader.rpartition('/')[2]}"


X86_64 = Architecture("x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", 64, made_elf.X86_64, 0x0303)
I386 = Architecture("i386-linux-gnu", "/lib/ld-linux.so.2", 32, made_elf.X86, 0x0003)
AARCH64 = Architecture("aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1", 64, made_elf.AARCH64, 0x0A03)
RISCV64 = Architecture("riscv64-linux-gnu", "/lib/ld-linux-riscv64-lp64d.so.1", 64, made_elf.RISCV, 0x1003)

_MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}


def this_machine() -> Architecture:
    """The one of this machine.

    Raises:
        Inconclusive: it is none of those for which libraries are written here, or has no glibc.
    """
    found = _MACHINES.get(os.uname().machine)
    if found is None or not os.path.exists(found.loader):
        mend = f"Run on {' or '.join(_MACHINES)}, with glibc."
        raise Inconclusive("no libraries are written for this machine", mend=mend)
    return found
