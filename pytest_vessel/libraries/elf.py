"""What a loader reads of an ELF file: its kind, and the entries of its dynamic section that lead to other files.

elf(5). A hostile file costs a bounded time: at most 4096 dynamic entries are read, names of at most 4 KiB, path lists
of at most 64 KiB.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from pytest_vessel.libraries.elf_header import ET_DYN, Abi, Content, Header, Segment, read_header

_MOST_ENTRIES = 4096
_NAME_BYTES = 0x1000
_LIST_BYTES = 0x10000
_ENTRIES = {(bits, order): struct.Struct(order + entry) for bits, entry in ((32, "iI"), (64, "qQ")) for order in "<>"}
_DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH, _DT_FLAGS_1 = 5, 14, 15, 29, 0x6FFFFFFB
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000


UNREAD = ""


class Tag(IntEnum):
    """The dynamic entries that ask for another file."""

    NEEDED = 1
    AUXILIARY = 0x7FFFFFFD
    FILTER = 0x7FFFFFFF


_TAGS = {int(tag): tag for tag in Tag}
_SINGLE = frozenset((_DT_SONAME, _DT_RPATH, _DT_RUNPATH))


class Need(NamedTuple):
    """An entry that asks for another file, as it is written: tokens such as `$ORIGIN` are not replaced."""

    tag: Tag
    name: str


class Elf(NamedTuple):
    """The facts of one file. What is absent is None; an empty list of paths is something else.

    `interpreter` is `UNREAD` where there is one that nobody asked for. `ends_early`: as `Header.ends_early`, of a file
    that may be mapped anywhere.
    """

    abi: Abi
    kind: int
    interpreter: str | None
    is_dynamic: bool = False
    soname: str | None = None
    rpath: str | None = None
    runpath: str | None = None
    needs: tuple[Need, ...] = ()
    flags_1: int = 0
    ends_early: bool = False


def read(content: Content, wanted: Abi | None = None) -> Elf | None:
    """The facts of a file; None when it is of another class or machine than `wanted`.

    The interpreter is read when nothing is wanted, that is of a program: loaders look at it there alone.

    Raises:
        LibraryError: a loader would refuse it, or crash; with the offset of what is wrong.
        OSError: it cannot be read.
    """
    header = read_header(content, wanted)
    if header is None:
        return None
    interpreter = None if header.interpreter is None else UNREAD
    if header.interpreter is not None and not wanted:
        (path,) = content.strings([header.interpreter], _NAME_BYTES)
        interpreter = os.fsdecode(path)
    facts = Elf(header.abi, header.kind, interpreter, ends_early=header.kind == ET_DYN and header.ends_early)
    return _with_dynamic_facts(facts, content, header, header.dynamic) if header.dynamic else facts


def _with_dynamic_facts(facts: Elf, content: Content, header: Header, dynamic: Segment) -> Elf:
    """Of several entries of one kind the last counts; an object with RUNPATH has no RPATH."""
    entries = _entries(content, header, dynamic)
    last = dict(entries)
    needs = [entry for entry in entries if entry[0] in _TAGS]
    if not needs and _SINGLE.isdisjoint(last):
        return facts._replace(is_dynamic=True, flags_1=last.get(_DT_FLAGS_1, 0))
    table = _Table(content, header, dynamic, last.get(_DT_STRTAB, -1))
    names = table.names([place for _, place in needs], _NAME_BYTES)
    runpath = table.name(last.get(_DT_RUNPATH), _LIST_BYTES)
    return Elf(
        facts.abi,
        facts.kind,
        facts.interpreter,
        is_dynamic=True,
        soname=table.name(last.get(_DT_SONAME), _NAME_BYTES),
        rpath=table.name(last.get(_DT_RPATH), _LIST_BYTES) if runpath is None else None,
        runpath=runpath,
        needs=tuple([_need(tag, name) for (tag, _), name in zip(needs, names, strict=True)]),
        flags_1=last.get(_DT_FLAGS_1, 0),
        ends_early=facts.ends_early,
    )


@lru_cache(4096)
def _need(tag: int, name: bytes) -> Need:
    """The same few are needed again and again."""
    return Need(_TAGS[tag], os.fsdecode(name))


class _Table:
    """The strings that places lead to."""

    def __init__(self, content: Content, header: Header, dynamic: Segment, address: int) -> None:
        found = header.mapped(address)
        if not found:
            raise content.refusal("has names, but no table of strings that is loaded", dynamic[0])
        self._content, self._header, self._dynamic, self._address = content, header, dynamic, address
        self._offset, self._room_bytes = found

    def name(self, place: int | None, most_bytes: int) -> str | None:
        """The one of an entry that there may be."""
        return None if place is None else os.fsdecode(self.names([place], most_bytes)[0])

    def names(self, places: Sequence[int], most_bytes: int) -> list[bytes]:
        """Those of so many bytes at most, and all of them at once: mostly they stand in one segment."""
        if places and max(places) < self._room_bytes:
            offsets = [self._offset + place for place in places]
        else:
            offsets = list(map(self._far, places))
        return self._content.strings(offsets, most_bytes)

    def _far(self, place: int) -> int:
        """Segments that overlap may map one table from several places."""
        found = self._header.mapped(self._address + place)
        if not found:
            raise self._content.refusal("has a name that is not loaded", self._dynamic[0])
        return found[0]


def _entries(content: Content, header: Header, dynamic: Segment) -> list[tuple[int, int]]:
    """All entries before the one that ends them. The loader reads them where they are mapped."""
    _, address, size_bytes = dynamic
    offset, _ = header.mapped(address) or (-1, 0)
    if offset < 0:
        raise content.refusal("has a dynamic section that is not loaded", dynamic[0])
    entry = _ENTRIES[header.abi.bits, header.abi.order]
    count = min(size_bytes // entry.size, _MOST_ENTRIES)
    every = entry.iter_unpack(content.part(offset, count * entry.size))
    found = list(takewhile(itemgetter(0), every))  # DT_NULL is 0
    if len(found) == count:
        raise content.refusal(f"has a dynamic section without an end within {count} entries", offset)
    return found
