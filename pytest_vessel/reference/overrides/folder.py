"""The overrides folder, OVR, and all that is made in it, relative to one descriptor.

OVR and the folders above it are made one by one, each opened before the next is made in it, and none of them through a
symbolic link: a runtime that has a link there cannot make us write outside of the copy. What a runtime has at OVR's own
place is no overrides of this copy, and goes.
"""

from __future__ import annotations

import errno
import os
import stat

from pytest_vessel.reference.remove import FOLDER, delete_tree
from pytest_vessel.reference.trouble import Trouble, tell

PLACE = "usr/lib/vessel/overrides"
"""Where OVR is in a root."""

NAME = "overrides"
"""What OVR is called in messages, and at the top of a root."""

INSIDE = f"/{NAME}"
"""Where the container sees OVR."""


class OverridesFolder:
    """OVR of one copy. `make` comes first; paths are relative to OVR, as those in messages are.

    Args:
        comparable: tell of each thing that is made, one line each, by its path in OVR: two logs differ where two
            containers do.
    """

    def __init__(self, *, comparable: bool = False) -> None:
        self.comparable = comparable
        self.descriptor = -1

    def make(self, copy: int) -> None:
        """Make OVR in a copy, a descriptor of the folder that is the container's root.

        Raises:
            Trouble: a folder above it is none, or something cannot be made.
        """
        above, name = os.path.split(PLACE)
        try:
            folder = make_folders(copy, above)
            try:
                clear(name, folder)
                self.descriptor = make_folders(folder, name)
            finally:
                os.close(folder)
            clear(NAME, copy)
            os.symlink(PLACE, NAME, dir_fd=copy)
        except OSError as problem:
            raise Trouble(f"{NAME}: cannot be made in the copy: {reason(problem)}") from None

    def make_folder(self, path: str) -> None:
        """Make a folder with those above it, as far as they are missing."""
        try:
            os.close(make_folders(self.descriptor, path))
        except OSError as problem:
            raise cannot_be_made(problem.filename, problem) from None

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link, in a folder that is there."""
        try:
            os.symlink(target, path, dir_fd=self.descriptor)
        except OSError as problem:
            raise cannot_be_made(path, problem) from None
        self.tell_of(path, target)

    def write(self, path: str, text: str) -> None:
        """Make a file, in a folder that is there."""
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=self.descriptor)
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as problem:
            raise cannot_be_made(path, problem) from None
        self.tell_of(path)

    def target(self, path: str) -> str | None:
        """Where a link leads; None where there is none, or a folder."""
        try:
            return os.readlink(path, dir_fd=self.descriptor)
        except OSError as problem:
            if problem.errno not in (errno.ENOENT, errno.EINVAL):
                raise
            return None

    def is_folder(self, path: str) -> bool:
        """Whether a folder was made."""
        try:
            return stat.S_ISDIR(os.lstat(path, dir_fd=self.descriptor).st_mode)
        except FileNotFoundError:
            return False

    def links(self, path: str) -> dict[str, str]:
        """The links in a folder, by name and in that order, with their targets."""
        folder = os.open(path, FOLDER, dir_fd=self.descriptor)
        try:
            names = sorted(os.listdir(folder))
        finally:
            os.close(folder)
        found = {name: self.target(f"{path}/{name}") for name in names}
        return {name: target for name, target in found.items() if target is not None}

    def tell_of(self, path: str, target: str = "") -> None:
        """Tell that something was made."""
        self.say(f"{NAME}/{path}" + (f" -> {target}" if target else ""))

    def say(self, message: str) -> None:
        """Tell something, if all is to be told."""
        if self.comparable:
            tell(message)


def make_folders(start: int, path: str) -> int:
    """Make the folders on a path, as far as they are missing; returns a descriptor of the last.

    Raises:
        OSError: one of them cannot be made, or is a link or a file (ENOTDIR); its `filename` is the path so far.
    """
    folder, so_far = os.dup(start), ""
    for part in path.split("/"):
        so_far = os.path.join(so_far, part)
        try:
            inner = make_folder(folder, part)
        except OSError as problem:
            problem.filename = so_far
            raise
        finally:
            os.close(folder)
        folder = inner
    return folder


def make_folder(above: int, name: str) -> int:
    """Open a folder, never through a link, and make it if it is missing."""
    try:
        return os.open(name, FOLDER, dir_fd=above)
    except FileNotFoundError:
        os.mkdir(name, 0o755, dir_fd=above)
        return os.open(name, FOLDER, dir_fd=above)


def clear(name: str, folder: int) -> None:
    """Take away what has this name in a folder, if there is anything. A link goes itself."""
    try:
        status = os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(status.st_mode):
        delete_tree(name, last="", folder=folder)
    else:
        os.unlink(name, dir_fd=folder)


def cannot_be_made(path: str, problem: OSError) -> Trouble:
    """Name what could not be made, by its path in OVR."""
    return Trouble(f"{NAME}/{path}: cannot be made: {problem.strerror}")


def reason(problem: OSError) -> str:
    """The kernel's word, and the name that it is about."""
    return f"{problem.strerror}" + (f" ({problem.filename})" if problem.filename else "")
