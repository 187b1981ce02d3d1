"""HARN: rest is told from activity, and the probe is talked to through a stage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_vessel.errors import HarnessError
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system import compile as compiling
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.quiet import Rest, snapshot
from pytest_vessel.system.stage import Stage
from pytest_vessel.system.talk import Talk, new_nonce


def start(stage: Stage, script: str) -> Kept:
    return stage.start(Order(("/bin/sh", "-c", script), dict(os.environ), "/"))


@pytest.fixture
def talk(stage: Stage) -> Talk:
    nonce = new_nonce()
    call = stage.start(Order((str(compiling.probe()), "talk", nonce), {}, "/"))
    talk = Talk(stage, call, nonce)
    assert stage.until(lambda: talk.ready, 10)
    return talk


def test_who_waits_for_input_is_at_rest(stage: Stage) -> None:
    call = start(stage, "echo here; (read y </dev/tty; read x); read x")
    stage.until(lambda: bool(call.out), 5)
    rest = Rest(call.processes)
    assert stage.until(rest, 5)


def test_who_is_busy_is_not_at_rest(stage: Stage) -> None:
    call = start(stage, "echo; while :; do :; done")
    stage.until(lambda: bool(call.out), 5)
    assert not stage.until(Rest(call.processes), 0.2)


def test_who_only_sleeps_is_not_at_rest(stage: Stage) -> None:
    call = start(stage, "exec sleep 1000")
    assert stage.until(lambda: _name(call) == "sleep", 5)
    assert not stage.until(Rest(call.processes), 0.2)


def _name(call: Kept) -> str:
    pids = call.processes()
    return Path(f"/proc/{pids[0]}/comm").read_text().strip() if pids else ""


def test_one_look_is_not_enough(stage: Stage) -> None:
    call = start(stage, "echo; read x")
    stage.until(lambda: bool(call.out) and snapshot(call.processes()) is not None, 5)
    rest = Rest(call.processes)
    assert not rest()


def test_the_probe_answers(talk: Talk, tmp_path: Path) -> None:
    file = tmp_path / "a b%c"
    file.touch()
    seen = file.stat()
    assert talk.identity(str(file)) == (f"{os.major(seen.st_dev)}:{os.minor(seen.st_dev)}", seen.st_ino)
    assert talk.identity(str(file) + "-missing") is None
    assert [one.number for one in talk.descriptors()] == [0, 1, 2]
    assert talk.would_conflict(str(file), Mode.EXCLUSIVE) == "free"
    assert talk.lock(0, str(file), Mode.SHARED) == ("locked", 0)
    assert talk.lock(1, str(tmp_path / "no"), Mode.SHARED) == ("open-errno", 2)


def test_status_of_the_probe(talk: Talk) -> None:
    talk.end(9)
    talk.stage.finish(talk.call)
    assert talk.call.ending().status == 9


def test_a_payload_that_is_gone(talk: Talk) -> None:
    talk.end()
    with pytest.raises(HarnessError, match="does not answer"):
        talk.ask("pids")
    assert not talk.answers()


def test_a_daemon_goes_on_with_the_conversation(talk: Talk) -> None:
    before = talk.ask("pids")
    talk.ask("daemon", "0")
    assert talk.answers()
    assert talk.ask("pids")[1] != before[1]
    talk.stage.until(lambda: talk.call.ended, 5)
    assert talk.call.ended
    assert not talk.call.empty
