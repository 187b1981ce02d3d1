"""A TOML file that somebody wrote: read within bounds; what is wrong is named with its line."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from pytest_vessel.errors import VesselError


def text_of(path: Path, wrong: type[VesselError], *, limit_kib: int, holds: str, missing: str) -> str:
    """The text of a regular file; nothing else is waited for or read.

    Args:
        wrong: the class of error to raise.
        limit_kib: how large it may be, in KiB.
        holds: a sentence that says what such a file holds, for one that is too large.
        missing: what to do where there is none.

    Raises:
        VesselError: of class `wrong`: it cannot be read, is no regular file, is too large, or is not UTF-8.
    """
    try:
        data = _content(path, wrong, limit_kib, holds)
    except FileNotFoundError:
        raise wrong("there is no such file", where=str(path), mend=missing) from None
    except OSError as problem:
        raise wrong(f"cannot be read: {problem.strerror}", where=str(path), mend="Check path and rights.") from None
    if data.startswith(b"\xef\xbb\xbf"):
        raise wrong("begins with a byte order mark", where=f"{path}:1", mend="Save the file as UTF-8 without it.")
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise wrong("is not UTF-8", where=f"{path}:{line}", mend="Save the file as UTF-8.") from None


def _content(path: Path, wrong: type[VesselError], limit_kib: int, holds: str) -> bytes:
    seen = path.stat()
    if stat.S_ISDIR(seen.st_mode):
        raise wrong("is a folder", where=str(path), mend="Name the file in it.")
    if not stat.S_ISREG(seen.st_mode):  # opening a FIFO would wait for its writer
        raise wrong("is not a regular file", where=str(path), mend="Write it to a file, and name that.")
    if seen.st_size > limit_kib << 10:
        size = f"{limit_kib >> 10} MiB" if limit_kib >= 1024 else f"{limit_kib} KiB"
        raise wrong(f"is larger than {size}", where=str(path), mend=holds)
    return path.read_bytes()


def parsed(text: str, path: Path, wrong: type[VesselError]) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        VesselError: of class `wrong`: it is not TOML; names the line.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise wrong("is nested too deeply", where=str(path), mend="Tables in tables are enough.") from None
    except ValueError as problem:
        found = re.search(r"\(at line (\d+), column \d+\)", str(problem))
        number = int(found[1]) if found else text.count("\n") + 1
        line = text.split("\n")[number - 1].strip()[:80]
        where = f"{path}:{number}: {line}" if line else f"{path}:{number}"
        raise wrong(f"is not valid TOML: {problem}", where=where, mend="Mend that line.") from None
