"""Work folders: made by us, locked while in use, and removed without crossing a mount or following a link.

They are not pytest's `tmp_path`: its clean-up walks through leaked bind mounts and deletes what is behind them.
Standard library alone; also runs inside the zygote.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
import tempfile
import time

from pytest_vessel.system.kernel import detach
from pytest_vessel.system.mounts import mounts_below

_F_OFD_SETLK = 37
_WHOLE_FILE_EXCLUSIVE = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
_LOCK_NAME = ".in-use"
_PREFIX = "run-"
_DEPTH = 50
_GET_FLAGS, _SET_FLAGS = (0x80086601, 0x40086602) if struct.calcsize("l") == 8 else (0x80046601, 0x40046602)
_PROTECTED = 0x10 | 0x20  # FS_IMMUTABLE_FL, FS_APPEND_FL


class WorkFolderError(Exception):
    """A work folder that cannot be made or must not be used; the text says which and why."""


def base_folder() -> str:
    """Our folder in the temporary directory: owned by us, entered by anybody, listed and written by us alone.

    Raises:
        WorkFolderError: something else of that name is there.
    """
    base = os.path.join(os.path.realpath(tempfile.gettempdir()), f"pytest-vessel-{os.geteuid()}")
    with contextlib.suppress(FileExistsError):
        os.mkdir(base, 0o711)
    found = os.lstat(base)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise WorkFolderError(f"{base}: is not a folder of ours; remove it, or set TMPDIR to another folder")
    os.chmod(base, 0o711)
    return base


def make_run_folder(base: str) -> tuple[str, int]:
    """A new folder for one run, and the descriptor whose lock says that it is in use.

    The lock's file gets its name when it is locked: another run that looks at it in between would find it free.
    """
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=base)
    os.chmod(folder, 0o711)
    name = os.path.join(folder, _LOCK_NAME)
    lock = os.open(f"{name}.new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.fcntl(lock, _F_OFD_SETLK, _WHOLE_FILE_EXCLUSIVE)
    os.rename(f"{name}.new", name)
    return folder, lock


def remove_stale(base: str) -> None:
    """Remove the folders of runs that are over: those whose lock is free."""
    for name in os.listdir(base):
        if name.startswith(_PREFIX):
            with contextlib.suppress(OSError):
                _remove_if_free(os.path.join(base, name))


def _remove_if_free(folder: str) -> None:
    try:
        lock = os.open(os.path.join(folder, _LOCK_NAME), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        # Either its owner is between mkdtemp and the lock, or a removal was cut short: age tells.
        if os.stat(folder).st_mtime < time.time() - 60:
            remove(folder)
        return
    try:
        fcntl.fcntl(lock, _F_OFD_SETLK, _WHOLE_FILE_EXCLUSIVE)
        remove(folder)
    except BlockingIOError:
        return
    finally:
        os.close(lock)


def remove(folder: str) -> list[str]:
    """Remove `folder` (absolute, ours) with everything in it, and return what had to stay.

    Mounts below it are detached first; while one stays, nothing is deleted. No link is followed and no mount
    is crossed, also not one that appears meanwhile: the mount id of every opened folder is compared.
    """
    if left := _detach_all(folder):
        return left
    parent, name = os.path.split(folder)
    try:
        parent_fd = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    try:
        return _Removal().entry(parent_fd, name, folder)
    finally:
        os.close(parent_fd)


def _detach_all(folder: str) -> list[str]:
    """Detach all mounts below a folder; returns those that stay. One may cover others: they come after it."""
    before: list[str] = []
    while (left := mounts_below(folder)) != before:
        before = left
        for point in left:
            with contextlib.suppress(OSError):
                detach(point)
    return left


class _Removal:
    """One recursive removal, relative to descriptors.

    Folders deeper than `_DEPTH` are moved up to the top first, so that no depth exhausts the stack or the descriptors.
    """

    def __init__(self) -> None:
        self.mount: str | None = None
        self.top = -1
        self.moved = 0

    def entry(self, parent_fd: int, name: str, shown: str, depth: int = 0) -> list[str]:
        try:
            mode = os.lstat(name, dir_fd=parent_fd).st_mode
            if stat.S_ISDIR(mode):
                left = self.folder(parent_fd, name, shown, depth)
                if left or depth > _DEPTH:
                    return left
            _take_out(parent_fd, name, mode)
        except FileNotFoundError:
            return []
        except OSError:
            return [shown]
        return []

    def folder(self, parent_fd: int, name: str, shown: str, depth: int) -> list[str]:
        inside = self.opened(parent_fd, name)
        try:
            mount = _mount_id(inside)
            self.mount = self.mount or mount
            if mount != self.mount:
                return [shown]
            if stat.S_IMODE(os.fstat(inside).st_mode) & 0o700 != 0o700:
                with contextlib.suppress(OSError):
                    os.fchmod(inside, 0o700)
            if depth > _DEPTH:
                self.move_up(parent_fd, name)
                return []
            if depth:
                return self.contents(inside, os.listdir(inside), shown, depth)
            return self.everything(inside, shown)
        finally:
            os.close(inside)

    def everything(self, top: int, shown: str) -> list[str]:
        """The content of the top folder, again until nothing more is moved up to it."""
        self.top = top
        moved = -1
        while moved != self.moved:
            moved = self.moved
            left = self.contents(top, [name for name in os.listdir(top) if name != _LOCK_NAME], shown, 0)
        # The lock's file goes last, or a run that is being removed looks like one that was never locked.
        return left or self.contents(top, [_LOCK_NAME], shown, 0)

    def contents(self, inside: int, names: list[str], shown: str, depth: int) -> list[str]:
        return [path for name in names for path in self.entry(inside, name, f"{shown}/{name}", depth + 1)]

    def move_up(self, parent_fd: int, name: str) -> None:
        self.moved += 1
        target = f".deep-{self.moved}-{os.urandom(4).hex()}"
        try:
            os.rename(name, target, src_dir_fd=parent_fd, dst_dir_fd=self.top)
        except PermissionError:
            _unprotect(parent_fd)
            os.rename(name, target, src_dir_fd=parent_fd, dst_dir_fd=self.top)

    @staticmethod
    def opened(parent_fd: int, name: str) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(name, flags, dir_fd=parent_fd)
        except PermissionError:
            os.chmod(name, 0o700, dir_fd=parent_fd)  # a folder of mode 0 that an unprivileged owner made
            return os.open(name, flags, dir_fd=parent_fd)


def _take_out(parent_fd: int, name: str, mode: int) -> None:
    """Remove one entry, an immutable or append-only one too, where we may."""
    take = os.rmdir if stat.S_ISDIR(mode) else os.unlink
    try:
        take(name, dir_fd=parent_fd)
    except PermissionError:
        _unprotect(parent_fd)
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent_fd)
            try:
                _unprotect(descriptor)
            finally:
                os.close(descriptor)
        take(name, dir_fd=parent_fd)


def _unprotect(descriptor: int) -> None:
    """Clear the attributes of a file that keep even root from removing it (chattr(1), ioctl_iflags(2))."""
    with contextlib.suppress(OSError):
        (flags,) = struct.unpack("i", fcntl.ioctl(descriptor, _GET_FLAGS, struct.pack("i", 0)))
        fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("i", flags & ~_PROTECTED))


def _mount_id(descriptor: int) -> str:
    with open(f"/proc/self/fdinfo/{descriptor}") as info:
        return next(line.split()[1] for line in info if line.startswith("mnt_id:"))
