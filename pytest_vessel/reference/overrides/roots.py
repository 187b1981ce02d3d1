"""The provider and the copy as roots: a path in one of them leads to what a process would find whose root it is.

Absolute links begin at the top of the root again and `..` ends there (openat2(2), RESOLVE_IN_ROOT, Linux 5.6); so no
link of a runtime or a provider makes us read or write outside of it.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field

from pytest_vessel.reference import kernel
from pytest_vessel.reference.capturing import kind_of
from pytest_vessel.reference.overrides.folder import clear, reason
from pytest_vessel.reference.remove import FOLDER
from pytest_vessel.reference.trouble import Trouble

PROVIDER_INSIDE = "/run/provider"
"""Where the container sees the provider."""

SHOWN = ("usr", "app")
"""Folders of the provider that the container sees there, beside those that begin with `lib`."""

NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.ENXIO)
"""The last: a socket."""


@dataclass(frozen=True)
class Library:
    """A library in a root, under one name. Which of its paths it was found by makes no difference.

    Attributes:
        name: what it is called at the path by which it was found.
        real: its path in that root, without links.
        multiarch: its architecture.
        identity: device and inode: two names of one file have one.
    """

    name: str
    real: str = field(compare=False)
    multiarch: str
    identity: tuple[int, int]


class Tree:
    """A root, by a descriptor of its top folder."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def open(self, path: str, flags: int) -> int:
        """Open something in it. Raises OSError."""
        return kernel.open_in_root(self.descriptor, path, flags | os.O_CLOEXEC)

    def find(self, path: str, flags: int = os.O_PATH) -> int | None:
        """Open something in it; None where nothing is that we may open. An error that says nothing of that is one."""
        try:
            return self.open(path, flags)
        except OSError as problem:
            if problem.errno not in NOT_THERE:
                raise
            return None

    def real(self, path: str) -> str | None:
        """The path without links of what is there; None where nothing is."""
        found = self.find(path)
        if found is None:
            return None
        try:
            return self.path(found)
        finally:
            os.close(found)

    def path(self, descriptor: int) -> str:
        """The path without links, in this root, of what was opened in it (proc_pid_fd(5))."""
        top, inner = (os.readlink(f"/proc/self/fd/{one}") for one in (self.descriptor, descriptor))
        return "/" + inner.removeprefix(top).lstrip("/")

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        found = self.find(path, os.O_PATH | os.O_DIRECTORY)
        if found is not None:
            os.close(found)
        return found is not None

    def names(self, path: str) -> list[str]:
        """The names in a folder, in order; none where it is no folder."""
        folder = self.find(path, os.O_RDONLY | os.O_DIRECTORY)
        if folder is None:
            return []
        try:
            return sorted(os.listdir(folder))
        finally:
            os.close(folder)

    def library(self, path: str) -> Library | None:
        """The library at a path; None where there is none that a loader could load."""
        file = self.find(path, os.O_RDONLY | os.O_NONBLOCK)
        if file is None:
            return None
        try:
            kind, status = kind_of(file, path), os.fstat(file)
            real = self.path(file)
        finally:
            os.close(file)
        if kind is None:
            return None
        return Library(os.path.basename(path), real, kind.multiarch, (status.st_dev, status.st_ino))

    def content(self, path: str, most_bytes: int) -> bytes:
        """What a file holds. Raises OSError."""
        with open(self.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read(most_bytes)


class Provider(Tree):
    """The root that gives libraries."""

    def inside(self, real: str) -> str:
        """Where the container sees a path that has no links."""
        top = real.split("/")[1]
        return PROVIDER_INSIDE + real if is_shown(top) else real


def is_shown(top: str) -> bool:
    """Whether a top-level folder of the provider is seen below `PROVIDER_INSIDE`; others are at their own place."""
    return top in SHOWN or top.startswith("lib")


class CopyRoot(Tree):
    """The copy as the container's root. What is changed in it is replaced: its files are shared with the runtime."""

    def link(self, path: str, target: str) -> None:
        """Make `path` a link, whatever is there.

        Raises:
            Trouble: that is not possible; names the path.
        """
        folder, name = os.path.split(path)
        try:
            above = self.make_folder(folder)
            try:
                clear(name, above)
                os.symlink(target, name, dir_fd=above)
            finally:
                os.close(above)
        except OSError as problem:
            raise Trouble(f"{path}: cannot be made a link in the copy: {reason(problem)}") from None

    def make_folder(self, path: str) -> int:
        """Open a folder, and make it if it is missing."""
        try:
            return self.open(path, FOLDER & ~os.O_NOFOLLOW)
        except FileNotFoundError:
            above, name = os.path.split(path)
            folder = self.make_folder(above)
            try:
                os.mkdir(name, 0o755, dir_fd=folder)
            finally:
                os.close(folder)
            return self.open(path, FOLDER & ~os.O_NOFOLLOW)
