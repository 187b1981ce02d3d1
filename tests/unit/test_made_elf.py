"""HARN: the files that are written byte by byte are what they say, to who compares libraries and to the loader."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from pytest_vessel.capture import definitions
from pytest_vessel.capture.compare import Copy
from pytest_vessel.libraries.rootfs import Root
from pytest_vessel.system.made_elf import SONAME, X86, X86_64, Made

LIBRARY = Made(
    [(SONAME, "libmade.so.1")], versions=("A_1", "A_2"), symbols=("old@A_1", "new@A_2", "bare"), build_id=b"\xab" * 20
)


@pytest.mark.parametrize("machine", [X86_64, X86])
def test_versions_and_symbols(tmp_path: Path, machine: int) -> None:
    made = Made(
        LIBRARY.tags, bits=64 if machine == X86_64 else 32, machine=machine, versions=("A_1",), symbols=("f@A_1",)
    )
    (tmp_path / "libmade.so.1.2").write_bytes(made.content)
    found = definitions.read(Root(tmp_path), "/libmade.so.1.2")
    assert found == Copy("libmade.so.1.2", frozenset({"A_1"}), frozenset({"f@A_1"}))


def test_symbols_without_versions(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(Made(symbols=("f", "g")).content)
    assert definitions.read(Root(tmp_path), "/plain") == Copy("plain", frozenset(), frozenset({"f", "g"}))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="made for x86-64")
def test_the_loader_takes_it(tmp_path: Path) -> None:
    file = tmp_path / "libmade.so.1"
    file.write_bytes(LIBRARY.content)
    loaded = ctypes.CDLL(str(file))
    assert ctypes.c_uint64.in_dll(loaded, "old")
    assert ctypes.c_uint64.in_dll(loaded, "bare")
    with pytest.raises(ValueError, match="undefined symbol"):
        ctypes.c_uint64.in_dll(loaded, "none")


def test_the_build_id_is_a_note(tmp_path: Path) -> None:
    file = tmp_path / "libmade.so.1"
    file.write_bytes(LIBRARY.content)
    with file.open("rb") as content:
        segments = list(ELFFile(content).iter_segments("PT_NOTE"))
        assert [note["n_desc"] for segment in segments for note in segment.iter_notes()] == ["ab" * 20]
