"""Architectures: which kinds of libraries this machine can load, and which of them the runtime has a loader for."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pytest_vessel.reference.overrides.roots import Tree


@dataclass(frozen=True)
class Architecture:
    """One kind of libraries.

    Attributes:
        multiarch: its name among Debian's multiarch tuples.
        loader: the path of ld.so that its programs name.
        folders: where its libraries may be in a root, besides those of the tuple.
    """

    multiarch: str
    loader: str
    folders: tuple[str, ...]

    @property
    def library_folders(self) -> tuple[str, ...]:
        """Where its libraries may be in a root."""
        return (f"/usr/lib/{self.multiarch}", f"/lib/{self.multiarch}", *self.folders)

    @property
    def folder(self) -> str:
        """Where its libraries are in OVR."""
        return f"lib/{self.multiarch}"


_AMD64 = Architecture("x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2", ("/usr/lib64", "/lib64", "/usr/lib", "/lib"))
_I386 = Architecture("i386-linux-gnu", "/lib/ld-linux.so.2", ("/usr/lib32", "/lib32", "/usr/lib", "/lib"))
_ARM64 = Architecture("aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1", ("/usr/lib64", "/lib64", "/usr/lib", "/lib"))
OF_MACHINES = {"x86_64": (_AMD64, _I386), "aarch64": (_ARM64,)}
"""What a kernel can run; the primary one is the first."""


def of_runtime(copy: Tree) -> tuple[Architecture, ...]:
    """Those whose programs the runtime can run."""
    known = OF_MACHINES.get(os.uname().machine, ())
    return tuple(architecture for architecture in known if copy.real(architecture.loader))
