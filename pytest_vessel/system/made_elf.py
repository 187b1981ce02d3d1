"""Small ELF files, written byte by byte: what a loader, or who compares libraries, reads of them, and nothing else.

elf(5). No compiler is needed, and every field can be had as a test wants it. They can be loaded; there is no code.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NULL, NEEDED, HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME, RPATH, RUNPATH = 0, 1, 4, 5, 6, 10, 11, 14, 15, 29
FLAGS_1, AUXILIARY, FILTER = 0x6FFFFFFB, 0x7FFFFFFD, 0x7FFFFFFF
NODEFLIB, PIE = 0x800, 0x08000000
X86_64, X86, AARCH64, RISCV = 62, 3, 183, 243
ET_EXEC, ET_DYN = 2, 3

_VERSYM, _VERDEF, _VERDEFNUM = 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFD
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_NOTE, _PT_STACK = 1, 2, 3, 4, 0x6474E551
_SECTIONS = {
    ".dynstr": ("strings", 3, ""),
    ".dynsym": ("symbols", 11, ".dynstr"),
    ".gnu.version": ("of symbols", 0x6FFFFFFF, ".dynsym"),
    ".gnu.version_d": ("versions", 0x6FFFFFFD, ".dynstr"),
    ".dynamic": ("dynamic", 6, ".dynstr"),
    ".shstrtab": ("section names", 3, ""),
}
"""Part, type and linked section of each that there may be."""


class _Sizes(NamedTuple):
    """Of the header of the file, and of an entry in each table, in bytes."""

    header: int
    segment: int
    section: int
    symbol: int
    tag: int


_SIZES = {64: _Sizes(64, 56, 64, 24, 16), 32: _Sizes(52, 32, 40, 16, 8)}
"""By the bits of the class."""
_OF_THE_FILE = 1
"""The number of the version that is the file itself: what has no version of its own has that."""


@dataclass(frozen=True)
class Made:
    """One file.

    Attributes:
        tags: dynamic entries in their order; what is text becomes an offset into the strings.
        versions: its version definitions (DT_VERDEF) but the one of the file itself.
        symbols: the dynamic symbols that it defines, as `name` or `name@version`.
        build_id: of its GNU note; there is none where it is empty.
    """

    tags: Sequence[tuple[int, str | int]] = ()
    interpreter: str = ""
    bits: int = 64
    machine: int = X86_64
    kind: int = ET_DYN
    os_abi: int = 0
    versions: Sequence[str] = ()
    symbols: Sequence[str] = ()
    build_id: bytes = b""

    @property
    def content(self) -> bytes:
        """The file. Strings come first behind the program headers, so that none moves when another is added.

        Section headers stand at the end: no loader looks at them, but who compares libraries may.
        """
        strings = Strings()
        strings.add(self.interpreter, *self._texts())
        kinds = [_PT_INTERP] * bool(self.interpreter) + [_PT_LOAD, _PT_DYNAMIC, _PT_STACK]
        kinds += [_PT_NOTE] * bool(self.build_id)
        parts = _Parts(self._sizes.header + len(kinds) * self._sizes.segment)
        parts.add("strings", bytes(strings.content))
        self._add_symbols(parts, strings)
        if self.build_id:
            parts.add("note", struct.pack("<III4s", 4, len(self.build_id), 3, b"GNU") + self.build_id)
        parts.add("dynamic", self._dynamic(parts, strings))
        places = {
            _PT_INTERP: (parts.start + strings.places[self.interpreter], len(self.interpreter) + 1),
            _PT_LOAD: (0, parts.end),
            _PT_DYNAMIC: parts.places["dynamic"],
            _PT_STACK: (0, 0),
            _PT_NOTE: parts.places.get("note", (0, 0)),
        }
        table = b"".join(self._segment(kind, *places[kind]) for kind in kinds)
        sections = self._sections(parts)
        header = self._header(len(kinds), parts.end, len(sections))
        return header + table + parts.content + b"".join(sections)

    def _texts(self) -> Iterable[str]:
        yield from (value for _, value in self.tags if isinstance(value, str))
        yield from self.versions
        yield from (symbol.partition("@")[0] for symbol in self.symbols)

    @property
    def _wide(self) -> bool:
        return self.bits == 64

    @property
    def _sizes(self) -> _Sizes:
        return _SIZES[self.bits]

    @property
    def _base(self) -> int:
        return 0x400000 if self.kind == ET_EXEC else 0

    def _add_symbols(self, parts: _Parts, strings: Strings) -> None:
        """All symbols behind the one that every table begins with, and a hash table of one bucket: musl looks, too."""
        names = [symbol.partition("@")[0] for symbol in self.symbols]
        table = b"".join(self._symbol(strings.places[name], self._base + parts.start) for name in names)
        count = len(names) + 1
        parts.add("symbols", bytes(self._sizes.symbol) + table)
        chain = [*range(count)[2:], 0] if names else []
        parts.add("hash", struct.pack(f"<{3 + count}I", 1, count, int(bool(names)), 0, *chain))
        if self.versions:
            numbers = {version: number for number, version in enumerate(self.versions, _OF_THE_FILE + 1)}
            found = [numbers.get(symbol.partition("@")[2], _OF_THE_FILE) for symbol in self.symbols]
            parts.add("of symbols", struct.pack(f"<{count}H", 0, *found))
            parts.add("versions", self._definitions(strings))

    def _symbol(self, name: int, address: int) -> bytes:
        """A global object of eight bytes in the first section."""
        if self._wide:
            return struct.pack("<IBBHQQ", name, 0x11, 0, 1, address, 8)
        return struct.pack("<IIIBBH", name, address, 8, 0x11, 0, 1)

    def _definitions(self, strings: Strings) -> bytes:
        """The version of the file itself, then the others: each with the one name that it has."""
        own = next((str(value) for tag, value in self.tags if tag == SONAME), "")
        found = b""
        for number, name in enumerate((own, *self.versions), _OF_THE_FILE):
            following = 28 if number <= len(self.versions) else 0
            flags = 1 if number == _OF_THE_FILE else 0
            found += struct.pack("<HHHHIII", 1, flags, number, 1, _hash(name), 20, following)
            found += struct.pack("<II", strings.places[name], 0)
        return found

    def _dynamic(self, parts: _Parts, strings: Strings) -> bytes:
        tags = [(tag, strings.places[value] if isinstance(value, str) else value) for tag, value in self.tags]
        tags += [
            (STRTAB, self._address(parts, "strings")),
            (SYMTAB, self._address(parts, "symbols")),
            (HASH, self._address(parts, "hash")),
            (STRSZ, len(strings.content)),
            (SYMENT, self._sizes.symbol),
        ]
        if self.versions:
            tags += [(_VERSYM, self._address(parts, "of symbols")), (_VERDEF, self._address(parts, "versions"))]
            tags += [(_VERDEFNUM, len(self.versions) + 1)]
        return b"".join(struct.pack("<qQ" if self._wide else "<iI", *tag) for tag in [*tags, (NULL, 0)])

    def _address(self, parts: _Parts, name: str) -> int:
        return self._base + parts.places[name][0]

    def _header(self, segments: int, end: int, sections: int) -> bytes:
        ident = b"\x7fELF" + bytes([2 if self._wide else 1, 1, 1, self.os_abi]) + bytes(8)
        form, sizes = "<HHIQQQIHHHHHH" if self._wide else "<HHIIIIIHHHHHH", self._sizes
        counts = sizes.header, sizes.segment, segments, sizes.section, sections, sections - 1
        return ident + struct.pack(form, self.kind, self.machine, 1, 0, sizes.header, end, 0, *counts)

    def _segment(self, kind: int, offset: int, size: int) -> bytes:
        address = self._base + offset
        align = 4096 if kind == _PT_LOAD else 4
        if self._wide:
            return struct.pack("<IIQQQQQQ", kind, 6, offset, address, address, size, size, align)
        return struct.pack("<IIIIIIII", kind, offset, address, address, size, size, 6, align)

    def _sections(self, parts: _Parts) -> list[bytes]:
        """The table of those sections that there are, behind the empty one that it begins with."""
        names = Strings()
        names.add(*_SECTIONS)
        parts.add("section names", bytes(names.content))
        present = ["", *(name for name, (part, *_) in _SECTIONS.items() if part in parts.places)]
        table = [bytes(self._sizes.section)]
        for name in present[1:]:
            part, kind, linked = _SECTIONS[name]
            offset, size = parts.places[part]
            counts = {"symbols": 1, "versions": len(self.versions) + 1}.get(part, 0)
            entry_bytes = {"symbols": self._sizes.symbol, "of symbols": 2, "dynamic": self._sizes.tag}.get(part, 0)
            place = self._base + offset, offset, size, present.index(linked), counts, 8, entry_bytes
            table.append(struct.pack("<IIQQQQIIQQ" if self._wide else "<10I", names.places[name], kind, 2, *place))
        return table


class Strings:
    """A table of strings, the empty one first.

    Attributes:
        content: the strings, each ended by a zero byte.
        places: where in there each of them begins.
    """

    def __init__(self) -> None:
        self.content = bytearray(b"\0")
        self.places = {"": 0}

    def add(self, *texts: str) -> None:
        """Put these behind the others."""
        for text in texts:
            self.places[text] = len(self.content)
            self.content += text.encode("utf-8", "surrogateescape") + b"\0"


class _Parts:
    """What follows the program headers: parts with their offsets and sizes, each at a multiple of 16."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.content = b""
        self.places: dict[str, tuple[int, int]] = {}

    @property
    def end(self) -> int:
        """The offset behind all of it."""
        return self.start + len(self.content)

    def add(self, name: str, content: bytes) -> None:
        self.places[name] = self.end, len(content)
        self.content += content
        self.content = self.content.ljust((self.end + 15) // 16 * 16 - self.start, b"\0")


def _hash(name: str) -> int:
    """The hash of a version's name, as the System V ABI has it."""
    found = 0
    for byte in name.encode():
        found = (found << 4) + byte
        found = (found ^ (found & 0xF0000000) >> 24) & 0x0FFFFFFF
    return found
