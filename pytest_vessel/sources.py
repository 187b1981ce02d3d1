"""What runtimes are made from, beside programs of this machine: for `vessel_runtime(source=...)`.

All but folders are unpacked once, into the user's cache folder (`$XDG_CACHE_HOME/pytest-vessel/roots`), and copied from
there: nothing that a test or an implementation does to its runtime reaches the cache.

Whatever is in an archive or image, nothing outside of its root is touched. Refused with a `SourceError` that names the
member: absolute names and `..`, hard links to what is not there, more than the bounds. Left out: device nodes, FIFOs,
owners, set-user-ID bits, extended attributes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pytest_vessel.runtimes.archive import Archive, Folder
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.debian import Debian
from pytest_vessel.runtimes.oci import Image
from pytest_vessel.system.sysroot import HostPrograms, Source

__all__ = ["Bounds", "Source", "archive", "debian", "folder", "oci", "programs"]

_BOUNDS = Bounds()


def programs(*names: str) -> Source:
    """Programs of this machine with the libraries that they need, looked up in PATH.

    The source raises `Inconclusive` where there is no such program.
    """
    return HostPrograms(names)


def debian(suite: str, packages: Sequence[str] = ()) -> Source:
    """The essential packages of a Debian suite, and more, made by mmdebstrap from the mirror that apt uses here.

    Made once, and kept as it is, whatever is updated later. The first time it takes a network, and a minute.

    Args:
        suite: such as `bookworm`.
        packages: more packages; what they depend on comes too.

    The source raises `Inconclusive` where mmdebstrap, network, suite or package are missing.
    """
    return Debian(suite, tuple(packages), _BOUNDS)


def oci(path: str | os.PathLike[str], reference: str = "", *, bounds: Bounds = _BOUNDS) -> Source:
    """An image for this machine, from an OCI layout folder or an archive of one, with its whiteouts.

    Args:
        path: the folder, or the tar archive, packed or not.
        reference: its name in there (`org.opencontainers.image.ref.name`) or digest; needed where there are several.
        bounds: what it may unpack to.

    The source raises `SourceError` where something is not as its digest says; `Inconclusive` where the image is for
    other machines, or there is no `zstd` for its layers.
    """
    return Image(Path(path), reference, bounds)


def archive(path: str | os.PathLike[str], *, bounds: Bounds = _BOUNDS) -> Source:
    """A tar archive, plain or packed with gzip, bzip2, xz or zstd.

    With one of `usr`, `dev`, `proc`, `sys` at its top it is a complete root; otherwise the content of a `/usr`.

    Args:
        path: the archive.
        bounds: what it may unpack to.

    The source raises `SourceError` where it is refused; `Inconclusive` where there is no `zstd` for it.
    """
    return Archive(Path(path), bounds)


def folder(path: str | os.PathLike[str]) -> Source:
    """A folder of this machine: a complete root or the content of a `/usr`, as with `archive`. It is trusted.

    The source raises `SourceError` where it cannot be read.
    """
    return Folder(Path(path))
