"""What the container sees: the runtime as its root or its /usr, and a little around it.

Built on a private tmpfs in a mount namespace of its own, so that the runtime's folder is never written to: not even
a mount point is made in it.
"""

from __future__ import annotations

import os
import stat

from pytest_vessel.reference import kernel
from pytest_vessel.reference.lock import LOCK_FILE

STAGE = "/tmp"
"""The root is put together on a tmpfs here. Any folder would do; nobody outside sees it."""

USR_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc")
"""Top-level names that lead into a merged /usr, for those that exist there."""

DEVICES = ("null", "zero", "full", "random", "urandom")

OWN = ("proc", "dev", "tmp")
"""Folders that the container has of its own, whatever the runtime has."""


def is_complete_root(source: int) -> bool:
    """Whether a runtime is a complete root: it has a folder `usr`. Else it is what a container sees as /usr."""
    try:
        return stat.S_ISDIR(os.lstat("usr", dir_fd=source).st_mode)
    except FileNotFoundError:
        return False


class Beside:
    """What the container sees beside the runtime: nothing."""

    def open(self) -> None:
        """Open what is outside, while its paths still lead there."""

    def show(self) -> None:
        """Show it in the new root, which is the current folder."""


class Root:
    """The root folder of one container. `enter` is the order of the steps."""

    def __init__(self, source: str, *, writable: bool, beside: Beside | None = None) -> None:
        self.source = source
        self.writable = writable
        self.beside = beside or Beside()

    def enter(self) -> None:
        """Leave the caller's root for the container's; for a process that has its own user namespace.

        Raises:
            OSError: a step is not permitted here.
        """
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)  # nothing that we mount shows outside
        source = os.open(self.source, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)  # its path may lie below STAGE
        self.beside.open()
        kernel.mount("tmpfs", STAGE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755")
        os.chdir(STAGE)
        self.make_own_folders()
        self.show_runtime(source)
        if not self.writable:
            kernel.make_read_only(".")
        self.fill_own_folders()
        self.beside.show()
        os.close(source)
        kernel.swap_root()

    def show_runtime(self, source: int) -> None:
        """Bind the runtime, a descriptor of its folder, into the new root."""
        if is_complete_root(source):
            self.show_complete_root(source)
        else:
            self.show_merged_usr(source)

    def show_merged_usr(self, source: int) -> None:
        """SRC is /usr; its lock file is /usr/.ref, which processes inside find as /.ref."""
        os.mkdir("usr")
        bind(source, "usr")
        for name in USR_LINKS:
            if os.path.lexists(f"usr/{name}"):
                os.symlink(f"usr/{name}", name)
        self.link_lock_file()

    def link_lock_file(self) -> None:
        """Make /.ref lead to the lock file of a merged /usr."""
        os.symlink(f"usr/{LOCK_FILE}", LOCK_FILE)

    def show_complete_root(self, source: int) -> None:
        """Each top-level entry of SRC is one of /, the lock file among them."""
        for name in os.listdir(f"/proc/self/fd/{source}"):
            if name not in OWN:
                show_entry(source, name)

    def make_own_folders(self) -> None:
        """Make the folders and mount points that need a writable root."""
        for name in OWN:
            os.mkdir(name)
        for name in DEVICES:
            touch(f"dev/{name}")
        os.symlink("/proc/self/fd", "dev/fd")

    def fill_own_folders(self) -> None:
        """A fresh /proc where the kernel permits it (not where /proc is masked), harmless devices, an empty /tmp."""
        own = kernel.MS_NOSUID | kernel.MS_NODEV
        try:
            kernel.mount("proc", "proc", "proc", own | kernel.MS_NOEXEC)
        except PermissionError:
            pass  # an empty /proc is better than one that shows the processes outside
        for name in DEVICES:
            if os.path.exists(f"/dev/{name}"):
                kernel.mount(f"/dev/{name}", f"dev/{name}", flags=kernel.MS_BIND)
        kernel.mount("tmpfs", "tmp", "tmpfs", own, "mode=1777")


def bind(descriptor: int, target: str) -> None:
    """Show at `target` what a descriptor refers to, with all that is mounted below it."""
    kernel.mount(f"/proc/self/fd/{descriptor}", target, flags=kernel.MS_BIND | kernel.MS_REC)


def show_entry(folder: int, name: str) -> None:
    """Show one entry of a folder under the same name in the current one; a symbolic link is copied."""
    entry = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        mode = os.fstat(entry).st_mode
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(name, dir_fd=folder), name)
            return
        os.mkdir(name) if stat.S_ISDIR(mode) else touch(name)
        bind(entry, name)
    finally:
        os.close(entry)  # O_PATH: closing it ends no lock, not even a POSIX lock on the lock file


def touch(path: str) -> None:
    """Make an empty file."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))
