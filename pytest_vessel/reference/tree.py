"""A copy of a folder by hard links: the same files under new names, in folders of its own.

Folders are made anew, so entries can be added, deleted and replaced without the original noticing. The *content* of
a file is shared as long as both names lead to it: whoever wants to change a file of a copy replaces it.
"""

from __future__ import annotations

import errno
import os
import stat

from pytest_vessel.reference.remove import FOLDER
from pytest_vessel.reference.trouble import Trouble

NOT_LINKABLE = (errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK)
"""No hard link here: of others' files (proc_sys_fs(5): protected_hardlinks), across mounts, too many. Then a copy."""

OWNER_MAY_ALL = 0o700


def link_tree(source: int, target: int, path: str, *, without: str = "") -> None:
    """Give `target`, a descriptor of an empty folder, the content of `source`; no entry `without` at the top.

    Files and symbolic links become hard links, or copies where that is not possible. Devices, FIFOs and sockets are
    left out: a container has its own. `path` is that of `source`, for messages.

    Raises:
        Trouble: something cannot be read or made; names it.
    """
    for name in os.listdir(source):
        if name == without:
            continue
        inner = os.path.join(path, name)
        try:
            link_entry(source, target, name, inner)
        except OSError as problem:
            raise Trouble(f"{inner}: cannot be copied: {problem.strerror}") from None
    inherit(os.fstat(source), target)


def link_entry(source: int, target: int, name: str, path: str) -> None:
    """Make one entry of `target`."""
    status = os.lstat(name, dir_fd=source)
    if stat.S_ISDIR(status.st_mode):
        link_folder(source, target, name, path)
    elif stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
        try:
            os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
        except OSError as problem:
            if problem.errno not in NOT_LINKABLE:
                raise
            copy_entry(source, target, name, status)


def link_folder(source: int, target: int, name: str, path: str) -> None:
    """Make a folder, and give it the content of its original."""
    inner = os.open(name, FOLDER, dir_fd=source)
    try:
        os.mkdir(name, OWNER_MAY_ALL, dir_fd=target)
        new = os.open(name, FOLDER, dir_fd=target)
        try:
            link_tree(inner, new, path)
        finally:
            os.close(new)
    finally:
        os.close(inner)


def copy_entry(source: int, target: int, name: str, status: os.stat_result) -> None:
    """Make a file of its own with the same content, permissions and time; or the same symbolic link."""
    times = (status.st_atime_ns, status.st_mtime_ns)
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
        os.utime(name, ns=times, dir_fd=target, follow_symlinks=False)
        return
    original = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=source)
    try:
        new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=target)
        try:
            while os.sendfile(new, original, None, 1 << 30):
                pass
            os.fchmod(new, status.st_mode & 0o777)  # no set-user-ID bit: the new owner is another
            os.utime(new, ns=times)
        finally:
            os.close(new)
    finally:
        os.close(original)


def inherit(status: os.stat_result, folder: int) -> None:
    """Give a new folder its original's permissions and time. Its owner may always change it: it is a mutable copy."""
    os.fchmod(folder, stat.S_IMODE(status.st_mode) | OWNER_MAY_ALL)
    os.utime(folder, ns=(status.st_atime_ns, status.st_mtime_ns))
