"""Our resolver with another ELF reader, pyelftools: what our own reader saves. For sound files both say the same."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_E_MACHINE, ENUM_E_TYPE

from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.elf import Elf, Need, Tag
from pytest_vessel.libraries.elf_header import Abi, Content
from pytest_vessel.libraries.files import Files

TAGS = {"DT_NEEDED": Tag.NEEDED, "DT_AUXILIARY": Tag.AUXILIARY, "DT_FILTER": Tag.FILTER}


def read(content: Content, wanted: Abi | None = None) -> Elf | None:
    """As `pytest_vessel.libraries.elf.read`, of sound files."""
    with open(os.dup(content.fd), "rb") as file:
        file.seek(0)
        try:
            elf = ELFFile(file)
        except ELFError as problem:
            raise content.refusal(str(problem), 0) from None
        header = elf.header
        machine = ENUM_E_MACHINE.get(header.e_machine, header.e_machine)
        abi = Abi(elf.elfclass, "<" if elf.little_endian else ">", machine)
        return _facts(elf, abi) if wanted in (None, abi) else None


def _facts(elf: Any, abi: Abi) -> Elf:
    interpreter, values = None, None
    for segment in elf.iter_segments():
        if segment.header.p_type == "PT_INTERP":
            interpreter = segment.get_interp_name()
        elif isinstance(segment, DynamicSegment) and segment.header.p_filesz:
            values, needs = _dynamic(segment)
    kind = ENUM_E_TYPE[elf.header.e_type]
    if values is None:
        return Elf(abi, kind, interpreter)
    return Elf(
        abi,
        kind,
        interpreter,
        is_dynamic=True,
        soname=values["DT_SONAME"],
        rpath=None if values["DT_RUNPATH"] is not None else values["DT_RPATH"],
        runpath=values["DT_RUNPATH"],
        needs=needs,
        flags_1=values["DT_FLAGS_1"] or 0,
    )


def _dynamic(segment: Any) -> tuple[dict[str, Any], tuple[Need, ...]]:
    values: dict[str, Any] = defaultdict(lambda: None)
    needs = []
    for tag in segment.iter_tags():
        kind, value = tag.entry.d_tag, tag.entry.d_val
        if kind in TAGS:
            needs.append(Need(TAGS[kind], segment._get_stringtable().get_string(value)))
        elif kind in ("DT_SONAME", "DT_RPATH", "DT_RUNPATH"):
            values[kind] = segment._get_stringtable().get_string(value)
        elif kind == "DT_FLAGS_1":
            values[kind] = value
    return values, tuple(needs)


class FilesByPyelftools(Files):
    read = staticmethod(read)


class LibrariesByPyelftools(Libraries):
    files, ordinary = FilesByPyelftools, None
