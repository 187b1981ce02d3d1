"""The head of an ELF file, checked as a loader checks it: class, machine, kind and segments (elf(5))."""

from __future__ import annotations

import os
import stat
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.rootfs import no_regular_file

ET_EXEC, ET_DYN = 2, 3
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3

_PAGE_BYTES = 4096
_START_BYTES = 2 * _PAGE_BYTES
"""There stand the program headers, and mostly the names as well: one more read costs more than some bytes."""
_MAGIC = b"\x7fELF"
_CURRENT = 1
_BITS = {1: 32, 2: 64}
_ORDERS = {1: "<", 2: ">"}
_SYSTEMS = (0, 3)
"""The OS ABIs that a loader of Linux accepts: System V and GNU."""
_IDENTITY_BYTES = 16
_SOUND = {
    _MAGIC + bytes((named, ordered, _CURRENT, system)) + bytes(8): (bits, order)
    for named, bits in _BITS.items()
    for ordered, order in _ORDERS.items()
    for system in _SYSTEMS
}
"""All identifications that a loader accepts, with the class and the byte order: most files are told by one look."""


class Content:
    """An open file of which nothing is believed: what is read lies inside of it, or is refused.

    `identity` are its device and inode.
    """

    def __init__(self, fd: int, where: str) -> None:
        status = os.fstat(fd)
        self.fd = fd
        self._where = where
        self.identity = status.st_dev, status.st_ino
        self.size = status.st_size
        if not stat.S_ISREG(status.st_mode):
            raise no_regular_file(where)
        self.start = os.pread(fd, _START_BYTES, 0)
        self._window = 0, self.start  # names mostly stand beside each other

    def refusal(self, what: str, offset: int) -> LibraryError:
        """The error for a reader: what is wrong, and where in the file."""
        mend = "Compare it with the package or image that it comes from."
        return LibraryError(f"{what} (at offset {offset:#x})", where=self._where, mend=mend)

    def part(self, offset: int, size: int) -> bytes:
        """Exactly these bytes.

        Raises:
            LibraryError: they are not all in the file.
        """
        if offset + size <= len(self.start):
            return self.start[offset : offset + size]
        found = os.pread(self.fd, size, offset) if offset + size <= self.size else b""
        if len(found) != size:
            raise self.refusal(f"is cut short: {size} bytes are not all inside its {self.size}", offset)
        return found

    def strings(self, offsets: Sequence[int], most_bytes: int) -> list[bytes]:
        """The bytes from each offset up to the next NUL, at most so many.

        Raises:
            LibraryError: one lies outside of the file, or does not end.
        """
        start, window = self._window
        found = []
        for offset in offsets:
            place = offset - start
            end = window.find(b"\0", place, place + most_bytes) if place >= 0 else -1
            if end < 0:
                start, window = self._window = self._around(offset, most_bytes)
                place = offset - start
                end = window.find(b"\0", place)
            if end < 0:
                raise self.refusal(f"has a name without an end within {len(window) - place} bytes", offset)
            found.append(window[place:end])
        return found

    def _around(self, offset: int, most_bytes: int) -> tuple[int, bytes]:
        """The bytes that follow, and those of the page before them; where that begins."""
        before = offset % _PAGE_BYTES
        return offset - before, self.part(offset - before, before + max(0, min(most_bytes, self.size - offset)))


class Abi(NamedTuple):
    """What a loader and all that it loads have in common; `order` as in the module `struct`."""

    bits: int
    order: str
    machine: int


Segment = tuple[int, int, int]
"""The offset, the address and the size of a program header. To make named tuples would take a tenth of a closure."""


class Header(NamedTuple):
    """The checked head of a file: what is loaded, in the order of the file, and where two things stand in it."""

    abi: Abi
    kind: int
    loaded: Sequence[Segment]
    dynamic: Segment | None
    """The last one that is not empty."""
    interpreter: int | None
    """The offset of its path, of the first one."""

    @property
    def ends_early(self) -> bool:
        """Whether the last segment begins before the end of the first one: others may overlap, as they like."""
        _offset, first, first_bytes = self.loaded[0]
        last = self.loaded[-1][1]
        return len(self.loaded) > 1 and last // _PAGE_BYTES < -(-(first + first_bytes) // _PAGE_BYTES)

    def mapped(self, address: int) -> tuple[int, int] | None:
        """Where in the file an address comes from, and how many bytes from there on; None where nothing is mapped.

        What is mapped last wins.
        """
        limit = sys.maxsize
        for offset, start, size_bytes in reversed(self.loaded):
            if start <= address < start + size_bytes:
                return offset + address - start, min(limit, start + size_bytes) - address
            if start > address:
                limit = min(limit, start)
        return None


