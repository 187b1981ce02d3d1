"""Which file a name or a descriptor stands for: device and inode, whatever its path is called."""

from __future__ import annotations

import os
from contextlib import suppress

Identity = tuple[int, int]
"""st_dev and st_ino."""


def identity(seen: os.stat_result) -> Identity:
    """Of a file that was looked at."""
    return seen.st_dev, seen.st_ino


def spelled(seen: os.stat_result) -> tuple[str, int]:
    """Of a file that was looked at, as the probe tells it: device (`major:minor`) and inode."""
    return f"{os.major(seen.st_dev)}:{os.minor(seen.st_dev)}", seen.st_ino


def identity_of(path: str | os.PathLike[str]) -> Identity | None:
    """Of what a path leads to; None where that is nothing, or cannot be reached."""
    with suppress(OSError):
        return identity(os.stat(path))
    return None
