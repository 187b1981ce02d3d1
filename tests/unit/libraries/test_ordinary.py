"""The compiled module answers for most files, says what the rules in Python say, and leaves to them what is damaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from agreement import answer
from both_ways import BothWays
from damage import damaged
from random_roots import INTERPRETER

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries import ordinary
from pytest_vessel.libraries.found import Loaded, Rule, Stage
from pytest_vessel.libraries.ordinary import IS_BUILT
from pytest_vessel.system.made_cache import Entry, cache
from pytest_vessel.system.made_elf import NEEDED, RPATH, RUNPATH, SONAME, Made

LOADER = Made().content + b"\0/lib/\0/usr/lib/\0 LD_LIBRARY_PATH glibc-hwcaps stable release version 2.36"
LIBRARY = Made([(NEEDED, "libb.so"), (SONAME, "libx.so"), (RUNPATH, "$ORIGIN/sub:/d"), (NEEDED, "liba.so")]).content
PROGRAM = Made([(NEEDED, "liba.so"), (NEEDED, "libb.so"), (RPATH, "/rp:/d")], INTERPRETER).content
CACHE = cache(
    [
        *(Entry(f"lib{number}.so.{number % 7}", f"/l/lib{number}.so") for number in range(9)),
        Entry("liba.so", "/lib/v2/liba.so", level="x86-64-v2"),
        Entry("liba.so", "/lib/liba.so"),
    ]
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A program, its library, by two paths, and another one."""
    files = {
        INTERPRETER: LOADER,
        "/prog": PROGRAM,
        "/lib/liba.so": LIBRARY,
        "/lib/v2/liba.so": LIBRARY,
        "/d/libb.so": Made([(SONAME, "libb.so")]).content,
        "/etc/ld.so.cache": CACHE,
    }
    for path, content in files.items():
        (tmp_path / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path[1:]).write_bytes(content)
    (tmp_path / "rp").mkdir()
    return tmp_path


def test_it_was_built() -> None:
    assert IS_BUILT, "install the headers of Python (Debian: python3-dev) and this checkout once more"


def test_most_programs_of_this_machine_are_ordinary() -> None:
    libraries = BothWays()
    programs = [entry.path for entry in os.scandir("/usr/bin") if entry.is_file(follow_symlinks=False)]
    listed = 0
    for path in programs[:400]:
        try:
            listed += bool(libraries.closure(path).entries)
        except LibraryError:
            continue
    assert listed > 50
    assert libraries.ordinary_count > 0.95 * listed


def test_who_needs_what_and_by_which_rule(root: Path) -> None:
    libraries = BothWays(root)
    liba, libb = libraries.closure("/prog").objects
    assert libraries.ordinary_count == 1
    assert liba.rule == Rule(Stage.CACHE, "", "glibc-hwcaps/x86-64-v2")
    assert libb.rule == Rule(Stage.RPATH, "/prog")
    assert liba.also_needed_by == (liba.path,)
    assert libb.also_needed_by == (liba.path,)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: (root / "etc/ld.so.preload").write_text("libb.so"), id="preloaded"),
        pytest.param(lambda root: (root / "etc/ld.so.cache").write_bytes(cache([], old=True)), id="no entries"),
        pytest.param(lambda root: (root / "d/libb.so").unlink(), id="missing"),
        pytest.param(lambda root: os.link(root / "lib/v2/liba.so", root / "rp/libb.so"), id="one file"),
        pytest.param(lambda root: (root / "lib64").rename(root / "lib32"), id="no loader"),
    ],
)
def test_what_changes_is_noticed(root: Path, change: Callable[[Path], object]) -> None:
    before = answer(BothWays(root), "/prog")
    change(root)
    assert answer(BothWays(root), "/prog") != before


def test_another_thread_that_comes_between_is_left_to_the_rules(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts are made by calls into Python, where one thread may give way to another."""
    between = []

    def loaded(*fact: str) -> Loaded:
        between.append(libraries.closure("/prog"))
        return Loaded(*fact)

    monkeypatch.setattr(ordinary, "Loaded", loaded)
    libraries = BothWays(root)
    found = libraries.closure("/prog")
    assert libraries.ordinary_count == 1
    assert between == [found] * len(found.objects)


def test_what_is_no_path_is_left_to_the_rules(root: Path) -> None:
    for path in (
        "",
        "prog",
        "/",
        "/lib",
        "/prog\0",
        "/prog/",
        "/\ud800",
        "/" + "x" * 300,
        "/x" * 9000,
        "/prog/../prog",
    ):
        try:
            found = BothWays(root).closure(path)
        except LibraryError:
            continue
        assert found.main == "/prog"


@pytest.mark.parametrize("count", [1_000, pytest.param(300_000, marks=pytest.mark.full)])
@pytest.mark.parametrize("path", ["prog", "lib/v2/liba.so", "etc/ld.so.cache"])
def test_damaged_files(root: Path, path: str, count: int) -> None:
    """What both say of a file is compared; the rules alone refuse."""
    random, whole = Random(count), (root / path).read_bytes()
    kinds = set()
    for _ in range(count):
        (root / path).write_bytes(damaged(random, whole))
        libraries = BothWays(root)
        try:
            libraries.closure("/prog")
        except LibraryError:
            kinds.add("refused")
        else:
            kinds.add("ordinary" if libraries.ordinary_count else "listed")
    assert kinds >= ({"ordinary"} if "cache" in path else {"ordinary", "refused", "listed"})
