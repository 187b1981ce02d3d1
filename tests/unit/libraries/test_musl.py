"""musl's own rules: random roots of its loader, and what differs from glibc."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest
from damage import PAGE_BYTES, overlapping
from systems import HOST, copy_loader, needs_mmdebstrap
from tracing import Request, ask

from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.system.made_elf import AARCH64, ET_EXEC, NEEDED, RPATH, RUNPATH, SONAME, Made

LOADER = "/lib/ld-musl-x86_64.so.1"
NAMES = ["liba.so", "libb.so.1", "libz.so", "libd.so.2"]
FOLDERS = ["/lib", "/usr/lib", "/usr/local/lib", "/d0", "/d0/sub", "/d1", "/app/lib"]
ELEMENTS = [
    "/d0",
    "/d1",
    "/d0/",
    "$ORIGIN",
    "${ORIGIN}/sub",
    "$ORIGIN/../lib",
    "/nonexist",
    "",
    "/file",
    "/loop",
    "$LIB/x",
]
NEEDS = ["/d0/liba.so", "/d1/libb.so.1", "libc.so", "libc.so.6", "libm.so", "libpthread.so.0", "libmissing.so", LOADER]

pytestmark = [
    pytest.mark.skipif(not Path(LOADER).exists(), reason="this machine has no musl"),
    pytest.mark.skipif(not shutil.which("bwrap"), reason="the loader of a made-up root runs in bubblewrap alone"),
]


def make_root(root: Path, random: Random, system: Path = HOST) -> list[str]:
    """A random root with the loader of a system; returns the programs in it."""
    for folder in [*FOLDERS, "/etc", "/app/bin"]:
        (root / folder[1:]).mkdir(parents=True, exist_ok=True)
    copy_loader(system, LOADER, root)
    (root / "file").touch()
    (root / "loop").symlink_to("loop")
    if random.random() < 0.5:
        (root / "etc/ld-musl-x86_64.path").write_text(random.choice(["/d1\n/lib", "/d0:/usr/lib\n", "", "\n:/app/lib"]))
    for name in NAMES:
        for folder in random.sample(FOLDERS, random.choice([1, 2, 3])):
            place_library(root / folder[1:] / name, name, random)
    programs = [f"/app/bin/prog{number}" for number in range(4)]
    for path in programs:
        (root / path[1:]).write_bytes(Made(tags(random, 3), LOADER, kind=random.choice([ET_EXEC, 3])).content)
    return programs


def place_library(path: Path, name: str, random: Random) -> None:
    chance = random.random()
    if chance < 0.8:
        path.write_bytes(Made([*tags(random, 2), (SONAME, name)]).content)
    elif chance < 0.9:
        path.symlink_to(random.choice(["/d0/liba.so", "/loop", "/nonexist", "/file/x", "../../../../d1/libb.so.1"]))
    else:
        path.write_bytes(b"not ELF\n" * 100)


def tags(random: Random, most: int) -> list[tuple[int, str | int]]:
    made: list[tuple[int, str | int]] = [
        (NEEDED, random.choice(NAMES if random.random() < 0.7 else NEEDS)) for _ in range(random.randint(1, most))
    ]
    for tag in (RPATH, RUNPATH):
        if random.random() < 0.35:
            made.append((tag, ":".join(random.choices(ELEMENTS, k=random.randint(1, 3)))))
    return made


def said(out: str) -> list[str]:
    """The libraries of a trace in their order, without the loader, which it tells for each of its names."""
    lines = [re.sub(r" \(0x[0-9a-f]+\)$", "", line[1:]) for line in out.splitlines() if line.startswith("\t")]
    return [line for line in lines if not line.endswith(LOADER)]


def lost(err: str) -> list[tuple[str, str]]:
    """Names that were not found, and who needs them."""
    return re.findall(r"^Error loading shared library (.*): .* \(needed by (.*)\)$", err, re.M)


def check(folder: Path, count: int, system: Path = HOST) -> None:
    requests, ours = [], []
    for number in range(count):
        programs = make_root(folder / str(number), Random(number), system)
        libraries = Libraries(folder / str(number))
        requests += [Request(f"/{number}", (LOADER, "--list", path)) for path in programs]
        ours += [libraries.closure(path) for path in programs]
    for request, closure, answer in zip(requests, ours, ask(folder, requests), strict=True):
        loaded = [f"{one.name} => {one.path}" for one in closure.objects if one.path != LOADER]
        assert loaded == said(answer.out), request
        assert [(one.name, one.needed_by) for one in closure.missing] == lost(answer.err), request


@pytest.mark.parametrize("count", [20, pytest.param(1000, marks=pytest.mark.full)])
def test_random_roots_of_musl(tmp_path: Path, count: int) -> None:
    check(tmp_path, count)


@pytest.mark.full
@needs_mmdebstrap
def test_random_roots_of_musl_of_debian(debian: Path, tmp_path: Path) -> None:
    check(tmp_path, 1000, debian)


@pytest.mark.parametrize("last", [(), ((0, 2 * PAGE_BYTES),)], ids=["the last one, too", "in the middle"])
def test_segments_that_overlap(tmp_path: Path, last: tuple[tuple[int, int], ...]) -> None:
    """glibc refuses one of them; the last page, which asks for another library, covers the one below it in both."""
    make_root(tmp_path / "0", Random(0))
    (tmp_path / "0/lib/liba.so").write_bytes(overlapping(*last))
    (tmp_path / "0/app/prog").write_bytes(Made([(NEEDED, "/lib/liba.so")], LOADER).content)
    found = Libraries(tmp_path / "0").closure("/app/prog")
    (answer,) = ask(tmp_path, [Request("/0", (LOADER, "--list", "/app/prog"))])
    assert [one.path for one in found.objects] == ["/lib/liba.so"]
    assert said(answer.out) == ["/lib/liba.so => /lib/liba.so"]
    assert [(one.name, one.needed_by) for one in found.missing] == lost(answer.err) == [("lib2.so", "/lib/liba.so")]


@pytest.mark.parametrize("made", [Made(machine=AARCH64), Made(os_abi=9)], ids=["machine", "OS ABI"])
def test_what_it_takes_blindly(tmp_path: Path, made: Made) -> None:
    """It looks at neither machine nor identification, and lists what cannot run: here that is missing."""
    make_root(tmp_path / "0", Random(0))
    (tmp_path / "0/lib/liba.so").write_bytes(made.content)
    (tmp_path / "0/app/prog").write_bytes(Made([(NEEDED, "/lib/liba.so")], LOADER).content)
    (answer,) = ask(tmp_path, [Request("/0", (LOADER, "--list", "/app/prog"))])
    assert said(answer.out) == ["/lib/liba.so => /lib/liba.so"]
    assert [one.name for one in Libraries(tmp_path / "0").closure("/app/prog").missing] == ["/lib/liba.so"]


def test_libc_is_the_loader(tmp_path: Path) -> None:
    make_root(tmp_path, Random(0))
    (tmp_path / "app/prog").write_bytes(Made([(NEEDED, "libc.so"), (NEEDED, "libm.so.6")], LOADER).content)
    (found,) = Libraries(tmp_path).closure("/app/prog").objects
    assert (found.name, found.path, str(found.rule)) == ("libc.so", LOADER, "the loader itself")
    assert found.also_needed_by == ("/app/prog",)
