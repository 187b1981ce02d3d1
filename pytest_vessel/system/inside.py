"""Paths that an implementation names, or can have changed: ours to touch only while they lie in the work folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pytest_vessel.errors import HarnessError


def inside(path: str | os.PathLike[str], folder: Path, what: str) -> Path:
    """`path`, if it leads to a place below `folder`, links on the way and at the end followed.

    Not guaranteed: that it still does when it is used; whoever may change it must have ended.

    Raises:
        HarnessError: it leads elsewhere; `what` says whose path it is.
    """
    leads_to, below = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    if below not in leads_to.parents:
        raise HarnessError(
            f"{what} leads out of the work folder, to {leads_to}",
            where=str(path),
            mend="Nothing outside of it is touched: have the program keep its files below {work} or {runtime}.",
        )
    return Path(path)


def give(file: Path, folder: Path, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Set mode and owner (uid, gid) of a regular file below `folder`, never those of what a link leads to.

    Raises:
        HarnessError: it leads out of the folder, or is no regular file.
        OSError: it is not there, or not ours.
    """
    inside(file.parent, folder, "the folder of a file")
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HarnessError("is no regular file", where=str(file))
        if owner is not None:
            os.fchown(descriptor, *owner)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
