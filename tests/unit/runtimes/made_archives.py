"""Archives made by hand, member by member: also such that no honest program makes."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

from pytest_vessel.runtimes import stream
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.unpack import Layer, unpack

Member = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"", mode: int = 0o644) -> Member:
    return _member(name, tarfile.REGTYPE, mode=mode, size=len(content)), content


def folder(name: str, mode: int = 0o755) -> Member:
    return _member(name, tarfile.DIRTYPE, mode=mode), b""


def link(name: str, target: str) -> Member:
    return _member(name, tarfile.SYMTYPE, linkname=target), b""


def hard(name: str, target: str) -> Member:
    return _member(name, tarfile.LNKTYPE, linkname=target), b""


def special(name: str, kind: bytes) -> Member:
    return _member(name, kind), b""


def _member(name: str, kind: bytes, **values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mtime = kind, 1_000_000_000
    for key, value in values.items():
        setattr(info, key, value)
    return info


def packed(members: Iterable[Member], mode: str = "w:") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as tar:  # type: ignore[call-overload]
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


def unpacked(target: Path, *archives: bytes, whiteouts: bool = False, bounds: Bounds | None = None) -> Path:
    """Unpack them one over the other into a new folder."""
    target.mkdir()
    bounds = bounds or Bounds()
    layers = []
    for number, content in enumerate(archives, 1):
        path = target.with_name(f"{target.name}-{number}.tar")
        path.write_bytes(content)
        layers.append(Layer(path.name, stream.opened(path, bounds), whiteouts=whiteouts))
    unpack(layers, target, bounds)
    return target


Seen = dict[str, str | bytes | None]


def seen(folder: Path) -> Seen:
    """What is below a folder: the content of files, the texts of links, None for folders."""
    found: Seen = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = None if path.is_dir() else path.read_bytes()
    return found
