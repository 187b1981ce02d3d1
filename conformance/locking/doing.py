"""What several tests of this suite do: gate policies on one file, looks at locks and trees."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pytest_vessel.conformance.locking.seen import SRC_REF, Contention, Use
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Start
from pytest_vessel.system import locks
from pytest_vessel.system.identity import Identity, spelled
from pytest_vessel.system.identity import identity as identity_at
from pytest_vessel.system.lockholder import HeldLock
from pytest_vessel.system.locks import is_locked

FREED_TIMEOUT_S, HASTY_TIMEOUT_S = 5.0, 1.5
_COMPARED_SIZE_BYTES = 16 << 20


def look(file: Path) -> LockTable | None:
    """The locks on a file; None where it is not there or cannot be opened."""
    with suppress(OSError):
        return locks.lock_table(file)
    return None


def identity(file: Path) -> str:
    """`major:minor:inode` of a file, as stat(2) gives them."""
    device, inode = spelled(os.stat(file))
    return f"{device}:{inode}"


def use(running: Running, file: Path) -> Use:
    """Wait for the payload and for rest, then look at the locks."""
    return used(running, lambda: look(file))


def used(running: Running, looked: Callable[[], LockTable | None], role: str = SRC_REF) -> Use:
    """The same, where which file it is can only be told once the payload runs."""
    start = running.start()
    if start.ready:
        running.settle()
    table = looked()
    running.notes.look(table)
    return Use(running.unless_ended(start), table, role)


def start_once(running: Running) -> Start:
    """How a start went; it is finished."""
    start = running.start()
    running.finish()
    return start


def contend(
    start: Callable[[], Running],
    holder: HeldLock,
    told: str = "",
    look: Callable[[], None] = lambda: None,
) -> Contention:
    """Start while `holder` holds its lock; `look`; release it; see the start go on, or start again."""
    running = start()
    running.be_patient_with(lambda: running.files)
    first = running.start()
    running.settle()
    look()
    holder.release()
    held = "an exclusive lock"
    if first.ready:
        running.finish()
        return Contention(told, held, first, None)
    return Contention(told, held, first, start_after(running, first, start))


def start_after(running: Running, first: Start, start: Callable[[], Running]) -> Start:
    """After the release of a lock that was in the way: the same start goes on if it waited, else there is another."""
    if first.waits:
        running.patience = None
        running.open_gate()
        running.stage.until(lambda: running.talk.ready or running.call.empty, running.call.order.timeout_s)
    else:
        running.stop()
        running = start()
        running.open_gate()
    after = running.start()
    running.finish()
    return after


def wait_until_free(implementation: Implementation, file: Path) -> tuple[bool, float]:
    """Wait until nobody holds a lock on a file; whether that came, and after how many seconds."""
    began, timeout_s = time.monotonic(), HASTY_TIMEOUT_S if implementation.settings.hasty else FREED_TIMEOUT_S
    freed = implementation.stage.until(lambda: not is_locked(file), timeout_s)
    return freed, round(time.monotonic() - began, 3)


class Tree:
    """A folder looked at through descriptors of every folder in it, so that renaming it hides nothing.

    A name is lost when it is gone; other names of the same inode (a store of hard links) do not bring it back.
    """

    def __init__(self, folder: Path) -> None:
        self._folders: list[int] = []
        self._names: list[tuple[int, str, int]] = []
        for path, folders, files in os.walk(folder):
            descriptor = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            self._folders.append(descriptor)
            for name in (*files, *folders):
                self._names.append((descriptor, name, os.lstat(os.path.join(path, name)).st_ino))

    @property
    def total(self) -> int:
        """How many names there were in it."""
        return len(self._names)

    @property
    def lost(self) -> int:
        """How many of them are gone."""
        return sum(not _is_there(*name) for name in self._names)

    def holds(self, folder: os.stat_result) -> bool:
        """Whether this is one of its folders."""
        return any(os.path.samestat(os.fstat(descriptor), folder) for descriptor in self._folders)

    def close(self) -> None:
        """Let go of all descriptors."""
        for descriptor in self._folders:
            os.close(descriptor)


class Making:
    """Copies that parties make, each known by its inode from the first look on: whoever made that move makes it."""

    def __init__(self) -> None:
        self._trees: dict[Identity, tuple[str, Tree]] = {}

    def lost(self, by: str, folders: Iterable[Path]) -> int:
        """How many names went of them since the last look, by the move of a party that did not make them.

        What a set-up takes away of its own copy is its own affair: it may link all of a runtime, then replace a name.

        Args:
            by: whose move it was.
            folders: the copies that there are now.
        """
        lost = sum(tree.lost for maker, tree in self._trees.values() if maker != by)
        makers = {copy: maker for copy, (maker, _tree) in self._trees.items()}
        self.close()
        for folder in folders:
            copy = identity_at(folder.stat())
            self._trees[copy] = makers.get(copy, by), Tree(folder)
        return lost

    def close(self) -> None:
        """Let go of all descriptors."""
        for _maker, tree in self._trees.values():
            tree.close()
        self._trees.clear()


class Entry:
    """A folder as `Tree`, or something else as one name that can be lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._itself = os.lstat(path)
        self._tree = Tree(path) if path.is_dir() and not path.is_symlink() else None

    @property
    def total(self) -> int:
        """How many names there were: those in it and its own."""
        return 1 + (self._tree.total if self._tree else 0)

    @property
    def lost(self) -> int:
        """How many of them are gone."""
        there = _is_there(None, os.fspath(self._path), self._itself.st_ino)
        return (not there) + (self._tree.lost if self._tree else 0)

    def close(self) -> None:
        """Let go of all descriptors."""
        if self._tree:
            self._tree.close()


def _is_there(folder: int | None, name: str, inode: int) -> bool:
    with suppress(OSError):
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_ino == inode
    return False


class Content(NamedTuple):
    """Mode, size, modification time, and a digest of the content (the target of a link)."""

    mode: int
    size_bytes: int
    modified_ns: int
    digest: str


def contents(folder: Path) -> dict[str, Content]:
    """Every name below a folder, its own `.ref` aside."""
    found: dict[str, Content] = {}
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with suppress(OSError):  # a folder that is closed, or deeper than any path can say
            for path in sorted(here / name for name in os.listdir(here) if here / name != folder / ".ref"):
                seen = path.lstat()
                content = _digest(path, seen)
                found[str(path.relative_to(folder))] = Content(seen.st_mode, seen.st_size, seen.st_mtime_ns, content)
                waiting += [path] if stat.S_ISDIR(seen.st_mode) else []
    return found


def _digest(path: Path, seen: os.stat_result) -> str:
    """Of the first bytes: a file may have any size, and size and time are compared too."""
    if stat.S_ISLNK(seen.st_mode):
        return os.readlink(path)
    if not stat.S_ISREG(seen.st_mode):
        return ""
    with path.open("rb") as content:
        return sha256(content.read(_COMPARED_SIZE_BYTES)).hexdigest()
