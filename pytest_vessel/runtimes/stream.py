"""What an archive unpacks to, read forward within bounds; packed with gzip, bzip2, xz, zstd, or not at all."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import shutil
import stat
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes.bounds import Bounds, Refused

BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What the readers of packed files raise where one is damaged."""

_PIECE_BYTES = 1 << 20


class Stream(io.BufferedIOBase):
    """As much of a file as `tarfile` needs, that is read once, from the start to the end.

    A read of more than 1 MiB is refused: it would be for a header that says how large it is.

    Args:
        source: what is read.
        bounds: `size_bytes` and `ratio` are held here.
        packed: how many bytes were read for this so far, before unpacking; None where nothing is packed.
    """

    def __init__(self, source: BinaryIO, bounds: Bounds, packed: Callable[[], int] | None) -> None:
        self._source, self._bounds, self._packed = source, bounds, packed
        self._position = 0
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """Of what was read so far, as OCI writes it."""
        return f"sha256:{self._hash.hexdigest()}"

    def readable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it stands, in bytes."""
        return self._position

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Read on to `position`; there is no way back."""
        if position < self._position:
            raise Refused("has headers that lead back")
        while self._position < position and self.read(min(_PIECE_BYTES, position - self._position)):
            pass
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes, fewer at the end.

        Raises:
            Refused: it unpacks to more than is allowed, or asks for too much at once.
        """
        if size is None or not 0 <= size <= _PIECE_BYTES:
            raise Refused(f"has a header of more than {_PIECE_BYTES} bytes")
        data = self._source.read(size)
        self._position += len(data)
        self._hash.update(data)
        self._check()
        return data

    def drain(self) -> None:
        """Read to the end, so that what is packed there is checked, and the digest is that of all."""
        while self.read(_PIECE_BYTES):
            pass

    def _check(self) -> None:
        bounds, size = self._bounds, self._position
        if size > bounds.size_bytes:
            raise Refused(f"unpacks to more than {bounds.size_bytes} bytes")
        if self._packed is not None and size > bounds.ratio_from_bytes and size > bounds.ratio * self._packed():
            raise Refused(f"unpacks to more than {bounds.ratio} times its size")


@contextmanager
def opened(path: Path, bounds: Bounds, digest: str = "") -> Iterator[Stream]:
    """Open an archive, packed or not.

    Args:
        path: the archive.
        bounds: what it may unpack to.
        digest: what its bytes must be, packed as they are (`sha256:...`); checked before anything is unpacked.

    Raises:
        SourceError: there is no such file, or it is another one.
        Inconclusive: there is no program `zstd` for it.
    """
    with open_regular(path) as file:
        if digest and (found := digest_of(file)) != digest:
            raise SourceError(f"is {found}, but should be {digest}", where=str(path), mend="Get it again.")
        file.seek(0)
        magic = file.peek(6)[:6]
        if magic.startswith(b"\x28\xb5\x2f\xfd"):
            size_bytes = os.fstat(file.fileno()).st_size
            with _unpacked_by_zstd(file, path) as plain:
                yield Stream(plain, bounds, lambda: size_bytes)
        elif (unpack := _unpacker(magic)) is not None:
            with unpack(file) as plain:
                yield Stream(plain, bounds, file.tell)
        else:
            yield Stream(file, bounds, None)


def _unpacker(magic: bytes) -> Callable[[BinaryIO], AbstractContextManager[BinaryIO]] | None:
    if magic.startswith(b"\x1f\x8b"):
        return lambda file: cast(AbstractContextManager[BinaryIO], gzip.GzipFile(fileobj=file))
    if magic.startswith(b"BZh"):
        return lambda file: cast(AbstractContextManager[BinaryIO], bz2.BZ2File(file))
    if magic.startswith(b"\xfd7zXZ\0"):
        return lambda file: cast(AbstractContextManager[BinaryIO], lzma.LZMAFile(file))
    return None


@contextmanager
def _unpacked_by_zstd(file: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    if (program := shutil.which("zstd")) is None:
        raise Inconclusive("there is no program zstd to unpack it", where=str(path), mend="apt install zstd")
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # `file` has read ahead
    argv = [program, "-dcq", "--memory=128MB"]
    with subprocess.Popen(argv, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield cast(BinaryIO, process.stdout)
            said = process.stderr.read(4096).decode(errors="replace").strip()
        finally:
            process.kill()
    if said:
        raise Refused(f"cannot be unpacked: {said}")


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """Open a regular file: no FIFO is waited for.

    Raises:
        SourceError: it is none, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as problem:
        raise SourceError(f"cannot be opened: {problem.strerror}", where=str(path), mend="Check the path.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SourceError("is no regular file", where=str(path), mend="Name the file itself.")
    with open(descriptor, "rb") as file:
        yield file


def digest_of(file: io.BufferedReader) -> str:
    """The digest of an open file, as OCI writes it."""
    return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def digest_at(path: Path) -> str:
    """The digest of the file at a path.

    Raises:
        SourceError: it is no regular file, or cannot be opened.
    """
    with open_regular(path) as file:
        return digest_of(file)
