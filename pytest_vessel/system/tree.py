"""Look at a folder and all that is below it, without following a link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from pytest_vessel.observation.tree import Entry, Kind, Tree

_MOST_ENTRIES = 2000
_MOST_BYTES = 64 * 1024


def seen(folder: Path) -> Tree | None:
    """What is below `folder` now; None where it is no folder. At most 2000 entries, and 64 KiB of each file."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    paths = _below(folder)
    entries = [_entry(path, path.relative_to(folder)) for path in islice(paths, _MOST_ENTRIES)]
    return Tree(tuple(sorted(entries, key=lambda entry: entry.path)), left_out=sum(1 for _ in paths))


def _below(folder: Path) -> Iterator[Path]:
    for top, folders, files in os.walk(folder):
        yield from (Path(top, name) for name in sorted((*folders, *files)))


def _entry(path: Path, name: Path) -> Entry:
    mode = path.lstat().st_mode
    if S_ISLNK(mode):
        return Entry(str(name), Kind.LINK, os.readlink(path))
    if S_ISREG(mode):
        with path.open("rb") as content:
            return Entry(str(name), Kind.FILE, content.read(_MOST_BYTES).decode("utf-8", "backslashreplace"))
    return Entry(str(name), Kind.FOLDER if S_ISDIR(mode) else Kind.OTHER)
