"""Look at the locks on a file from outside, without disturbing anybody (fcntl(2), proc(5))."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from pytest_vessel.observation.locks import Kind, Lock, LockTable, Mode
from pytest_vessel.system.identity import Identity, identity

F_OFD_GETLK = 36
F_OFD_SETLK = 37
F_OFD_SETLKW = 38
_FLOCK = "hhqqi4x"

_LINE = re.compile(
    r"\d+: (?P<waits> *-> )?(?P<kind>POSIX|OFDLCK|FLOCK)\s+\S+\s+(?P<mode>READ|WRITE)\s+(?P<pid>-?\d+) "
    r"(?P<file>[0-9a-f]+:[0-9a-f]+:\d+) (?P<start>\d+) (?P<end>\d+|EOF)"
)


def file_key(descriptor: int) -> str:
    """The file as `/proc/locks` names it: `major:minor:inode` with the kernel's own device number.

    That is `st_dev` where mountinfo names the same device. On btrfs and on some overlays `st_dev` is another number:
    there a flock of ours, for a moment, shows the real one in our fdinfo. It conflicts with no fcntl lock, but may
    refuse a flock(2) that somebody asks for at that moment. Beside an exclusive flock `st_dev` has to do.
    """
    seen = os.fstat(descriptor)
    plain = f"{os.major(seen.st_dev):02x}:{os.minor(seen.st_dev):02x}:{seen.st_ino}"
    if _mounted_device(_in_fdinfo(descriptor, "mnt_id:")) == seen.st_dev:
        return plain
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        try:
            if found := _LINE.search(_in_fdinfo(descriptor, "lock:")):
                return found["file"]
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    return plain


def _in_fdinfo(descriptor: int, key: str) -> str:
    for line in Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines():
        if line.startswith(key):
            return line.removeprefix(key).strip()
    return ""


@lru_cache(maxsize=64)
def _mounted_device(mount: str) -> int | None:
    """The device of a mount (proc_pid_mountinfo(5)); None where it is none of ours."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        number, _parent, device, *_rest = line.split(" ", 3)
        if number == mount:
            major, _, minor = device.partition(":")
            return os.makedev(int(major), int(minor))
    return None


def lock_table(path: str | os.PathLike[str]) -> LockTable:
    """The locks on the file at `path` at this moment.

    Not guaranteed: `holders` of processes that this user may not look into.

    Raises:
        OSError: the file cannot be opened for reading.
    """
    with _opened(path) as descriptor:
        key = file_key(descriptor)
        lines = [found for found in map(_LINE.search, Path("/proc/locks").read_text().splitlines()) if found]
        ours = [line for line in lines if line["file"] == key]
        holders = _holders(os.fstat(descriptor), key) if ours else []
        return LockTable(
            locks=tuple(_lock(line, holders) for line in ours if not line["waits"]),
            waiters=tuple(_lock(line, []) for line in ours if line["waits"]),
            exclusive_refused=_conflict(descriptor, fcntl.F_WRLCK),
            shared_refused=_conflict(descriptor, fcntl.F_RDLCK),
        )


def exclusive_refused(path: str | os.PathLike[str]) -> bool:
    """Whether somebody holds any fcntl lock on the file: F_OFD_GETLK, which takes no lock."""
    with _opened(path) as descriptor:
        return _conflict(descriptor, fcntl.F_WRLCK)


def is_locked(path: str | os.PathLike[str]) -> bool:
    """The same; a file that is not there, or cannot be opened, is not locked."""
    with suppress(OSError):
        return exclusive_refused(path)
    return False


def state(path: str | os.PathLike[str]) -> str:
    """`exclusive`, `shared`, or nothing: what fcntl locks of others would refuse; takes no lock itself."""
    with _opened(path) as descriptor:
        if _conflict(descriptor, fcntl.F_RDLCK):
            return str(Mode.EXCLUSIVE)
        return str(Mode.SHARED) if _conflict(descriptor, fcntl.F_WRLCK) else ""


def somebody_waits(path: str | os.PathLike[str]) -> bool:
    """Whether a process is blocked in a lock call on the file."""
    with _opened(path) as descriptor:
        key = file_key(descriptor)
    lines = Path("/proc/locks").read_text().splitlines()
    return any(found["waits"] and found["file"] == key for found in map(_LINE.search, lines) if found)


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _conflict(descriptor: int, kind: int) -> bool:
    asked = struct.pack(_FLOCK, kind, os.SEEK_SET, 0, 0, 0)
    answer = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, F_OFD_GETLK, asked))
    return bool(answer[0] != fcntl.F_UNLCK)


def locked_by(pids: Iterable[int]) -> set[Identity]:
    """The files on which these processes hold locks.

    Not guaranteed: those of processes that this user may not look into.
    """
    found = set()
    for descriptor in (one for pid in pids for one in _descriptors(pid)):
        with suppress(OSError):
            seen = descriptor.stat()
            if "\nlock:" in (descriptor.parents[1] / "fdinfo" / descriptor.name).read_text():
                found.add(identity(seen))
    return found


def _descriptors(pid: int) -> tuple[Path, ...]:
    with suppress(OSError):
        return tuple(Path(f"/proc/{pid}/fd").iterdir())
    return ()


_Holder = tuple[int, Kind, Mode, str]


def _holders(file: os.stat_result, key: str) -> list[_Holder]:
    """Who holds locks on it, by the `lock:` lines of all fdinfos: the only place that names OFD holders."""
    found: list[_Holder] = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            found += _holders_in(int(pid), file, key)
    return found


def _holders_in(pid: int, file: os.stat_result, key: str) -> list[_Holder]:
    found: list[_Holder] = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            seen = os.stat(f"/proc/{pid}/fd/{number}")
            if seen.st_ino != file.st_ino:
                continue
            for line in Path(f"/proc/{pid}/fdinfo/{number}").read_text().splitlines():
                match = _LINE.search(line.removeprefix("lock:").strip()) if line.startswith("lock:") else None
                if match and match["file"] == key:
                    found.append((pid, Kind(match["kind"]), _mode(match["mode"]), match["start"]))
    return found


def _lock(line: re.Match[str], holders: list[_Holder]) -> Lock:
    kind, mode = Kind(line["kind"]), _mode(line["mode"])
    if kind is Kind.POSIX and int(line["pid"]) > 0:
        pids = [int(line["pid"])]
    else:
        pids = sorted({pid for pid, *lock in holders if lock == [kind, mode, line["start"]]})
    end = None if line["end"] == "EOF" else int(line["end"])
    return Lock(kind, mode, int(line["start"]), end, tuple(pids))


def _mode(word: str) -> Mode:
    return Mode.SHARED if word == "READ" else Mode.EXCLUSIVE
