"""Policies that let every call go, and look at locks before some of them; and ones that hold the first of a kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from pathlib import Path

from pytest_vessel.conformance.locking.seen_copies import Watched
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.bpf import CREATES, DELETES, OPENS
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import Identity, identity, identity_of
from pytest_vessel.system.locks import is_locked

Concerns = Callable[[Held], bool]
MAKES = (*CREATES, *OPENS, *DELETES)
"""What makes a name; DELETES for renaming."""

SHOWN = 5
"""So many calls are named in a record."""


class LockWatch:
    """Looks at one file's lock before each call that `concerns` is true of."""

    def __init__(self, file: Path, concerns: Concerns) -> None:
        self._file, self._concerns = file, concerns
        self._calls = 0
        self._unlocked: list[str] = []

    def __call__(self, held: Held) -> Answer:
        """The policy."""
        if self._concerns(held):
            self._calls += 1
            if not is_locked(self._file):
                self._unlocked.append(described(held))
        return Go()

    @property
    def watched(self) -> Watched:
        """What was seen."""
        return Watched(self._calls, tuple(self._unlocked[:SHOWN]))


def described(held: Held) -> str:
    """A call and the last component of its pathname."""
    path = held.named()
    return f"{held.call}({os.fsdecode(os.path.basename(path))})" if path else held.call


def makes_entry(parent: Parent) -> Concerns:
    """A call that makes an entry of PARENT, other than its lock file."""
    return lambda held: _below(held, parent) == 1


def fills_copy(parent: Parent) -> Concerns:
    """A call that makes a name inside an entry of PARENT."""
    return lambda held: _below(held, parent) > 1


def _below(held: Held, parent: Parent) -> int:
    """How deep below PARENT the name lies that a call would make; 0: not below, or its lock file."""
    made = held.made()
    if made is None:
        return 0
    path = Path(os.fsdecode(os.path.normpath(made)))
    if path == parent.ref or parent.folder not in path.parents:
        return 0
    return len(path.relative_to(parent.folder).parts)


def deletes_below(folder: Path) -> Concerns:
    """A call that takes away or renames a folder, or a name in it; by device and inode of what is there now."""
    folders = {identity_of(path) for path, _folders, _files in os.walk(folder)}
    return lambda held: _is_among(folders, held.parent()) or _is_among(folders, held.target())


class SourceUse:
    """Recognises a listing of a folder of SRC, a link to a file below it, and the opening of one for its content.

    Folders are recognised by device and inode, files by the folder that holds their name: a copy made of hard links
    shares its inodes with SRC.
    """

    def __init__(self, src: Path, ref: Path) -> None:
        self._ref = ref.stat()
        self._folders = {identity_of(folder) for folder, _folders, _files in os.walk(src)}

    def __call__(self, held: Held) -> bool:
        """Whether the call is one."""
        if held.call in ("getdents", "getdents64"):
            return held.file() in self._folders
        if held.call in ("link", "linkat"):
            return self._holds(held.parent(0)) or self._holds(held.target(0))
        flags = held.open_flags()
        if flags is None or flags & os.O_PATH or not self._holds(held.parent()):
            return False
        target = held.target()
        return target is not None and not os.path.samestat(target, self._ref) and not _is_folder(target)

    def _holds(self, folder: os.stat_result | None) -> bool:
        return _is_among(self._folders, folder)


def _is_among(folders: Container[Identity | None], seen: os.stat_result | None) -> bool:
    return seen is not None and identity(seen) in folders


def _is_folder(seen: os.stat_result) -> bool:
    return seen.st_mode & 0o170000 == 0o040000


def hold_first(running: Running, concerns: Concerns) -> str:
    """Let a call go on until it is held before the first system call of a kind; names that, or is empty.

    It stays held, and so do others of that kind, until `Running.open_gate`.
    """
    running.gated(lambda held: None if concerns(held) else Go())

    def found() -> str:
        return described(running.held[0]) if running.held else ""

    running.stage.until(lambda: found() or running.call.empty or running.talk.ready, running.call.order.timeout_s)
    return found()
