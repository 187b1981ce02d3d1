"""A root folder as the processes inside of it see it: no link leads out of it.

path_resolution(7): absolute links begin at the root again, `..` at the root stays there, and more than 40 links are
refused. What was found is remembered: a root that changes is to be opened anew.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from errno import EACCES, ELOOP, ENOENT, ENOTDIR
from functools import cache
from typing import NamedTuple

from pytest_vessel.errors import LibraryError

_MOST_LINKS = 40
_FEW_LOOKS = 16
"""To list a folder of thousands of names takes as long as to look for dozens of them."""
_MOST_BYTES = 64 << 20
_DOERS = (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO)
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def no_regular_file(where: str) -> LibraryError:
    """The error for what stands in the place of a program or library."""
    return LibraryError("is no regular file", where=where, mend="Name another file, or put a library in its place.")


class Entry(NamedTuple):
    """What is at a path: a mode, and where a link leads; or an errno."""

    mode: int = 0
    target: str = ""
    errno: int = 0


@cache
def _entry_of(mode: int) -> Entry:
    return Entry(mode)


class Root:
    """Paths inside are absolute and begin at the root. What is not there is told by its errno, as an int.

    Attributes:
        path: the top folder, without links.
        top: what stands before a path inside, for this process.

    Raises:
        LibraryError: there is no such folder.

    Not guaranteed: a root that somebody changes at this very moment may be left through a folder that becomes a link.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.path.realpath(path)
        if not os.path.isdir(path):
            raise LibraryError("is no folder", where=os.fspath(path) or "''", mend="Name the top folder of a root.")
        # Not the real path: that of a process in a container, /proc/PID/root, is "/".
        self.top = "" if os.path.samefile(path, "/") else os.path.abspath(path)
        self._entries: dict[str, Entry] = {}
        self._folders: dict[str, str | int] = {}
        self._looks: Counter[str] = Counter()
        self._names: dict[str, frozenset[str] | None] = {}

    def resolve(self, path: str) -> str | int:
        """The path without links of what is there. Links on the way to its folder, which is remembered, count apart."""
        folder, _, name = path.rpartition("/")
        real = self.folder(folder)
        return self._walk(real.rstrip("/"), name) if isinstance(real, str) else real

    def folder(self, path: str) -> str | int:
        """As `resolve`, of folders alone."""
        if path not in self._folders:
            self._folders[path] = self._walk("", f"{path}/.")
        return self._folders[path]

    def look(self, folder: str, name: str) -> str | int:
        """As `resolve`, of a name in a folder that was resolved. A long list of folders is looked through quickly."""
        self._looks[folder] += 1
        if self._looks[folder] > _FEW_LOOKS:
            names = self._listed(folder)
            if names is not None and name not in names:
                return ENOENT
        return self._walk(folder.rstrip("/"), name)

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder that was resolved, as far as they may be listed."""
        return self._listed(folder) or frozenset()

    def _listed(self, folder: str) -> frozenset[str] | None:
        if folder not in self._names:
            self._names[folder] = self._list(folder)
        return self._names[folder]

    def open(self, real_path: str) -> int:
        """A descriptor of what was resolved. A device, which may do something when it is opened, or a FIFO is not.

        Raises:
            LibraryError: it is a device or a FIFO.
            OSError: it cannot be opened, or is a link by now.
        """
        path = self.top + real_path
        if stat.S_IFMT(self._entry(real_path).mode) in _DOERS and os.access(path, os.R_OK, effective_ids=True):
            raise no_regular_file(real_path)
        return os.open(path, _READING)

    def content(self, path: str) -> bytes | None:
        """What a file holds, at most 64 MiB; None when it cannot be read."""
        real = self.resolve(path)
        if isinstance(real, int):
            return None
        try:
            with open(self.open(real), "rb") as file:
                return file.read(_MOST_BYTES)
        except (OSError, LibraryError):
            return None

    def _list(self, folder: str) -> frozenset[str] | None:
        """All names; None where they may not be listed, although one that is known may be looked at."""
        try:
            return frozenset(os.listdir(self.top + folder))
        except OSError:
            return None

    def _walk(self, real: str, path: str) -> str | int:
        if "/" not in path and path not in ("", ".", ".."):  # mostly a file, in a folder without links
            entry = self._entry(f"{real}/{path}")
            if not (entry.errno or entry.target):
                return f"{real}/{path}"
        pending = path.split("/")[::-1]
        links = 0
        if path.startswith("/"):
            real = ""
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                real = real.rpartition("/")[0]
                continue
            entry = self._entry(f"{real}/{part}")
            if entry.errno:
                return entry.errno
            if stat.S_ISLNK(entry.mode):
                links += 1
                if links > _MOST_LINKS:
                    return ELOOP
                pending += entry.target.split("/")[::-1]
                real = "" if entry.target.startswith("/") else real
            elif pending and not stat.S_ISDIR(entry.mode):
                return ENOTDIR
            else:
                real = f"{real}/{part}"
        return real or "/"

    def _entry(self, path: str) -> Entry:
        found = self._entries.get(path)
        if found is None:
            found = self._entries[path] = self._look_at(self.top + path)
        return found

    def _look_at(self, path: str) -> Entry:
        try:
            mode = os.lstat(path).st_mode
            return Entry(mode, os.readlink(path)) if stat.S_ISLNK(mode) else _entry_of(mode)
        except OSError as problem:
            return Entry(errno=problem.errno or EACCES)
        except ValueError:  # a NUL in the name
            return Entry(errno=ENOENT)
