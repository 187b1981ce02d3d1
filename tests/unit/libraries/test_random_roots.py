"""Differential fuzzing: in random small roots we say what the loader says, line by line."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from pathlib import Path

import pytest
from agreement import cases_of_random_root, disagreements
from random_roots import ARM64, NARROW, WIDE, Platform, Sort
from systems import CROSS, HOST, needs_mmdebstrap

ROOTS_AT_ONCE = 15

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="the loader of a made-up root runs in bubblewrap alone"
)


needs_narrow = pytest.mark.skipif(not Path(NARROW.interpreter).exists(), reason="this machine has no libc of 32 bits")
needs_arm64 = pytest.mark.skipif(
    not (shutil.which(ARM64.emulator) and Path(f"{CROSS}{ARM64.interpreter}").exists()),
    reason="Debian has them as qemu-user-static and libc6-arm64-cross",
)
PLATFORMS = [pytest.param(WIDE, HOST, id="64"), pytest.param(NARROW, HOST, id="32", marks=needs_narrow)]
EMULATED = pytest.param(ARM64, CROSS, id="arm64", marks=[needs_arm64, pytest.mark.full])


def check(folder: Path, first: int, least: int, *, sort: Sort, platform: Platform, system: Path) -> None:
    """Ask the loader of a system about at least so many files of random roots, of which `folder` has some at a time."""
    kinds = Counter[bool]()
    for number in itertools.count(first, ROOTS_AT_ONCE):
        cases = [
            case
            for seed in range(number, number + ROOTS_AT_ONCE)
            for case in cases_of_random_root(folder, str(seed), sort=sort, platform=platform, system=system)
        ]
        assert not (wrong := disagreements(folder, cases)), "\n".join(wrong[:5])
        shutil.rmtree(folder)
        kinds.update(case.ours is None for case in cases)
        if kinds.total() >= least:
            break
    assert set(kinds) == ({False} if sort is Sort.ORDINARY else {False, True}), "all were refused, or none"


@pytest.mark.parametrize(("sort", "least"), [(Sort.ANYTHING, 200), (Sort.ORDINARY, 100), (Sort.FILTERS, 50)])
@pytest.mark.parametrize(("platform", "system"), [*PLATFORMS, EMULATED])
def test_random_roots(tmp_path: Path, platform: Platform, system: Path, sort: Sort, least: int) -> None:
    check(tmp_path / "roots", 0, least, sort=sort, platform=platform, system=system)


@pytest.mark.full
@pytest.mark.parametrize(("sort", "least"), [(Sort.ANYTHING, 6000), (Sort.ORDINARY, 4000), (Sort.FILTERS, 2000)])
@pytest.mark.parametrize(("platform", "system"), PLATFORMS)
def test_many_random_roots(tmp_path: Path, platform: Platform, system: Path, sort: Sort, least: int) -> None:
    check(tmp_path / "roots", 1000, least, sort=sort, platform=platform, system=system)


@pytest.mark.full
@needs_mmdebstrap
def test_random_roots_of_debian(debian: Path, tmp_path: Path) -> None:
    sorts = ((Sort.ANYTHING, 3000), (Sort.ORDINARY, 2000), (Sort.FILTERS, 1000))
    for platform, (sort, least) in itertools.product((WIDE, NARROW), sorts):
        check(tmp_path / "roots", 10_000, least, sort=sort, platform=platform, system=debian)
