"""Differential fuzzing: in random small roots we say what the loader says, line by line."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from pathlib import Path

import pytest
from agreement import cases_of_random_root, disagreements
from random_roots import NARROW, WIDE, Platform, Sort
from systems import HOST, needs_mmdebstrap

ROOTS_AT_ONCE = 15

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="the loader of a made-up root runs in bubblewrap alone"
)


needs_narrow = pytest.mark.skipif(not Path(NARROW.interpreter).exists(), reason="this machine has no libc of 32 bits")
PLATFORMS = [pytest.param(WIDE, id="64"), pytest.param(NARROW, id="32", marks=needs_narrow)]


def check(folder: Path, first: int, least: int, *, sort: Sort, platform: Platform, system: Path = HOST) -> None:
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


@pytest.mark.parametrize(("sort", "least"), [(Sort.ANYTHING, 150), (Sort.ORDINARY, 100), (Sort.FILTERS, 50)])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_random_roots(tmp_path: Path, platform: Platform, sort: Sort, least: int) -> None:
    check(tmp_path / "roots", 0, least, sort=sort, platform=platform)


@pytest.mark.full
@pytest.mark.parametrize(("sort", "least"), [(Sort.ANYTHING, 6000), (Sort.ORDINARY, 4000), (Sort.FILTERS, 2000)])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_many_random_roots(tmp_path: Path, platform: Platform, sort: Sort, least: int) -> None:
    check(tmp_path / "roots", 1000, least, sort=sort, platform=platform)


@pytest.mark.full
@needs_mmdebstrap
def test_random_roots_of_debian(debian: Path, tmp_path: Path) -> None:
    sorts = ((Sort.ANYTHING, 3000), (Sort.ORDINARY, 2000), (Sort.FILTERS, 1000))
    for platform, (sort, least) in itertools.product((WIDE, NARROW), sorts):
        check(tmp_path / "roots", 10_000, least, sort=sort, platform=platform, system=debian)
