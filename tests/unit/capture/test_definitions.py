"""HARN: versions and symbols of libraries that a compiler made; damaged ones are told so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.capture import definitions
from pytest_vessel.capture.compare import Copy
from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.rootfs import Root

SOURCE = """
int old(void) { return 1; }
int new(void) { return 2; }
int within(void) { return 3; }
static int hidden(void) { return 4; }
extern int elsewhere(void);
int calls(void) { return elsewhere() + hidden(); }
"""
VERSIONS = "A_1 { global: old; local: within; }; A_2 { global: new; calls; } A_1;\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "source.c").write_text(SOURCE)
    (folder / "versions").write_text(VERSIONS)
    compiler = next(found for found in map(shutil.which, ("cc", "gcc", "clang")) if found)
    argv = [compiler, "-shared", "-fPIC", "-nostdlib", "-o", str(folder / "libmade.so.1.2"), str(folder / "source.c")]
    subprocess.run([*argv, f"-Wl,--version-script={folder / 'versions'},-soname,libmade.so.1"], check=True)
    return folder / "libmade.so.1.2"


@pytest.mark.vessel_needs("compiler")
def test_what_a_library_defines(library: Path) -> None:
    found = definitions.read(Root(library.parent), f"/{library.name}")
    symbols = {"old@A_1", "new@A_2", "calls@A_2", "A_1@A_1", "A_2@A_2"}
    assert found == Copy("libmade.so.1.2", frozenset({"A_1", "A_2"}), frozenset(symbols))


@pytest.mark.vessel_needs("compiler")
@given(data=st.data())
def test_a_damaged_library(library: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(library.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    (folder / "libmade.so.1.2").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert told_of(folder) in ("libmade.so.1.2", "/libmade.so.1.2")


def told_of(folder: Path) -> str:
    """The name of the file that was read, or of the one that cannot be."""
    try:
        return definitions.read(Root(folder), "/libmade.so.1.2").file_name
    except LibraryError as problem:
        return problem.where
