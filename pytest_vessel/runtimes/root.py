"""A folder that is filled as the root of a container, and never left.

Every step is taken from the descriptor of a real folder, without following a link (openat(2), O_NOFOLLOW). A link in
the way of a path leads where it would lead inside: an absolute one from the top, and `..` never above it.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pytest_vessel.runtimes.bounds import Bounds, Refused

Names = tuple[str, ...]
"""A path from the top, one name each."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LINKS = 40
"""As many links in one path as Linux follows (path_resolution(7))."""


class Root:
    """One root that is being filled. Its owner may read and enter everything; nothing in it is set-user-ID.

    A layer is what comes between two calls of `new_layer`: `hide` and `empty` spare what it brought itself.
    """

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._top = os.open(folder, _FOLDER)
        self._bounds = bounds
        self._fresh: set[Names] = set()
        self._times_ns: dict[Names, int] = {}
        self._kept: dict[Names, _Walk] = {}
        self._removals = 0

    def close(self) -> None:
        """Give the folders their times: none of them changes any more."""
        self._forget()
        for names, time_ns in self._times_ns.items():
            walk = _Walk(self._top, self._bounds)
            with suppress(OSError):  # replaced or deleted since
                for name in names:
                    walk.down(name)
                os.utime(walk.descriptor, ns=(time_ns, time_ns))
            walk.close()
        os.close(self._top)

    def new_layer(self) -> None:
        """What comes now may hide what came before."""
        self._fresh.clear()

    def folder(self, names: Sequence[str], mode: int, time_ns: int) -> None:
        """Make a folder, or change that one: only a real one is kept."""
        if not names:
            self._set_folder(self._top, (), mode, time_ns)
            return
        with self._place(names) as walk:
            self._remove(walk.descriptor, names[-1], but_folders=True)
            walk.make(names[-1])
            descriptor = os.open(names[-1], _FOLDER, dir_fd=walk.descriptor)
            try:
                self._set_folder(descriptor, (*walk.names, names[-1]), mode, time_ns)
            finally:
                os.close(descriptor)

    def file(self, names: Sequence[str], content: BinaryIO, mode: int, time_ns: int) -> None:
        """Make a file, instead of whatever is there; nothing is ever written into an existing one."""
        with self._place(names) as walk:
            self._remove(walk.descriptor, names[-1])
            descriptor = os.open(names[-1], _NEW_FILE, 0o600, dir_fd=walk.descriptor)
            with open(descriptor, "wb") as file:
                shutil.copyfileobj(content, file, 1 << 18)
                file.flush()
                os.fchmod(descriptor, mode & 0o777 | stat.S_IRUSR)
                os.utime(descriptor, ns=(time_ns, time_ns))

    def link(self, names: Sequence[str], target: str) -> None:
        """Make a symbolic link, instead of whatever is there. Its text may say anything."""
        with self._place(names) as walk:
            self._remove(walk.descriptor, names[-1])
            os.symlink(target, names[-1], dir_fd=walk.descriptor)

    def hard_link(self, names: Sequence[str], target: Sequence[str]) -> int:
        """Give a file or link of this root another name, instead of whatever is there; returns its size in bytes."""
        missing = Refused(f"is a hard link to {'/'.join(target)!r}, which is not there")
        try:
            with self._walk(target[:-1], create=False) as source:
                seen = os.lstat(target[-1], dir_fd=source.descriptor)
                if stat.S_ISDIR(seen.st_mode):
                    raise Refused(f"is a hard link to the folder {'/'.join(target)!r}")
                with self._place(names) as walk:
                    self._remove(walk.descriptor, names[-1])
                    between = {"src_dir_fd": source.descriptor, "dst_dir_fd": walk.descriptor}
                    os.link(target[-1], names[-1], follow_symlinks=False, **between)
        except FileNotFoundError:
            raise missing from None
        return seen.st_size

    def hide(self, names: Sequence[str]) -> None:
        """Remove what earlier layers have there."""
        with suppress(FileNotFoundError), self._walk(names[:-1], create=False) as walk:
            self._hide(walk.descriptor, names[-1], tuple(walk.names))

    def empty(self, names: Sequence[str]) -> None:
        """Remove what earlier layers have in that folder."""
        with suppress(FileNotFoundError), self._walk(names, create=False) as walk:
            for name in os.listdir(walk.descriptor):
                self._hide(walk.descriptor, name, tuple(walk.names))

    def _hide(self, folder: int, name: str, above: Names) -> None:
        names = (*above, name)
        if names not in self._fresh:
            self._remove(folder, name)
        elif stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            inside = os.open(name, _FOLDER, dir_fd=folder)
            try:
                for inner in os.listdir(inside):
                    self._hide(inside, inner, names)
            finally:
                os.close(inside)

    def _set_folder(self, descriptor: int, names: Names, mode: int, time_ns: int) -> None:
        os.fchmod(descriptor, mode & 0o1777 | stat.S_IRWXU)
        self._times_ns[names] = time_ns

    def _remove(self, folder: int, name: str, *, but_folders: bool = False) -> None:
        """Remove an entry with all below it, if there is one; no link is followed."""
        with suppress(FileNotFoundError):
            is_folder = stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode)
            if not (is_folder and but_folders):
                self._removals += 1
                shutil.rmtree(name, dir_fd=folder) if is_folder else os.unlink(name, dir_fd=folder)

    @contextmanager
    def _place(self, names: Sequence[str]) -> Iterator[_Walk]:
        """The folder in which a new entry will be, which is made if need be."""
        with self._walk(names[:-1], create=True) as walk:
            walk.check(names[-1])
            path = (*walk.names, names[-1])
            self._fresh.update(path[:depth] for depth in range(1, len(path) + 1))
            yield walk

    @contextmanager
    def _walk(self, names: Sequence[str], *, create: bool) -> Iterator[_Walk]:
        """Walk along a path. The last walk is kept: most members lie beside the one before."""
        key, before = tuple(names), self._removals
        kept = self._kept.pop(key, None)
        walk = kept or _Walk(self._top, self._bounds)
        try:
            if kept is None:
                walk.along(names, create=create)
            yield walk
        except BaseException:
            walk.close()
            raise
        self._forget()
        if self._removals == before:  # otherwise the path may lead elsewhere now
            self._kept[key] = walk
        else:
            walk.close()

    def _forget(self) -> None:
        while self._kept:
            self._kept.popitem()[1].close()


