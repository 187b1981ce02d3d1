"""Caches of a loader (`/etc/ld.so.cache`), written byte by byte as ldconfig(8) writes them."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_vessel.system.made_elf import Strings


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
    strings = Strings()
    strings.add(*(text for one in ordered for text in (one.name, one.path)), *levels)
    lines = b""
    for one in ordered:
        key, value = base + strings.places[one.name], base + strings.places[one.path]
        hwcap = (1 << 62) + levels.index(one.level) if one.level else one.hwcap
        lines += struct.pack("<iII", one.flags, key, value) + (b"" if old else struct.pack("<IQ", 0, hwcap))
    names = [base + strings.places[level] for level in levels]
    if old:
        return b"ld.so-1.7.0\0" + struct.pack("<I", len(ordered)) + lines + strings.content
    extension = (base + len(strings.content) + 3) // 4 * 4
    tail = struct.pack("<II", 0xEAA42174, 1) + struct.pack("<IIII", 1, 0, extension + 24, 4 * len(names))
    tail += struct.pack(f"<{len(names)}I", *names)
    start = struct.pack("<20sIIBxxxI12x", b"glibc-ld.so.cache1.1", len(ordered), len(strings.content), 2, extension)
    return (start + lines + strings.content).ljust(extension, b"\0") + tail


def _comparable(name: str) -> list[tuple[int, int]]:
    return [(1, int(part)) if part.isdigit() else (0, ord(part)) for part in re.findall(r"[0-9]+|[^0-9]", name)]
