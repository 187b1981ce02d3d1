"""Look at a process's memory, descriptors and files as that process sees them, from outside; write into its memory.

All through `/proc/TID`, so it needs the right to trace the process (root, or the same user and no higher capabilities).
Each answer is a snapshot: whoever needs it to be of the right process checks afterwards that the call is still held.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATH_BYTES = 4096
"""Longest pathname with its closing zero (PATH_MAX)."""

AT_FDCWD = -100
"""In place of a directory descriptor: the working directory."""

_MOST_LINKS = 40
_HANDLE = os.O_PATH | os.O_CLOEXEC
_MAGIC = re.compile(rb"/proc/(?:self|thread-self)/(fd/\d+|cwd|root|exe)(?=/|$)")


def memory(tid: int, address: int, size_bytes: int) -> bytes:
    """Read memory of a process; fewer bytes where its mapping ends.

    Raises:
        OSError: nothing is mapped there, or reading is not allowed.
    """
    descriptor = os.open(f"/proc/{tid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, size_bytes, address)
    except OverflowError:
        raise OSError(errno.EFAULT, os.strerror(errno.EFAULT)) from None
    finally:
        os.close(descriptor)


def write(tid: int, address: int, content: bytes, still: Callable[[], bool]) -> bool:
    """Write into a process's memory, if `still` says, once that is open, that it is the right process; whether it was.

    Raises:
        OSError: nothing that can be written is mapped there, or writing is not allowed.
    """
    descriptor = os.open(f"/proc/{tid}/mem", os.O_WRONLY | os.O_CLOEXEC)
    try:
        return still() and os.pwrite(descriptor, content, address) == len(content)
    except OverflowError:
        raise OSError(errno.EFAULT, os.strerror(errno.EFAULT)) from None
    finally:
        os.close(descriptor)


def text(tid: int, address: int) -> bytes:
    """The zero-terminated string there.

    Raises:
        OSError: there is none within PATH_BYTES: the call will fail by itself.
    """
    found, zero, _ = memory(tid, address, PATH_BYTES).partition(b"\0")
    if not zero:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    return found


def group(tid: int) -> int:
    """The process (thread group) of a thread; OSError where it is gone."""
    status = Path(f"/proc/{tid}/status").read_bytes()
    return int(status.partition(b"\nTgid:")[2].split(None, 1)[0])


def _base(tid: int, directory: int | None) -> str:
    return f"/proc/{tid}/cwd" if directory is None else f"/proc/{tid}/fd/{directory}"


def absolute(tid: int, path: bytes, directory: int | None) -> bytes:
    """The pathname from the process's own root; neither normalised nor resolved.

    `directory`: the descriptor that it is relative to; None: the working directory. A folder outside of its root
    is marked `(unreachable)`, as getcwd(2) does.

    Raises:
        OSError: the process is gone, or the descriptor is not open.
    """
    if path.startswith(b"/"):
        return path
    root = os.fsencode(Path(f"/proc/{tid}/root").readlink()).rstrip(b"/")
    base = os.fsencode(Path(_base(tid, directory)).readlink())
    if base != root and not base.startswith(root + b"/"):
        return b"(unreachable)" + base + b"/" + path
    inner = base[len(root) :].rstrip(b"/")
    return inner + b"/" + path if path else inner or b"/"


def status(tid: int, path: bytes, directory: int | None, follow: bool) -> os.stat_result:
    """What `path` leads to for that process: in its root, its mounts, its links.

    `follow`: also a symbolic link at the end. `/proc/self/fd/N` (and cwd, root, exe) are the process's own; other
    links of procfs that are no real paths are not followed.

    Raises:
        OSError: as the process would get it, or the process is gone. Permissions are those of the caller.
    """
    if magic := _MAGIC.match(path):
        start, path = f"/proc/{tid}/{os.fsdecode(magic[1])}", path[magic.end() :].lstrip(b"/")
        if not path and not follow:
            return Path(start).lstat()
    else:
        start = f"/proc/{tid}/root" if path.startswith(b"/") else _base(tid, directory)
    with _opened(f"/proc/{tid}/root") as root, _opened(start) as at:
        return _walk(root, at, path, follow)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, _HANDLE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _walk(root: int, at: int, path: bytes, follow: bool) -> os.stat_result:
    """Walk component by component, since the kernel would take absolute links from our root."""
    todo = path.split(b"/")[::-1]
    links = 0
    with ExitStack() as opened:
        while todo:
            part = todo.pop()
            if part in (b"", b".") or (part == b".." and os.path.sameopenfile(at, root)):
                if path and not stat.S_ISDIR(os.fstat(at).st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
                continue
            found = os.open(part, _HANDLE | os.O_NOFOLLOW, dir_fd=at)
            opened.callback(os.close, found)
            if not stat.S_ISLNK(os.fstat(found).st_mode) or not (todo or follow):
                at = found
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(b"", dir_fd=found)
            at = root if target.startswith(b"/") else at
            todo += target.split(b"/")[::-1]
        return os.fstat(at)
