"""What a library defines for others: its versions, and its dynamic symbols. Read by pyelftools."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_vessel.capture.compare import Copy
from pytest_vessel.errors import LibraryError

if TYPE_CHECKING:
    from pytest_vessel.libraries.rootfs import Root

_MOST_BYTES = 512 << 20
_BASE = 1
"""VER_FLG_BASE: the version of the file itself."""
_LOCAL, _HIDDEN = 0, 0x8000


def read(root: Root, real_path: str) -> Copy:
    """What is compared of a library of a root.

    Raises:
        LibraryError: it cannot be read, or is damaged; names the file.
    """
    try:
        with open(root.open(real_path), "rb") as file:
            if os.fstat(file.fileno()).st_size > _MOST_BYTES:
                raise LibraryError(f"is larger than {_MOST_BYTES >> 20} MiB", where=real_path)
            return _read(file, real_path.rpartition("/")[2])
    except OSError as problem:
        raise LibraryError(f"cannot be read: {problem.strerror}", where=real_path) from None
    except (LibraryError, MemoryError):
        raise
    except Exception as problem:  # pyelftools lets many through for a damaged file
        what = f"its definitions cannot be read: {type(problem).__name__}: {problem}"
        raise LibraryError(what, where=real_path, mend="Compare it with the package that it comes from.") from None


def _read(file: Any, name: str) -> Copy:
    from elftools.elf.elffile import ELFFile

    elf = ELFFile(file)
    versions = dict(_versions(elf))
    return Copy(name, frozenset(versions.values()), frozenset(_symbols(elf, versions)))


def _versions(elf: Any) -> Iterator[tuple[int, str]]:
    """Index and name of each version definition."""
    section = elf.get_section_by_name(".gnu.version_d")
    for definition, names in section.iter_versions() if section else ():
        if not definition["vd_flags"] & _BASE:
            yield definition["vd_ndx"], next(names).name


def _symbols(elf: Any, versions: dict[int, str]) -> Iterator[str]:
    """The symbols that it defines, with their versions."""
    table, of_symbols = elf.get_section_by_name(".dynsym"), elf.get_section_by_name(".gnu.version")
    for number, symbol in enumerate(table.iter_symbols() if table else ()):
        if symbol["st_shndx"] == "SHN_UNDEF" or symbol["st_info"]["bind"] == "STB_LOCAL" or not symbol.name:
            continue
        index = of_symbols.get_symbol(number)["ndx"] if of_symbols else None
        version = versions.get(index & ~_HIDDEN) if isinstance(index, int) else None
        yield f"{symbol.name}@{version}" if version else symbol.name