class _Walk:
    """Where a walk from the top stands. All folders that it came through are open; `names` has no link in it."""

    def __init__(self, top: int, bounds: Bounds) -> None:
        self.names: list[str] = []
        self._open = [top]
        self._bounds = bounds

    @property
    def descriptor(self) -> int:
        """Of the folder where it stands."""
        return self._open[-1]

    def close(self) -> None:
        """Go back to the top."""
        while self.names:
            self.up()

    def up(self) -> None:
        """To the folder above, as long as there is one."""
        if self.names:
            self.names.pop()
            os.close(self._open.pop())

    def check(self, name: str) -> None:
        """Raise `Refused` where an entry of that name would be too deep."""
        if len(self.names) >= self._bounds.depth:
            raise Refused(f"lies deeper than {self._bounds.depth} folders")
        if len(os.fsencode("/".join((*self.names, name)))) > self._bounds.path_bytes:
            raise Refused(f"has a path of more than {self._bounds.path_bytes} bytes")

    def down(self, name: str) -> None:
        """Into a real folder."""
        self._open.append(os.open(name, _FOLDER, dir_fd=self.descriptor))
        self.names.append(name)

    def make(self, name: str) -> None:
        """Make a folder, unless there is one."""
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=self.descriptor)
            os.chmod(name, 0o755, dir_fd=self.descriptor)  # whatever the umask is

    def along(self, names: Sequence[str], *, create: bool) -> None:
        """A path, through links too, as inside; with `create` the folders that are missing are made.

        Raises:
            Refused: it leads through a file, through too many links, or too deep.
            FileNotFoundError: without `create`.
        """
        todo, links = list(reversed(names)), 0
        while todo:
            name = todo.pop()
            if name == "..":
                self.up()
            elif name not in ("", "."):
                target = self._step(name, create=create)
                if target is not None:
                    links += 1
                    if links > _LINKS:
                        raise Refused(f"goes through more than {_LINKS} symbolic links")
                    todo += reversed(target.split("/"))

    def _step(self, name: str, *, create: bool) -> str | None:
        """Into a folder; or the text of a link, from where that is to be read."""
        self.check(name)
        try:
            self.down(name)
        except FileNotFoundError:
            if not create:
                raise
            self.make(name)
            self.down(name)
        except NotADirectoryError:
            return self._link(name)
        return None

    def _link(self, name: str) -> str:
        try:
            target = os.readlink(name, dir_fd=self.descriptor)
        except OSError:
            raise Refused(f"lies below {name!r}, which is a file") from None
        if target.startswith("/"):
            self.close()
        return target
