"""Copies that are being made: what another party takes away of them is lost, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_vessel.conformance.locking.doing import Making


@pytest.fixture
def making(tmp_path: Path) -> Iterator[Making]:
    """Beside a copy, `tmp-one`, that a set-up makes."""
    found = Making()
    (tmp_path / "tmp-one").mkdir()
    for name in (".ref", "file"):
        (tmp_path / "tmp-one" / name).touch()
    assert found.lost("set-up", copies(tmp_path)) == 0
    yield found
    found.close()


def copies(parent: Path) -> list[Path]:
    return sorted(parent.glob("tmp-*"))


def test_who_makes_a_copy_may_replace_a_name_in_it(making: Making, tmp_path: Path) -> None:
    (tmp_path / "tmp-one" / ".ref").unlink()
    assert making.lost("set-up", copies(tmp_path)) == 0
    assert making.lost("pass", copies(tmp_path)) == 0, "what is gone already"


def test_what_another_takes_away_is_lost(making: Making, tmp_path: Path) -> None:
    (tmp_path / "tmp-one" / ".ref").unlink()
    assert making.lost("pass", copies(tmp_path)) == 1


def test_a_copy_stays_its_maker_s_under_another_name(making: Making, tmp_path: Path) -> None:
    (tmp_path / "tmp-one").rename(tmp_path / "tmp-going")
    assert making.lost("pass", copies(tmp_path)) == 0
    for name in (".ref", "file"):
        (tmp_path / "tmp-going" / name).unlink()
    assert making.lost("pass", copies(tmp_path)) == 2
