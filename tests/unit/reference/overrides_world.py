"""What the tests of overrides share: a provider and a runtime of hand-written files, and what a copy has then."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from copy_world import copies
from reference_world import command, done

from pytest_vessel.system.made_elf import NEEDED, RPATH, SONAME, X86, Made

AMD64, I386 = "x86_64-linux-gnu", "i386-linux-gnu"
LIB, LIB32 = f"usr/lib/{AMD64}", f"usr/lib/{I386}"
OVR = "usr/lib/vessel/overrides"
INSIDE = f"/run/provider/{LIB}"
LOADERS = {AMD64: "usr/lib64/ld-linux-x86-64.so.2", I386: "usr/lib/ld-linux.so.2"}

on_amd64 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the roots are made for x86_64")

HELPER = "from pytest_vessel.reference.overrides import libraries\nlibraries.Libraries.command = {}\n"
"""A change of the reference: another program captures its libraries."""

Content = bytes | str | dict[str, object]
"""Of a file; a text: where a link leads; a dict: JSON."""


def library(soname: str = "", *needs: str, rpath: str = "", bits: int = 64) -> bytes:
    tags: list[tuple[int, str | int]] = [(SONAME, soname)] * bool(soname) + [(NEEDED, need) for need in needs]
    tags += [(RPATH, rpath)] * bool(rpath)
    return Made(tags, bits=bits, **({"machine": X86} if bits == 32 else {})).content


def loader(multiarch: str) -> bytes:
    """What a loader is recognised by."""
    folders = b"".join(f"/{folder}/\0".encode() for folder in (f"lib/{multiarch}", f"usr/lib/{multiarch}", "usr/lib"))
    return library("ld.so", bits=32 if multiarch == I386 else 64) + b"\0" + folders + b"\0LD_LIBRARY_PATH\0"


def root(folder: Path, files: Mapping[str, Content], *kinds: str) -> Path:
    """A complete root with links at its top, loaders of these kinds, and files; a name without a slash is a library."""
    for name in ("lib", "lib64"):
        (folder / "usr" / name).mkdir(parents=True)
        (folder / name).symlink_to(f"usr/{name}")
    loaders: dict[str, Content] = {LOADERS[kind]: loader(kind) for kind in kinds}
    for name, content in (loaders | dict(files)).items():
        path = folder / (name if "/" in name else f"{LIB}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return folder


@dataclass
class World:
    """A provider, a runtime, and the folder of its copies."""

    folder: Path
    program: tuple[str, ...] = ("pytest_vessel.reference",)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def parent(self) -> Path:
        return self.folder / "parent"

    @property
    def provider_folder(self) -> Path:
        return self.folder / "provider"

    @property
    def runtime_folder(self) -> Path:
        return self.folder / "runtime"

    def provider(self, files: Mapping[str, Content], *kinds: str) -> Path:
        return root(self.provider_folder, files, *(kinds or (AMD64,)))

    def runtime(self, files: Mapping[str, Content], *kinds: str) -> Path:
        """A complete root with a lock file."""
        made = root(self.runtime_folder, files, *(kinds or (AMD64,)))
        (made / ".ref").touch()
        return made

    def merge_usr(self) -> None:
        """Make a merged /usr of the runtime."""
        (self.runtime_folder / "usr/.ref").touch()
        (self.runtime_folder / "usr").rename(self.folder / "usr")
        self.runtime_folder.rename(self.folder / "rest")
        (self.folder / "usr").rename(self.runtime_folder)

    def words(self, *options: str) -> list[str]:
        return ["prepare", f"--provider={self.provider_folder}", *options, str(self.runtime_folder), str(self.parent)]

    def prepare(self, *options: str) -> subprocess.CompletedProcess[str]:
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        return done(argv=["/usr/bin/env", *variables, *command(*self.words(*options), program=self.program)])

    def copy(self, *options: str) -> Copy:
        """A copy that was made."""
        result = self.prepare(*options)
        assert result.returncode == 0, result.stderr
        return Copy(self.parent / result.stdout.removeprefix("copy: ").strip(), result.stderr)

    def refused(self) -> str:
        """What is said by a set-up that fails, and leaves nothing."""
        result = self.prepare()
        assert (result.returncode, result.stdout) == (1, "")
        assert copies(self.parent) == []
        return result.stderr


@dataclass
class Copy:
    path: Path
    said: str

    def tree(self) -> dict[str, str]:
        """All below OVR but folders that hold something: targets of links, texts of files, `/` for an empty folder."""
        top = self.path / OVR
        found = {}
        for path in sorted(top.rglob("*")):
            name = str(path.relative_to(top))
            if path.is_symlink():
                found[name] = str(path.readlink())
            elif path.is_file():
                found[name] = path.read_text()
            elif not any(path.iterdir()):
                found[f"{name}/"] = ""
        return found

    def libraries(self, multiarch: str = AMD64) -> dict[str, str]:
        """The links in the folder of libraries."""
        folder = self.path / OVR / "lib" / multiarch
        return {path.name: str(path.readlink()) for path in sorted(folder.iterdir()) if path.is_symlink()}

    def below(self, folder: str) -> dict[str, str]:
        """What is in one folder of OVR."""
        return {
            name.removeprefix(f"{folder}/"): what for name, what in self.tree().items() if name.startswith(f"{folder}/")
        }
