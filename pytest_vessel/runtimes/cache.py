"""Unpacked roots that are kept from run to run, by a key that says what is in them.

For each key three names in one folder: `NAME` (the root in `tree`, and a `seal`), `NAME.new` while it is made, and
`NAME.lock`, which is never deleted, so that everybody locks the same file. Who uses a root holds a shared lock; who
makes, replaces or deletes it an exclusive one. So whoever gets the lock of a `NAME.new` may delete it: its maker died.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.work import remove

BOUND_BYTES = 12 << 30
"""What all roots together may take; beyond that, those go that were not used for the longest time."""


@dataclass(frozen=True)
class Seal:
    """What a whole root looks like: a digest of names, kinds, modes, sizes, times and texts of links; its size."""

    listing: str
    size_bytes: int


class Cache:
    """Roots in one folder, ours alone. Safe in several processes at once.

    Args:
        folder: made if need be; its parent must be there.
        bound_bytes: what they may take together. One that is in use is never deleted, whatever that comes to.
    """

    def __init__(self, folder: Path, bound_bytes: int = BOUND_BYTES) -> None:
        self._folder, self._bound_bytes = folder, bound_bytes
        folder.mkdir(0o700, exist_ok=True)

    @contextmanager
    def root(self, key: str, make: Callable[[Path], None]) -> Iterator[Path]:
        """The root of that key, which stays until the context ends: for reading alone.

        One that is missing, or is not as it was made, is made by `make`, which gets an empty folder. Others that
        want it meanwhile wait for that one. What `make` raises is raised, and nothing of it stays.
        """
        entry = self._folder / hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:32]
        lock = _opened(entry)
        try:
            _lock(lock, fcntl.F_RDLCK)
            if not is_whole(entry):
                _lock(lock, fcntl.F_UNLCK)  # two that hold a shared lock would wait for each other
                _lock(lock, fcntl.F_WRLCK)
                if not is_whole(entry):
                    _build(entry, make)
                    self._tidy()
                _lock(lock, fcntl.F_RDLCK)
            os.utime(lock)
            yield entry / "tree"
        finally:
            os.close(lock)

    def _tidy(self) -> None:
        """Delete what killed makers left, and the roots that are too many; not what is in use, such as our own."""
        locks = sorted(self._folder.glob("*.lock"), key=lambda lock: lock.stat().st_mtime_ns)
        entries = [lock.with_suffix("") for lock in locks]
        surplus_bytes = sum(_size_bytes(entry) for entry in entries) - self._bound_bytes
        for entry in entries:
            surplus_bytes -= _tidy_one(entry, delete=surplus_bytes > 0)


def _tidy_one(entry: Path, *, delete: bool) -> int:
    """Delete what is left of a killed maker, and with `delete` the root; returns what that has freed, in bytes."""
    lock = _opened(entry)
    try:
        _lock(lock, fcntl.F_WRLCK, wait=False)
        _remove(_new(entry))
        size_bytes = _size_bytes(entry)
        if not delete or not size_bytes:
            return 0
        _delete(entry)
        return size_bytes
    except (BlockingIOError, PermissionError):
        return 0
    finally:
        os.close(lock)


def _build(entry: Path, make: Callable[[Path], None]) -> None:
    new = _new(entry)
    _remove(new)
    _delete(entry)
    (new / "tree").mkdir(parents=True)
    try:
        make(new / "tree")
        (new / "seal").write_text(json.dumps(asdict(seal_of(new / "tree"))))
        new.rename(entry)
    finally:
        _remove(new)


def is_whole(entry: Path) -> bool:
    """Whether an entry is there, and its root as it was made. Not seen: content that was changed with its time kept."""
    with suppress(OSError):
        return _seal(entry) == seal_of(entry / "tree")
    return False


def seal_of(tree: Path) -> Seal:
    """Look at a root."""
    digest, size_bytes = hashlib.sha256(), 0
    for folder, names, files in os.walk(os.fsencode(tree), onerror=_raise):
        names.sort()
        for name in sorted((*names, *files)):
            path = os.path.join(folder, name)
            seen = os.lstat(path)
            text = os.readlink(path) if stat.S_ISLNK(seen.st_mode) else b""
            size = 0 if stat.S_ISDIR(seen.st_mode) else seen.st_size
            fact = (os.path.relpath(path, os.fsencode(tree)), text, seen.st_mode, size, seen.st_mtime_ns)
            digest.update(repr(fact).encode())
            size_bytes += seen.st_blocks * 512 // (1 if stat.S_ISDIR(seen.st_mode) else seen.st_nlink)
    return Seal(digest.hexdigest(), size_bytes)


def _raise(problem: OSError) -> None:
    raise problem


def _seal(entry: Path) -> Seal | None:
    with suppress(OSError, ValueError, TypeError):
        return Seal(**json.loads((entry / "seal").read_text()))
    return None


def _size_bytes(entry: Path) -> int:
    seal = _seal(entry)
    return seal.size_bytes if seal else 0


def _new(entry: Path) -> Path:
    return entry.with_name(f"{entry.name}.new")


def _delete(entry: Path) -> None:
    """Delete a whole entry: first its name, so that half of it is never found."""
    with suppress(FileNotFoundError):
        entry.rename(_new(entry))
        _remove(_new(entry))


def _remove(folder: Path) -> None:
    if left := remove(str(folder)):
        raise Inconclusive("cannot be removed", where=left[0], mend="Remove it, or what is mounted there.")


def _opened(entry: Path) -> int:
    return os.open(f"{entry}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _lock(descriptor: int, kind: int, *, wait: bool = True) -> None:
    """Lock a whole file, or unlock it; from exclusive to shared without a gap (fcntl(2): F_OFD_SETLK)."""
    command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
    fcntl.fcntl(descriptor, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0))
