"""A work folder that the unprivileged user cannot reach decides nothing, instead of failing the implementation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.environment import require_entrance
from pytest_vessel.system.kept import User

STRANGER = User("stranger", 54321, 54321)


def test_closed_folder_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(Inconclusive, match="stranger may not enter") as problem:
        require_entrance(closed / "inner" / "work", STRANGER)
    assert "TMPDIR" in problem.value.mend


def test_open_folders_are_fine() -> None:
    require_entrance(Path("/usr/bin"), STRANGER)


def test_owner_and_group_have_bits_of_their_own(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o607)
    with pytest.raises(Inconclusive, match=str(closed)):
        require_entrance(closed / "work", User("owner", os.getuid(), 54321))
