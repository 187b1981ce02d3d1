"""What a loader reads of an ELF file: its kind, and the entries of its dynamic section that lead to other files.

elf(5). A hostile file costs a bounded time: at most 4096 dynamic entries are read, names of at most 4 KiB, path lists
of at most 64 KiB.
"""

from __future__ import annotations

import os
import struct
from enum import IntEnum
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from pytest_vessel.libraries.elf_header import PT_DYNAMIC, PT_INTERP, Abi, Content, Header, Segment, read_header

_MOST_ENTRIES = 4096
_NAME_BYTES = 0x1000
_LIST_BYTES = 0x10000
_ENTRIES = {(bits, order): struct.Struct(order + entry) for bits, entry in ((32, "iI"), (64, "qQ")) for order in "<>"}
_DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_RUNPATH, _DT_FLAGS_1 = 5, 14, 15, 29, 0x6FFFFFFB
DF_1_NODEFLIB, DF_1_PIE = 0x800, 0x08000000


class Tag(IntEnum):
    """The dynamic entries that ask for another file."""

    NEEDED = 1
    AUXILIARY = 0x7FFFFFFD
    FILTER = 0x7FFFFFFF


_TAGS = {int(tag): tag for tag in Tag}
_NAMES = frozenset((*_TAGS, _DT_SONAME, _DT_RPATH, _DT_RUNPATH))


class Need(NamedTuple):
    """An entry that asks for another file, as it is written: tokens such as `$ORIGIN` are not replaced."""

    tag: Tag
    name: str


class Elf(NamedTuple):
    """The facts of one file. A path list that is absent is None; an empty one is something else."""

    abi: Abi
    kind: int
    interpreter: str | None
    is_dynamic: bool = False
    soname: str | None = None
    rpath: str | None = None
    runpath: str | None = None
    needs: tuple[Need, ...] = ()
    flags_1: int = 0


def read(fd: int, where: str, wanted: Abi | None = None) -> Elf | None:
    """The facts of an open file; None when it is of another class or machine than `wanted`.

    The interpreter is read when nothing is wanted, that is of a program: loaders look at it there alone.

    Raises:
        LibraryError: a loader would refuse it, or crash; with the offset of what is wrong.
        OSError: it cannot be read.
    """
    content = Content(fd, where)
    header = read_header(content, wanted)
    if header is None:
        return None
    interpreter = None if wanted else _interpreter(content, header)
    for segment in reversed(header.segments):
        if segment.kind == PT_DYNAMIC and segment.size_bytes:
            return _dynamic_facts(content, header, interpreter, segment)
    return Elf(header.abi, header.kind, interpreter)


def _interpreter(content: Content, header: Header) -> str | None:
    for segment in header.segments:
        if segment.kind == PT_INTERP:
            return os.fsdecode(content.string(segment.offset, _NAME_BYTES))
    return None


def _dynamic_facts(content: Content, header: Header, interpreter: str | None, dynamic: Segment) -> Elf:
    """Of several entries of one kind the last counts; an object with RUNPATH has no RPATH."""
    entries = _entries(content, header, dynamic)
    last = dict(entries)
    table = _table(content, header, last, dynamic)

    def text(place: int, most_bytes: int = _NAME_BYTES) -> str:
        offset = header.offset(table + place)  # segments that overlap may map one table from several places
        if offset is None:
            raise content.refusal("has a name that is not loaded", dynamic.offset)
        return os.fsdecode(content.string(offset, most_bytes))

    return Elf(
        header.abi,
        header.kind,
        interpreter,
        is_dynamic=True,
        soname=text(last[_DT_SONAME]) if _DT_SONAME in last else None,
        rpath=text(last[_DT_RPATH], _LIST_BYTES) if _DT_RPATH in last and _DT_RUNPATH not in last else None,
        runpath=text(last[_DT_RUNPATH], _LIST_BYTES) if _DT_RUNPATH in last else None,
        needs=tuple([Need(_TAGS[tag], text(value)) for tag, value in entries if tag in _TAGS]),
        flags_1=last.get(_DT_FLAGS_1, 0),
    )


def _entries(content: Content, header: Header, dynamic: Segment) -> list[tuple[int, int]]:
    """All entries before the one that ends them. The loader reads them where they are mapped."""
    offset = header.offset(dynamic.address)
    if offset is None:
        raise content.refusal("has a dynamic section that is not loaded", dynamic.offset)
    entry = _ENTRIES[header.abi.bits, header.abi.order]
    count = min(dynamic.size_bytes // entry.size, _MOST_ENTRIES)
    every = entry.iter_unpack(content.part(offset, count * entry.size))
    found = list(takewhile(itemgetter(0), every))  # DT_NULL is 0
    if len(found) == count:
        raise content.refusal(f"has a dynamic section without an end within {count} entries", offset)
    return found


def _table(content: Content, header: Header, last: dict[int, int], dynamic: Segment) -> int:
    """The address of the strings; 0 when nothing asks for one."""
    if _NAMES.isdisjoint(last):
        return 0
    address = last.get(_DT_STRTAB)
    if address is None or header.offset(address) is None:
        raise content.refusal("has names, but no table of strings that is loaded", dynamic.offset)
    return address