class _Layout(NamedTuple):
    """How the structures of one class are laid out, without the fields that nobody asks for."""

    header: struct.Struct
    """Behind the identification: type, machine, version, offset, size and number of the program headers."""
    segment: struct.Struct
    """The kind, and the fields of `Segment`."""


_HEADER_BYTES = {32: 52, 64: 64}
_SIZE_OFFSET = {32: 42, 64: 54}
"""Where a header says how large a program header is."""
_LAYOUTS = {
    (bits, order): _Layout(struct.Struct(order + header), struct.Struct(order + segment))
    for bits, header, segment in ((32, "HHI4xI10xHH", "III4xI12x"), (64, "HHI8xQ14xHH", "I4xQQ8xQ16x"))
    for order in "<>"
}


def read_header(content: Content, wanted: Abi | None) -> Header | None:
    """The head of a file; None when it is of another class or machine than `wanted`: a loader passes such over.

    Raises:
        LibraryError: a loader would refuse it.
    """
    found = _class_and_order(content, wanted)
    if found is None:
        return None
    bits, order = found
    layout = _LAYOUTS[found]
    kind, machine, version, table, segment_bytes, count = layout.header.unpack_from(content.start, 16)
    if version != _CURRENT:
        raise content.refusal(f"has ELF version {version}", 20)
    if wanted and machine != wanted.machine:
        return None
    if kind not in (ET_EXEC, ET_DYN):
        raise content.refusal(f"is neither a program nor a library (ELF type {kind})", 16)
    if segment_bytes != layout.segment.size:
        raise content.refusal(f"has program headers of {segment_bytes} bytes", _SIZE_OFFSET[bits])
    return _segments(content, layout.segment, table, count, wanted or Abi(bits, order, machine), kind)


def _class_and_order(content: Content, wanted: Abi | None) -> tuple[int, str] | None:
    """Those of a sound file; None when it is of another class."""
    sound = _SOUND.get(content.start[:_IDENTITY_BYTES])
    if sound and len(content.start) >= _HEADER_BYTES[64] and (wanted is None or sound == wanted[:2]):
        return sound
    bits = _bits(content, wanted)
    if wanted and bits != wanted.bits:
        return None
    order = _order(content, wanted)
    _check_identity(content)
    return bits, order


def _bits(content: Content, wanted: Abi | None) -> int:
    """The class; a loader looks for a header of its own class before it looks at the class."""
    start = content.start
    if start[:4] != _MAGIC:
        raise content.refusal("is no ELF file", 0)
    named = _BITS.get(start[4], 0) if len(start) > 4 else 0
    least_bytes = _HEADER_BYTES[wanted.bits if wanted else named or 32]
    if len(start) < least_bytes:
        raise content.refusal(f"is cut short: the header of an ELF file takes {least_bytes} bytes", len(start))
    if not named and not wanted:
        raise content.refusal(f"has the unknown class {start[4]}", 4)
    return named


def _order(content: Content, wanted: Abi | None) -> str:
    order = _ORDERS.get(content.start[5])
    if order is None or (wanted and order != wanted.order):
        raise content.refusal("has another byte order than what loads it", 5)
    return order


def _check_identity(content: Content) -> None:
    start = content.start
    if start[6] != _CURRENT:
        raise content.refusal(f"has ELF version {start[6]}", 6)
    if start[7] not in _SYSTEMS:
        raise content.refusal(f"is for another system (OS ABI {start[7]})", 7)
    if start[7] == 0 and start[8]:
        raise content.refusal(f"has ABI version {start[8]}", 8)
    if start[9:16] != bytes(7):
        raise content.refusal("has an identification that does not end with zeros", 9)


def _segments(content: Content, layout: struct.Struct, table: int, count: int, abi: Abi, kind: int) -> Header:
    """At least one segment is loaded, and each of those at a page."""
    loaded: list[Segment] = []
    dynamic = interpreter = None
    for segment_kind, offset, address, size_bytes in layout.iter_unpack(content.part(table, count * layout.size)):
        if segment_kind == PT_LOAD:
            if (address - offset) % _PAGE_BYTES:
                raise content.refusal("has a segment that cannot be mapped: it is not aligned to pages", offset)
            loaded.append((offset, address, size_bytes))
        elif segment_kind == PT_DYNAMIC and size_bytes:
            dynamic = offset, address, size_bytes
        elif segment_kind == PT_INTERP and interpreter is None:
            interpreter = offset
    if not loaded:
        raise content.refusal("has no segment that is loaded", table)
    return Header(abi, kind, loaded, dynamic, interpreter)
