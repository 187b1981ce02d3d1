"""`/etc/ld.so.cache` as the loader of glibc reads it: which path it gives for a name (ldconfig(8)).

Both formats: the old one, and the new one with its extension for glibc-hwcaps. Every offset is checked; a cache that
is damaged is no cache, as for the loader.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from pytest_vessel.libraries.elf_header import Abi

_OLD, _NEW = b"ld.so-1.7.0", b"glibc-ld.so.cache1.1"
_OLD_HEAD_BYTES, _NEW_HEAD_BYTES, _NEW_ENTRY_BYTES = 16, 48, 24
_FLAG_OF_ORDER = {"<": 2, ">": 3}
_NAME_BYTES, _STRING_BYTES, _MOST_SECTIONS, _MOST_LEVELS = 255, 4096, 16, 64
_EXTENSION_MAGIC = 0xEAA42174
_HWCAPS_TAG = 1
_NAMED_SUBFOLDER = 1 << 30
"""In the upper half of the hwcap field: the lower half is the index of a subfolder of glibc-hwcaps."""

_PLATFORM_BITS = 0xF << 48
_FLAGS = {(62, 64): (0x303,), (62, 32): (0x803,), (183, 64): (0xA03,), (40, 32): (0x903, 3), (21, 64): (0x503,)}
_FLAGS |= {(22, 64): (0x403,), (243, 64): (0x1003,)}
_OTHER_FLAGS = 1, 3


def _flags(abi: Abi) -> tuple[int, ...]:
    """The flags of entries that a loader of this ABI takes; the last of them are its own."""
    return _FLAGS.get((abi.machine, abi.bits), _OTHER_FLAGS)


class Answer(NamedTuple):
    """The path of the best entry, and the subfolder of glibc-hwcaps that it is for; empty for a plain one."""

    path: str
    subfolder: str = ""


class Taste(NamedTuple):
    """Which entries a loader takes.

    `levels`: subfolders of glibc-hwcaps that the processor supports, the best first. `legacy`: the bits of older
    entries that count; `platform`: the one bit in 48 to 51 that counts beside none. `takes_first`: the first plain
    entry counts, whatever its flags; in the old format the first one with the own flags, or else the last one. Without
    it that is the first one with the own flags, or else the first one.
    """

    abi: Abi
    levels: tuple[str, ...] = ()
    legacy: int = 0
    platform: int = 0
    takes_first: bool = True

    def takes(self, hwcap: int) -> bool:
        """Whether a plain entry with these bits is one for this processor."""
        platform = hwcap & _PLATFORM_BITS
        return not hwcap & ~(self.legacy | _PLATFORM_BITS) and platform in (0, self.platform)


class Table(NamedTuple):
    """The entries of the new format as they stand in the file, and what a loader takes of them.

    `first`: the offset of the first one; `strings`: where their offsets begin; `flag`: that of its libraries; `ranks`:
    a byte for each of `levels`, the lowest for the best, 255 for what the processor has not.
    """

    data: bytes
    first: int
    entry_count: int
    strings: int
    flag: int
    ranks: bytes
    levels: tuple[str, ...]


class Cache:
    """The entries of one cache; none, when it is damaged or for the other byte order."""

    def __init__(self, data: bytes, order: str) -> None:
        self._data = data
        self._order = order
        self._entry = struct.Struct(order + "iII")
        self._count = self._first = self._strings = 0
        self._levels: tuple[str, ...] = ()
        self._keys: dict[int, str] = {}
        self._read_old_head()

    def look_up(self, name: str, taste: Taste) -> Answer | None:
        """What the loader takes for a name; None when no entry fits, or for a name that no file can have.

        Entries for subfolders stand before plain ones.
        """
        if len(name) > _NAME_BYTES:
            return None
        flags = _flags(taste.abi)
        best: tuple[int, Answer] | None = None
        for_any: Answer | None = None
        for kind, _key, value, *rest in self._entries(_comparable(os.fsencode(name))):
            hwcap = rest[1] if rest else 0
            named = hwcap >> 32 == _NAMED_SUBFOLDER
            if best and not named:
                break
            if kind not in flags:
                continue
            if not named and taste.takes(hwcap):
                answer = Answer(self._text(value))
                if kind == flags[-1] or (rest and taste.takes_first):
                    return answer
                for_any = answer if taste.takes_first else for_any or answer
            level = self._level(hwcap & 0xFFFFFFFF) if named else ""
            if level in taste.levels and (best is None or taste.levels.index(level) < best[0]):
                best = taste.levels.index(level), Answer(self._text(value), level)
        return best[1] if best else for_any

    def table(self, taste: Taste) -> Table:
        """What `look_up` reads.

        Raises:
            ValueError: the entries are of the old format, or of libraries with several flags.
        """
        (flag,) = _flags(taste.abi)
        if self._count and self._entry.size != _NEW_ENTRY_BYTES:
            raise ValueError("the cache has the old format")
        ranks = bytes(taste.levels.index(level) if level in taste.levels else 0xFF for level in self._levels)
        return Table(self._data, self._first, self._count, self._strings, flag, ranks, self._levels)

    def names(self, abi: Abi) -> Iterator[str]:
        """The names of all entries for this ABI."""
        flags = _flags(abi)
        for index in range(self._count):
            kind, key, *_ = self._entry.unpack_from(self._data, self._first + index * self._entry.size)
            if kind in flags:
                yield self._text(key)

    def _entries(self, wanted: str) -> Iterator[tuple[int, ...]]:
        """All entries of a name, in the order of the file, found by halving as the loader does."""
        left, right = 0, self._count - 1
        while left <= right:
            middle = (left + right) // 2
            key = self._key(middle)
            if key == wanted:
                while middle and self._key(middle - 1) == wanted:
                    middle -= 1
                while middle < self._count and self._key(middle) == wanted:
                    yield self._entry.unpack_from(self._data, self._first + middle * self._entry.size)
                    middle += 1
                return
            if wanted < key:
                left = middle + 1
            else:
                right = middle - 1

    def _key(self, index: int) -> str:
        key = self._keys.get(index)
        if key is None:
            _kind, offset, *_ = self._entry.unpack_from(self._data, self._first + index * self._entry.size)
            key = self._keys[index] = _comparable(self._string(offset)[: _NAME_BYTES + 1])
        return key

    def _string(self, offset: int) -> bytes:
        start = self._strings + offset
        end = self._data.find(b"\0", start, start + _STRING_BYTES)
        return self._data[start : end if end >= 0 else start + _STRING_BYTES]

    def _text(self, offset: int) -> str:
        return os.fsdecode(self._string(offset))

    def _level(self, index: int) -> str:
        return self._levels[index] if index < len(self._levels) else ""

    def _read_old_head(self) -> None:
        """A cache of the old format may be followed by one of the new format, which then counts alone."""
        start = 0
        if self._data.startswith(_OLD) and len(self._data) >= _OLD_HEAD_BYTES:
            (count,) = struct.unpack_from(self._order + "I", self._data, 12)
            end = _OLD_HEAD_BYTES + self._entry.size * count
            if end > len(self._data):
                return
            self._count, self._first, self._strings = count, _OLD_HEAD_BYTES, end
            start = (end + 7) // 8 * 8
        if self._data.startswith(_NEW, start) and len(self._data) >= start + _NEW_HEAD_BYTES:
            self._read_new_head(start)

    def _read_new_head(self, start: int) -> None:
        count, _strings_bytes, flags, extension = struct.unpack_from(self._order + "IIBxxxI", self._data, start + 20)
        first = start + _NEW_HEAD_BYTES
        entry = struct.Struct(self._order + "iIIIQ")
        if flags in (0, _FLAG_OF_ORDER[self._order]) and first + entry.size * count <= len(self._data):
            self._entry = entry
            self._count, self._first, self._strings = count, first, start
            self._levels = tuple(self._read_levels(extension))

    def _read_levels(self, extension: int) -> Iterator[str]:
        """The names of the subfolders of glibc-hwcaps, from the extension."""
        word = self._order + "I"
        magic, count = self._words(extension, 2) or (0, 0)
        if extension == 0 or magic != _EXTENSION_MAGIC:
            return
        for number in range(min(count, _MOST_SECTIONS)):
            tag, _flags, offset, size = self._words(extension + 8 + 16 * number, 4) or (0, 0, 0, 0)
            if tag == _HWCAPS_TAG and offset + size <= len(self._data):
                indices = self._data[offset : offset + min(size // 4, _MOST_LEVELS) * 4]
                yield from (self._text(index) for (index,) in struct.iter_unpack(word, indices))

    def _words(self, offset: int, count: int) -> tuple[int, ...] | None:
        inside = offset + 4 * count <= len(self._data)
        return struct.unpack_from(f"{self._order}{count}I", self._data, offset) if inside else None


_DIGITS = re.compile("[0-9]+")
_LARGE = 1 << 20


def _comparable(name: bytes) -> str:
    """A name as the cache orders it: runs of digits by their number, and after all other characters."""
    return _DIGITS.sub(_number, name.decode("latin-1"))


def _number(digits: re.Match[str]) -> str:
    return _SMALL.get(digits[0]) or _characters(int(digits[0]))


def _characters(number: int) -> str:
    """Some that are in order as the numbers are: a larger one has more of them, and the first one says so."""
    rest, found = number, ""
    while rest >= _LARGE:
        found = chr(0x100 + rest % _LARGE) + found
        rest //= _LARGE
    return chr(0x100 + len(found)) + chr(0x100 + rest) + found


_SMALL = {str(number): _characters(number) for number in range(100)}
