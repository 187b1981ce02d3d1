"""What a call chooses is held until somebody answers, whatever else is pumped meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gate_world import DEADLINE_S

from pytest_vessel.fixtures.running import Running
from pytest_vessel.system.answer import Go
from pytest_vessel.system.bpf import DELETES
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.seccomp import available
from pytest_vessel.system.stage import Stage


@pytest.fixture
def removing(stage: Stage, tmp_path: Path) -> Kept:
    """A started `rmdir tmp_path/folder` that nobody has answered for yet."""
    if not (can := available()):
        pytest.skip(can.reason)
    (tmp_path / "folder").mkdir()
    return stage.start(Order(("/bin/rmdir", str(tmp_path / "folder")), dict(os.environ), "/", chosen=DELETES))


def is_held(call: Kept) -> bool:
    return call.gate is not None and bool(call.gate.held)


def test_nothing_slips_by_while_another_call_is_pumped(stage: Stage, removing: Kept, tmp_path: Path) -> None:
    other = stage.start(Order(("/bin/true",), {}, "/"))
    stage.finish(other)
    assert stage.until(lambda: is_held(removing), DEADLINE_S)
    assert (tmp_path / "folder").exists()
    removing.answer_by(lambda _held: Go())
    stage.finish(removing)
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("when", ["before its gate is there", "when it is held"])
def test_everything_can_be_let_go(stage: Stage, removing: Kept, tmp_path: Path, when: str) -> None:
    if when == "when it is held":
        assert stage.until(lambda: is_held(removing), DEADLINE_S)
    else:
        assert removing.gate is None
    removing.answer_by(None)
    stage.finish(removing)
    assert not (tmp_path / "folder").exists()


def test_a_policy_of_before_the_gate_is_asked(stage: Stage, removing: Kept) -> None:
    asked: list[str] = []

    def note(held) -> Go:
        asked.append(held.call)
        return Go()

    removing.answer_by(note)
    stage.finish(removing)
    assert asked == ["rmdir"]


def test_who_drives_it_on_without_a_policy_lets_everything_go(stage: Stage, removing: Kept, tmp_path: Path) -> None:
    running = Running(stage, removing, "no-nonce", (), tmp_path)
    assert removing.unanswered
    running.start()
    assert not removing.unanswered
    assert running.finish().succeeded
    assert not (tmp_path / "folder").exists()
