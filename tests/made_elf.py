"""Small ELF files and caches, written byte by byte: what a loader reads of them, and nothing else."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

NULL, NEEDED, HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME, RPATH, RUNPATH = 0, 1, 4, 5, 6, 10, 11, 14, 15, 29
FLAGS_1, AUXILIARY, FILTER = 0x6FFFFFFB, 0x7FFFFFFD, 0x7FFFFFFF
NODEFLIB, PIE = 0x800, 0x08000000
X86_64, X86, AARCH64 = 62, 3, 183
ET_EXEC, ET_DYN = 2, 3
_NO_SYMBOLS = bytes(24) + struct.pack("<IIII", 1, 1, 0, 0) + bytes(8)
"""The symbol that every table begins with, and a hash table of it alone: musl looks for some in each object."""


@dataclass(frozen=True)
class Made:
    """One file. `tags` are dynamic entries in their order; what is text becomes an offset into the strings."""

    tags: Sequence[tuple[int, str | int]] = ()
    interpreter: str = ""
    bits: int = 64
    machine: int = X86_64
    kind: int = ET_DYN
    os_abi: int = 0

    @property
    def content(self) -> bytes:
        """The file; strings come first behind the program headers, so that none moves when another is added."""
        wide = self.bits == 64
        segment_bytes, header_bytes, entry = (56, 64, "<qQ") if wide else (32, 52, "<iI")
        count = 3 if self.interpreter else 2
        strings = bytearray(b"\0")
        places = {
            text: _put(strings, text) for text in [self.interpreter, *(v for _, v in self.tags if isinstance(v, str))]
        }
        start = header_bytes + count * segment_bytes
        symbols = (start + len(strings) + 15) // 16 * 16
        dynamic = symbols + len(_NO_SYMBOLS)
        tags = [(tag, places[value] if isinstance(value, str) else value) for tag, value in self.tags]
        tags += [
            (STRTAB, self._base + start),
            (SYMTAB, self._base + symbols),
            (HASH, self._base + symbols + 24),
            (STRSZ, len(strings)),
            (SYMENT, 24 if wide else 16),
            (NULL, 0),
        ]
        entries = b"".join(struct.pack(entry, *tag) for tag in tags)
        end = dynamic + len(entries)
        segments = [(1, 0, end), (2, dynamic, len(entries))]
        if self.interpreter:
            segments.insert(0, (3, start + places[self.interpreter], len(self.interpreter) + 1))
        table = b"".join(self._segment(*segment) for segment in segments)
        return (self._header(count) + table + strings).ljust(symbols, b"\0") + _NO_SYMBOLS + entries

    @property
    def _base(self) -> int:
        return 0x400000 if self.kind == ET_EXEC else 0

    def _header(self, count: int) -> bytes:
        wide = self.bits == 64
        ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1, self.os_abi]) + bytes(8)
        form, sizes = ("<HHIQQQIHHHHHH", (64, 56)) if wide else ("<HHIIIIIHHHHHH", (52, 32))
        return ident + struct.pack(form, self.kind, self.machine, 1, 0, sizes[0], 0, 0, *sizes, count, 0, 0, 0)

    def _segment(self, kind: int, offset: int, size: int) -> bytes:
        address = self._base + offset
        if self.bits == 64:
            return struct.pack("<IIQQQQQQ", kind, 6, offset, address, address, size, size, 4096)
        return struct.pack("<IIIIIIII", kind, offset, address, address, size, size, 6, 4096)


def _put(strings: bytearray, text: str) -> int:
    place = len(strings)
    strings += text.encode("utf-8", "surrogateescape") + b"\0"
    return place


@dataclass(frozen=True)
class Entry:
    """A line of a cache; `level` is one of glibc-hwcaps, `hwcap` bits of the older kind."""

    name: str
    path: str
    flags: int = 0x303
    hwcap: int = 0
    level: str = ""


def cache(entries: Sequence[Entry], *, old: bool = False) -> bytes:
    """A cache in the new format, or in the old one; entries stand in the order that halving relies on."""
    ordered = sorted(entries, key=lambda one: (_comparable(one.name), bool(one.level)), reverse=True)
    levels = sorted({one.level for one in entries if one.level})
    head, size = (16, 12) if old else (48, 24)
    base = 0 if old else head + size * len(ordered)
    strings = bytearray()
    lines = b""
    for one in ordered:
        key, value = base + _put(strings, one.name), base + _put(strings, one.path)
        hwcap = (1 << 62) + levels.index(one.level) if one.level else one.hwcap
        lines += struct.pack("<iII", one.flags, key, value) + (b"" if old else struct.pack("<IQ", 0, hwcap))
    names = [base + _put(strings, level) for level in levels]
    if old:
        return b"ld.so-1.7.0\0" + struct.pack("<I", len(ordered)) + lines + strings
    extension = (base + len(strings) + 3) // 4 * 4
    tail = struct.pack("<II", 0xEAA42174, 1) + struct.pack("<IIII", 1, 0, extension + 24, 4 * len(names))
    tail += struct.pack(f"<{len(names)}I", *names)
    start = struct.pack("<20sIIBxxxI12x", b"glibc-ld.so.cache1.1", len(ordered), len(strings), 2, extension)
    return (start + lines + strings).ljust(extension, b"\0") + tail


def _comparable(name: str) -> list[tuple[int, int]]:
    return [(1, int(part)) if part.isdigit() else (0, ord(part)) for part in re.findall(r"[0-9]+|[^0-9]", name)]
