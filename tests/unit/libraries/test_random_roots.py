"""Differential fuzzing: in random small roots we say what the loader says, line by line."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from agreement import Case, cases_of_random_root, disagreements

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="the loader of a made-up root runs in bubblewrap alone"
)


@pytest.mark.parametrize(("filters", "count"), [(False, 250), (True, 50)])
def test_random_roots(tmp_path: Path, filters: bool, count: int) -> None:
    cases: list[Case] = []
    for number in itertools.count():
        cases += cases_of_random_root(tmp_path, str(number), filters=filters)
        if len(cases) >= count:
            break
    assert not (wrong := disagreements(tmp_path, cases)), "\n".join(wrong[:5])
    assert any(case.ours for case in cases)
    assert any(case.ours is None for case in cases), "nothing was refused"


@pytest.mark.full
@pytest.mark.parametrize("filters", [False, True])
def test_many_random_roots(tmp_path: Path, filters: bool) -> None:
    done = 0
    for number in itertools.count(1000):
        folder = tmp_path / str(number)
        cases = [
            case for part in range(30) for case in cases_of_random_root(folder, f"{number}.{part}", filters=filters)
        ]
        assert not (wrong := disagreements(folder, cases)), "\n".join(wrong[:5])
        shutil.rmtree(folder)
        done += len(cases)
        if done >= (16000, 4000)[filters]:
            break
