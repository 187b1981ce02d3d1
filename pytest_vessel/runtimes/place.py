"""From a root, or the content of a `/usr`, to the tree of a runtime."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.errors import SourceError
from pytest_vessel.runtimes.cache import Cache
from pytest_vessel.system.compile import cache_folder
from pytest_vessel.system.sysroot import TOP_LINKS, Layout

_SIGNS_OF_A_ROOT = ("usr", "dev", "proc", "sys")


def place_cached(key: str, make: Callable[[Path], None], src: Path, layout: Layout) -> None:
    """As `place`, with the root of that key in the user's cache folder, which `make` fills where it is not there."""
    with Cache(cache_folder() / "roots").root(key, make) as root:
        place(root, src, layout)


def place(root: Path, src: Path, layout: Layout) -> None:
    """Copy to the folder `src` what of `root` is shown as the layout says; nothing of it is shared.

    A `root` with one of `usr`, `dev`, `proc`, `sys` at its top is complete; another one is the content of a `/usr`.
    Left out: a `.ref` at the top, which would be in use by two; what is no file, folder or link; set-user-ID bits.

    Raises:
        SourceError: it cannot be shown so, or cannot be read.
    """
    complete = any(os.path.lexists(root / name) for name in _SIGNS_OF_A_ROOT)
    if complete and layout is Layout.MERGED_USR:
        _check_merged(root)
        _copy(root / "usr", src)
    else:
        _copy(root, src if complete else layout.usr(src))


def _check_merged(root: Path) -> None:
    """What lies beside `usr` is not in a merged /usr: programs and libraries must not."""
    usr = root / "usr"
    apart = [name for name in TOP_LINKS if (root / name).is_dir() and not (root / name).is_symlink()]
    if apart or usr.is_symlink() or not usr.is_dir():
        why = f"has a folder {apart[0]} beside usr" if apart else "has no folder usr"
        raise SourceError(f"{why}, so it is no merged /usr", where=str(root), mend="Ask for the layout complete-root.")


def _copy(source: Path, target: Path) -> None:
    def unwanted(folder: str, names: list[str]) -> list[str]:
        top = [".ref"] if folder == str(source) else []
        return top + [name for name in names if not _is_wanted(os.path.join(folder, name))]

    try:
        shutil.copytree(source, target, symlinks=True, ignore=unwanted, copy_function=_copy_file, dirs_exist_ok=True)
    except shutil.Error as problem:
        path, _target, why = problem.args[0][0]
        mend = "Make it readable, and room for it, or leave it out."
        raise SourceError(f"cannot be copied: {why}", where=path, mend=mend) from None
    for folder, _names, _files in os.walk(target):
        os.chmod(folder, os.stat(folder).st_mode & 0o1777 | stat.S_IRWXU)


def _is_wanted(path: str) -> bool:
    kind = stat.S_IFMT(os.lstat(path).st_mode)
    return kind in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)


def _copy_file(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    seen = os.stat(source)
    os.chmod(target, seen.st_mode & 0o777)
    os.utime(target, ns=(seen.st_mtime_ns, seen.st_mtime_ns))
