"""The reader says what pyelftools says, and refuses what is damaged: with a place in the file, and soon."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from damage import DYNAMIC_HEADER, LOADED, STRINGS, WHOLE, changed, damaged
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.elf import Elf, Tag, read
from pytest_vessel.libraries.elf_header import Abi, Content
from pytest_vessel.system.made_elf import NEEDED, RPATH, Made

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
ABI = Abi(64, "<", 62)
PLACE_OF_HEADERS = 32


def facts(content: bytes, tmp_path: Path, wanted: Abi | None = None) -> Elf | None:
    path = tmp_path / "file"
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    try:
        return read(Content(fd, "file"), wanted)
    finally:
        os.close(fd)


def by_pyelftools(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        elf = ELFFile(file)
        found: dict[str, object] = {"needs": [], "rpath": None, "runpath": None, "soname": None, "interpreter": None}
        for segment in elf.iter_segments():
            if segment.header.p_type == "PT_INTERP":
                found["interpreter"] = segment.get_interp_name()
            if isinstance(segment, DynamicSegment) and segment.header.p_filesz:
                found |= _dynamic(segment)
        if found["runpath"] is not None:
            found["rpath"] = None
        return found


def _dynamic(segment: DynamicSegment) -> dict[str, object]:
    found: dict[str, object] = {"needs": []}
    for tag in segment.iter_tags():
        kind = tag.entry.d_tag
        if kind == "DT_NEEDED":
            found["needs"] += [tag.needed]  # type: ignore[operator]
        elif kind in ("DT_SONAME", "DT_RPATH", "DT_RUNPATH"):
            name = kind.removeprefix("DT_").lower()
            found[name] = getattr(tag, name)
    return found


def ours(path: Path) -> dict[str, object]:
    fd = os.open(path, os.O_RDONLY)
    try:
        elf = read(Content(fd, str(path)))
    finally:
        os.close(fd)
    assert elf
    names = ("rpath", "runpath", "soname", "interpreter")
    return {
        "needs": [need.name for need in elf.needs if need.tag is Tag.NEEDED],
        **{name: getattr(elf, name) for name in names},
    }


def elf_files(folders: Sequence[Path]) -> list[Path]:
    found = []
    for folder in folders:
        for at, _, names in os.walk(folder):
            paths = [Path(at, name) for name in names]
            found += [path for path in paths if path.is_file() and not path.is_symlink() and _is_loadable(path)]
    return sorted(found)


def _is_loadable(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(18)
    return (
        start[:4] == b"\x7fELF" and start[7] in (0, 3) and start[16:] in (b"\2\0", b"\3\0") and path.suffix != ".debug"
    )


@pytest.mark.parametrize(
    ("folders", "most"),
    [
        ([Path("/usr/bin"), LIBRARIES], 200),
        pytest.param([Path("/usr"), Path("/opt")], 100_000, marks=pytest.mark.full),
    ],
)
def test_pyelftools_says_the_same(folders: list[Path], most: int) -> None:
    """It does not name auxiliary libraries. Files of debug symbols are left out: they hold no names at all."""
    paths = elf_files(folders)
    chosen = paths[:: max(1, len(paths) // most)]
    assert len(chosen) > 50
    for path in chosen:
        assert ours(path) == by_pyelftools(path), path


def test_cut_short_anywhere(tmp_path: Path) -> None:
    for size in range(LOADED):
        with pytest.raises(LibraryError, match=r"^file: .*at offset 0x"):
            facts(WHOLE[:size], tmp_path)


@pytest.mark.parametrize("value", [0, 2**63, 2**64 - 1])
def test_every_field_of_the_headers(tmp_path: Path, value: int) -> None:
    """Each is either of no matter, or refused with its place."""
    refused: dict[int, str] = {}
    for offset in range(24, DYNAMIC_HEADER + 56, 8):
        try:
            facts(changed(offset, "<Q", value), tmp_path)
        except LibraryError as problem:
            refused[offset] = problem.what
    assert PLACE_OF_HEADERS in refused
    assert all("(at offset 0x" in what for what in refused.values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#!/bin/sh\n", "is no ELF file"),
        (changed(4, "B", 7), "unknown class"),
        (changed(5, "B", 2), "is neither|has ELF version"),
        (changed(6, "B", 2), "ELF version"),
        (changed(7, "B", 9), "OS ABI 9"),
        (changed(8, "B", 1), "ABI version 1"),
        (changed(15, "B", 1), "end with zeros"),
        (changed(16, "<H", 1), "neither a program nor a library"),
        (changed(20, "<I", 0), "ELF version 0"),
        (changed(32, "<Q", 0), "no segment that is loaded|cannot be mapped"),
        (changed(32, "<Q", 2**63), "cut short"),
        (changed(32, "<Q", 2**64 - 1), "cut short"),
        (changed(54, "<H", 0), "program headers of 0 bytes"),
        (changed(56, "<H", 0), "no segment that is loaded"),
        (changed(56, "<H", 65535), "cut short"),
        (changed(64 + 8, "<Q", 2**63), "cut short|without an end"),
        (changed(DYNAMIC_HEADER + 16, "<Q", 2**63), "not loaded"),
        (changed(DYNAMIC_HEADER + 32, "<Q", 15), "without an end within 0"),
        (changed(DYNAMIC_HEADER + 32, "<Q", 2**63), "cut short"),
        (changed(64 + 56 + 8, "<Q", 1), "cannot be mapped"),
        (changed(STRINGS, "<Q", 2**63), "no table of strings that is loaded"),
        (changed(STRINGS, "<Q", LOADED), "no table of strings that is loaded"),
    ],
)
def test_damaged(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(LibraryError, match=message):
        facts(content, tmp_path)


def test_names_that_do_not_end(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="without an end within 4096"):
        facts(Made([(NEEDED, "x" * 5000)]).content, tmp_path)
    found = facts(Made([(NEEDED, "x" * 4000), (RPATH, "/y" * 9000)]).content, tmp_path)
    assert found
    assert found.rpath == "/y" * 9000


def test_strings_outside_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="name that is not loaded"):
        facts(Made([(NEEDED, 2**40)]).content, tmp_path)


def test_a_million_entries(tmp_path: Path) -> None:
    made = Made([(NEEDED, "liba.so"), *[(NEEDED, 1)] * 1_000_000])
    with pytest.raises(LibraryError, match="without an end within 4096 entries"):
        facts(made.content, tmp_path)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    found = facts(Made([(NEEDED, "lib\udcff\n\x1b.so")]).content, tmp_path)
    assert found
    assert [need.name for need in found.needs] == ["lib\udcff\n\x1b.so"]


def test_others_are_passed_over(tmp_path: Path) -> None:
    assert facts(Made(bits=32, machine=3).content.ljust(64), tmp_path, ABI) is None
    assert facts(Made(machine=183).content, tmp_path, ABI) is None
    with pytest.raises(LibraryError, match="byte order"):
        facts(changed(5, "B", 2), tmp_path, ABI)


def test_what_is_no_file() -> None:
    for path in ("/dev/null", "/usr"):
        fd = os.open(path, os.O_RDONLY)
        with pytest.raises(LibraryError, match="no regular file"):
            read(Content(fd, path))
        os.close(fd)


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_mutated_files(count: int) -> None:
    """Whatever a file holds, it is read or refused; nothing else is raised."""
    random = Random(count)
    fd = os.memfd_create("mutated")
    refused = 0
    for _ in range(count):
        os.ftruncate(fd, 0)
        os.pwrite(fd, damaged(random, WHOLE), 0)
        try:
            read(Content(fd, "mutated"), random.choice([None, ABI]))
        except LibraryError:
            refused += 1
    os.close(fd)
    assert 0 < refused < count
