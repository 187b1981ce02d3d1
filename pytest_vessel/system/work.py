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
    """A new folder for one run, and the descriptor whose lock says that it is in use."""
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=base)
    os.chmod(folder, 0o711)
    lock = os.open(os.path.join(folder, _LOCK_NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.fcntl(lock, _F_OFD_SETLK, _WHOLE_FILE_EXCLUSIVE)
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
    for point in mounts_below(folder):
        with contextlib.suppress(OSError):
            detach(point)
    if left := mounts_below(folder):
        return left
    parent, name = os.path.split(folder)
    try:
        parent_fd = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    try:
        return _Removal(folder).entry(parent_fd, name, folder)
    finally:
        os.close(parent_fd)


class _Removal:
    """One recursive removal, relative to descriptors."""

    def __init__(self, folder: str) -> None:
        self.mount: str | None = None

    def entry(self, parent_fd: int, name: str, shown: str) -> list[str]:
        try:
            is_folder = stat.S_ISDIR(os.lstat(name, dir_fd=parent_fd).st_mode)
            left = self.folder(parent_fd, name, shown) if is_folder else []
            if left:
                return left
            if is_folder:
                os.rmdir(name, dir_fd=parent_fd)
            else:
                os.unlink(name, dir_fd=parent_fd)
        except FileNotFoundError:
            return []
        except OSError:
            return [shown]
        return []

    def folder(self, parent_fd: int, name: str, shown: str) -> list[str]:
        inside = self.opened(parent_fd, name)
        try:
            mount = _mount_id(inside)
            self.mount = self.mount or mount
            if mount != self.mount:
                return [shown]
            if stat.S_IMODE(os.fstat(inside).st_mode) & 0o700 != 0o700:
                with contextlib.suppress(OSError):
                    os.fchmod(inside, 0o700)
            # The lock's file goes last, or a run that is being removed looks like one that was never locked.
            names = sorted(os.listdir(inside), key=lambda name: name == _LOCK_NAME)
            return [path for inner in names for path in self.entry(inside, inner, f"{shown}/{inner}")]
        finally:
            os.close(inside)

    @staticmethod
    def opened(parent_fd: int, name: str) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(name, flags, dir_fd=parent_fd)
        except PermissionError:
            os.chmod(name, 0o700, dir_fd=parent_fd)  # a folder of mode 0 that an unprivileged owner made
            return os.open(name, flags, dir_fd=parent_fd)


def _mount_id(descriptor: int) -> str:
    with open(f"/proc/self/fdinfo/{descriptor}") as info:
        return next(line.split()[1] for line in info if line.startswith("mnt_id:"))
