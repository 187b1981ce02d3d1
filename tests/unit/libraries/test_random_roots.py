"""Differential fuzzing: in random small roots we say what the loader says, line by line."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from agreement import Case, cases_of_random_root, disagreements
from random_roots import NARROW, WIDE, Platform

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="the loader of a made-up root runs in bubblewrap alone"
)


needs_narrow = pytest.mark.skipif(not Path(NARROW.interpreter).exists(), reason="this machine has no libc of 32 bits")
PLATFORMS = [pytest.param(WIDE, id="64"), pytest.param(NARROW, id="32", marks=needs_narrow)]


@pytest.mark.parametrize(("filters", "count"), [(False, 200), (True, 50)])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_random_roots(tmp_path: Path, platform: Platform, filters: bool, count: int) -> None:
    cases: list[Case] = []
    for number in itertools.count():
        cases += cases_of_random_root(tmp_path, str(number), filters=filters, platform=platform)
        if len(cases) >= count:
            break
    assert not (wrong := disagreements(tmp_path, cases)), "\n".join(wrong[:5])
    assert any(case.ours for case in cases)
    assert any(case.ours is None for case in cases), "nothing was refused"


@pytest.mark.full
@pytest.mark.parametrize("filters", [False, True])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_many_random_roots(tmp_path: Path, platform: Platform, filters: bool) -> None:
    done = 0
    for number in itertools.count(1000):
        folder = tmp_path / str(number)
        seeds = (f"{number}.{part}" for part in range(30))
        cases = [
            case for seed in seeds for case in cases_of_random_root(folder, seed, filters=filters, platform=platform)
        ]
        assert not (wrong := disagreements(folder, cases)), "\n".join(wrong[:5])
        shutil.rmtree(folder)
        done += len(cases)
        if done >= (8000, 2000)[filters]:
            break
