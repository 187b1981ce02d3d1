"""Roots that are made to harm: an error or the loader's own answer, soon, and nothing outside is touched."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import time
from pathlib import Path

import pytest
from both_ways import BothWays
from random_roots import INTERPRETER

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries import shown
from pytest_vessel.libraries.elf_header import PT_DYNAMIC
from pytest_vessel.libraries.found import Closure
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import AUXILIARY, FILTER, NEEDED, RPATH, RUNPATH, Made

PROCESSOR_TIME_S = 3.0
"""A bound of one second on a quiet machine; of processor time, so that a busy one does not fail it."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("lib64", "usr/lib", "etc", "d"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(os.path.realpath(INTERPRETER), tmp_path / INTERPRETER[1:])
    return tmp_path


def write(root: Path, path: str, *tags: tuple[int, str | int]) -> None:
    (root / path).write_bytes(Made(tags, INTERPRETER).content)


def closure(root: Path) -> Closure:
    began = time.process_time()
    try:
        return BothWays(root).closure("/prog")
    finally:
        assert time.process_time() - began < PROCESSOR_TIME_S


@pytest.mark.parametrize("content", [b"", b"GROUP ( libz.so.1 )\n", b"\x7fELF", b"\x7fELF\2\1\1" + bytes(57)])
def test_a_library_that_is_refused_is_named_with_who_needs_it(root: Path, content: bytes) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    (root / "usr/lib/liba.so").write_bytes(content)
    with pytest.raises(LibraryError, match=r"offset 0x.*; needed by /prog") as refused:
        closure(root)
    assert refused.value.where == "/usr/lib/liba.so"


def test_debug_symbols_are_refused(root: Path) -> None:
    """Their program headers are those of the library, but its dynamic section takes no bytes of their file."""
    content = Made([(NEEDED, "liba.so")]).content
    dynamic = 64 + 56  # its program header, behind that of all that is loaded
    assert content[dynamic] == PT_DYNAMIC
    (root / "prog").write_bytes(content[: dynamic + 32] + bytes(8) + content[dynamic + 40 :])
    with pytest.raises(LibraryError, match="no dynamic section"):
        closure(root)


def test_a_fifo_is_not_waited_for(root: Path) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    os.mkfifo(root / "usr/lib/liba.so")
    with pytest.raises(LibraryError, match="no regular file"):
        closure(root)


@pytest.mark.parametrize("path", ["usr/lib/liba.so", "etc/ld.so.cache", "etc/ld.so.preload"])
def test_what_is_no_file_is_never_opened(root: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device may do something when it is opened. A FIFO stands for it, which anybody can make."""
    write(root, "prog", (NEEDED, "liba.so"))
    os.mkfifo(root / path)
    opened: list[str] = []
    genuine = os.open
    monkeypatch.setattr(os, "open", lambda path, *args, **kwargs: opened.append(path) or genuine(path, *args, **kwargs))
    with contextlib.suppress(LibraryError):
        closure(root)
    assert f"{root}/prog" in opened
    assert f"{root}/{path}" not in opened


def test_a_circle_of_needs_ends(root: Path) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    write(root, "usr/lib/liba.so", (NEEDED, "libb.so"))
    write(root, "usr/lib/libb.so", (NEEDED, "liba.so"), (NEEDED, "libb.so"))
    assert [one.name for one in closure(root).objects] == ["liba.so", "libb.so"]


@pytest.mark.parametrize("tag", [FILTER, AUXILIARY])
def test_a_circle_of_filters_is_refused(root: Path, tag: int) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    write(root, "usr/lib/liba.so", (tag, "libb.so"))
    write(root, "usr/lib/libb.so", (tag, "liba.so"))
    with pytest.raises(LibraryError, match="in a circle"):
        closure(root)


def test_too_many_folders_and_names(root: Path) -> None:
    folders = ":".join(f"/{'./' * number}d" for number in range(150))
    write(root, "prog", (RPATH, folders), *[(NEEDED, f"lib{number}.so") for number in range(4000)])
    with pytest.raises(LibraryError, match="takes more than"):
        closure(root)


def test_a_long_chain_of_needs_is_shown(root: Path) -> None:
    for number in range(3000):
        write(root, f"usr/lib/lib{number}.so", (NEEDED, f"lib{number + 1}.so"))
    write(root, "prog", (NEEDED, "lib0.so"))
    found = closure(root)
    assert len(found.objects) == 3000
    assert [one.name for one in found.missing] == ["lib3000.so"]
    assert len(list(shown.tree(found))) == 3002


def test_a_library_that_is_listed_twice_is_shown(root: Path) -> None:
    """Traced itself, and needed by its path by what it needs: the loader does not know it by its path."""
    write(root, "usr/lib/liba.so", (NEEDED, "libb.so"))
    write(root, "usr/lib/libb.so", (NEEDED, "/usr/lib/liba.so"))
    found = BothWays(root).closure("/usr/lib/liba.so")
    assert [one.name for one in found.objects] == ["libb.so", "/usr/lib/liba.so"]
    assert len(list(shown.tree(found))) == 3


def test_nothing_outside_is_read(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    write(outside, "liba.so")
    write(
        root,
        "prog",
        (NEEDED, "liba.so"),
        (NEEDED, f"../../../../../..{outside}/liba.so"),
        (RUNPATH, f"/link:{outside}"),
    )
    (root / "link").symlink_to(outside)
    (root / "usr/lib/liba.so").symlink_to(outside / "liba.so")
    assert not closure(root).objects


@pytest.mark.parametrize("damage", range(0, 140, 7))
def test_a_damaged_cache_is_no_cache(root: Path, damage: int) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    write(root, "usr/lib/liba.so")
    content = cache([Entry("liba.so", "/nowhere/liba.so", level="x86-64-v2"), Entry("libb.so", "/nowhere")])
    for wrong in (content[:damage], content[:damage] + b"\xff" * 8 + content[damage + 8 :]):
        (root / "etc/ld.so.cache").write_bytes(wrong)
        assert [one.path for one in closure(root).objects] == ["/usr/lib/liba.so"]


def test_a_cache_that_claims_to_be_huge(root: Path) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    (root / "etc/ld.so.cache").write_bytes(b"glibc-ld.so.cache1.1" + b"\xff" * 4 + bytes(1000))
    assert [one.name for one in closure(root).missing] == ["liba.so"]


def test_no_loader(root: Path) -> None:
    write(root, "prog", (NEEDED, "liba.so"))
    (root / INTERPRETER[1:]).write_bytes(Made([(NEEDED, "x")]).content)
    with pytest.raises(LibraryError, match="no loader of glibc or musl"):
        closure(root)
    (root / INTERPRETER[1:]).unlink()
    with pytest.raises(LibraryError, match="is not there: No such file"):
        closure(root)


def test_memory_is_bounded(root: Path) -> None:
    """4000 needs of names that overlap in one long string."""
    write(root, "prog", (NEEDED, "x" * 4000), *[(NEEDED, offset) for offset in range(40, 3900)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(closure(root).missing) == 3861
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
