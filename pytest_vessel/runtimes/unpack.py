"""Unpack tar archives, one over the other, into one root. They are hostile (tar(5); OCI image-spec, layer.md).

What is refused: names that are absolute or have `..`, hard links to what is not there, members of unknown kinds, and
more than `Bounds` allows. What is left out: device nodes and FIFOs, since a container has its own `/dev`; set-user-ID
and set-group-ID bits, owners, extended attributes.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pytest_vessel.errors import NO_ROOM, SourceError
from pytest_vessel.runtimes.bounds import Bounds, Refused
from pytest_vessel.runtimes.root import Names, Root
from pytest_vessel.runtimes.stream import BROKEN, Stream

_HIDE, _HIDE_ALL = ".wh.", ".wh..wh..opq"
_GLOBAL_HEADERS = 64
_MISREAD = (tarfile.TarError, ValueError, LookupError, OverflowError, RecursionError)
"""What `tarfile` raises at headers that make no sense."""

_LATEST_S = 1 << 33
_ANOTHER = "Take another archive, or make it anew."
_ROOM = "Make room in the cache folder, or name one that has some in XDG_CACHE_HOME."


@dataclass(frozen=True)
class Layer:
    """One archive.

    Attributes:
        name: what messages call it.
        stream: opens it.
        whiteouts: whether `.wh.NAME` stands for a deletion.
        digest: what it must unpack to (`sha256:...`); empty for anything.
    """

    name: str
    stream: AbstractContextManager[Stream]
    whiteouts: bool = False
    digest: str = ""


def unpack(layers: Iterable[Layer], folder: Path, bounds: Bounds) -> None:
    """Unpack all into `folder`, which is empty, later ones over earlier ones.

    Everything belongs to us afterwards, and its owner may read it. Not guaranteed after an error: what is in `folder`;
    outside nothing was touched, whatever the error.

    Raises:
        SourceError: one is damaged, or refused; names archive and member.
        Inconclusive: there is no program `zstd` for it.
    """
    unpacking = _Unpacking(folder, bounds)
    try:
        for layer in layers:
            unpacking.layer(layer)
    finally:
        unpacking.root.close()


class _Unpacking:
    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.root = Root(folder, bounds)
        self._bounds = bounds
        self._members = self._size_bytes = 0
        self._left_out: set[Names] = set()

    def layer(self, layer: Layer) -> None:
        self.root.new_layer()
        where = layer.name
        try:
            with layer.stream as stream, tarfile.open(fileobj=cast(BinaryIO, stream), mode="r:") as tar:
                while (info := tar.next()) is not None:
                    where = f"{layer.name}: member {info.name!r:.300}"
                    self._member(tar, info, layer.whiteouts)
                    where = f"{layer.name}: after {info.name!r:.300}"
                    tar.members.clear()  # type: ignore[attr-defined]  # it would keep them all in memory
                where = layer.name
                stream.drain()
                if layer.digest not in ("", stream.digest):
                    raise Refused(f"unpacks to {stream.digest}, but should to {layer.digest}")
        except SourceError as problem:  # of a file that may lie in another archive
            raise SourceError(problem.what, where=where, mend=problem.mend) from None
        except (Refused, *BROKEN, *_MISREAD) as problem:
            why = problem if isinstance(problem, Refused) else f"cannot be unpacked: {problem}"
            full = isinstance(problem, OSError) and problem.errno in NO_ROOM
            raise SourceError(str(why), where=where, mend=_ROOM if full else _ANOTHER) from problem

    def _member(self, tar: tarfile.TarFile, info: tarfile.TarInfo, whiteouts: bool) -> None:
        self._members += 1
        if self._members > self._bounds.members or len(tar.pax_headers) > _GLOBAL_HEADERS:
            raise Refused(f"comes after {self._bounds.members} others: too many")
        names = _names(info.name)
        if not (whiteouts and self._whiteout(names)):
            self._plant(tar, info, names)

    def _whiteout(self, names: Names) -> bool:
        """Do what a whiteout says; whether the member is one."""
        if any(name.startswith(_HIDE) for name in names[:-1]):
            raise Refused("lies below a whiteout")
        if not names or not names[-1].startswith(_HIDE):
            return False
        hidden = names[-1].removeprefix(_HIDE)
        if names[-1] == _HIDE_ALL:
            self.root.empty(names[:-1])
        elif hidden in ("", ".", ".."):
            raise Refused("is a whiteout of no name")
        elif not hidden.startswith(_HIDE):  # others of these are notes of a file system to itself
            self.root.hide((*names[:-1], hidden))
        return True

    def _plant(self, tar: tarfile.TarFile, info: tarfile.TarInfo, names: Names) -> None:
        time_ns = int(info.mtime) * 10**9 if 0 <= info.mtime < _LATEST_S else 0
        if info.isdir():
            self.root.folder(names, info.mode, time_ns)
        elif not names:
            raise Refused("stands for the root, and is no folder")
        elif info.isreg():
            self._count(info.size)
            content = tar.extractfile(info)
            assert content is not None
            self.root.file(names, cast(BinaryIO, content), info.mode, time_ns)
        elif info.issym():
            self.root.link(names, info.linkname)
        elif info.islnk():
            self._hard_link(names, _names(info.linkname))
        elif info.isdev():
            self._left_out.add(names)
        else:
            raise Refused(f"is of the unknown kind {info.type!r}")

    def _hard_link(self, names: Names, target: Names) -> None:
        if not target:
            raise Refused("is a hard link to the root")
        if target in self._left_out:
            self._left_out.add(names)
        else:
            self._count(self.root.hard_link(names, target))

    def _count(self, size_bytes: int) -> None:
        """Hold the bound on what is unpacked, before it is."""
        self._size_bytes += size_bytes
        if self._size_bytes > self._bounds.size_bytes:
            raise Refused(f"takes what is unpacked to more than {self._bounds.size_bytes} bytes")


def _names(path: str) -> Names:
    """The names of a member's path, from the top."""
    if path.startswith("/"):
        raise Refused(f"has the absolute name {path!r:.300}")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    if ".." in names:
        raise Refused(f"has '..' in the name {path!r:.300}")
    return names
