"""The public fixture `vessel_gate`, without the plugin: its factory."""

from __future__ import annotations

import errno
import os
import signal

import pytest

from pytest_vessel.errors import Inconclusive
from pytest_vessel.fixtures.gates import GateFactory
from pytest_vessel.observation.process import Bound
from pytest_vessel.system.answer import Fail, Go, Pretend
from pytest_vessel.system.bpf import CREATES, DELETES, EXECS, LOCKS
from pytest_vessel.system.seccomp import available

DEADLINE_S = 20.0

pytestmark = pytest.mark.skipif(not available(), reason=available().reason)


@pytest.fixture
def factory(workshop, stage):
    with workshop.case_folder() as work:
        yield GateFactory(stage, work)


def shell(script):
    return ["sh", "-c", script]


def name_of(held):
    return held.path().rpartition(b"/")[2].decode()


def test_calls_are_held_from_the_first_on(factory, tmp_path):
    gated = factory(["mkdir", str(tmp_path / "folder")], CREATES)
    held = gated.next()
    assert (held.call, name_of(held)) == ("mkdir", "folder")
    assert not (tmp_path / "folder").exists()
    held.go()
    assert gated.next() is None
    assert (tmp_path / "folder").is_dir()
    assert gated.finish().succeeded


def test_each_call_is_given_once_and_can_be_answered_later(factory, tmp_path):
    gated = factory(shell("mkdir one & mkdir two & wait"), CREATES, cwd=tmp_path)
    held = {name_of(each): each for each in (gated.next(), gated.next())}
    assert set(held) == {"one", "two"}
    assert gated.next(0.0) is None
    held["two"].go()
    assert gated.until((tmp_path / "two").exists, DEADLINE_S)
    assert not (tmp_path / "one").exists()
    held["one"].pretend()
    assert gated.finish().succeeded
    assert os.listdir(tmp_path) == ["two"]


def test_answer_all_answers_what_is_held_and_what_comes(factory, tmp_path):
    gated = factory(shell("mkdir one; mkdir two"), CREATES, cwd=tmp_path)
    assert gated.next() is not None
    gated.answer_all(Fail(errno.EROFS))
    assert gated.finish().message.count("Read-only") == 2
    assert {seen.answer for seen in gated.gate.log} == {Fail(errno.EROFS)}


def test_finish_keeps_a_policy_and_lets_go_what_it_holds(factory, tmp_path):
    gated = factory(shell("mkdir one; rmdir one; mkdir two"), (*CREATES, *DELETES), cwd=tmp_path)
    gated.gate.policy = lambda held: Pretend() if held.call == "rmdir" else None
    assert name_of(gated.next()) == "one"
    assert gated.finish().succeeded
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]
    assert [seen.answer for seen in gated.gate.log] == [Go(), Pretend(), Go()]


def test_finish_closes_stdin_and_can_be_asked_again(factory):
    gated = factory(["cat"], LOCKS)
    gated.call.say(b"word")
    assert gated.finish() == gated.finish()
    assert gated.finish().output == "word"


def test_output_is_read_while_calls_are_awaited(factory):
    """More than a pipe holds, before the first chosen call."""
    gated = factory(shell("head -c 1000000 /dev/zero; rmdir /nothing"), DELETES)
    gated.next(DEADLINE_S).fail(errno.EBUSY)
    assert "busy" in gated.finish().message


def test_a_killed_command_says_so(factory):
    gated = factory(["rmdir", "/nothing"], DELETES)
    gated.next().kill()
    assert gated.finish().signal == signal.SIGKILL


def test_the_command_is_bounded_also_while_it_is_held(factory):
    gated = factory(["rmdir", "/nothing"], DELETES, timeout_s=0.2)
    assert gated.next(DEADLINE_S).call == "rmdir"
    assert gated.until(lambda: gated.call.stopped, DEADLINE_S) is Bound.TIME
    assert gated.finish().stopped is Bound.TIME


def test_the_program_is_looked_up_in_its_own_path(factory, tmp_path):
    tool = tmp_path / "tool"
    tool.symlink_to("/bin/echo")
    gated = factory(["tool", "said"], EXECS, env={"PATH": str(tmp_path)})
    assert gated.next().path() == bytes(tool)
    assert gated.finish().output == "said\n"


def test_a_relative_program_starts_from_the_folder(factory, tmp_path):
    (tmp_path / "tool").symlink_to("/bin/echo")
    assert factory(["./tool", "said"], LOCKS, cwd=tmp_path).finish().output == "said\n"


@pytest.mark.parametrize("name", ["no-such-program", "/no/such-program"])
def test_a_program_that_is_not_there_is_inconclusive(factory, name):
    with pytest.raises(Inconclusive, match=f"cannot be started.*{name}") as caught:
        factory([name], LOCKS).finish()
    assert "nstall" in caught.value.mend


def test_a_gate_with_nothing_chosen_is_refused(factory):
    with pytest.raises(ValueError, match="nothing chosen"):
        factory(["true"], [])


@pytest.mark.parametrize(("program", "printed"), [(b"/bin/true", ""), (b"/nowhere/a/longer/program", "word\n")])
def test_another_program_is_executed_where_its_path_has_room(factory, program, printed):
    """The first program is the shell itself."""
    gated = factory(shell("exec /usr/bin/env echo word"), EXECS)
    gated.next().go()
    held = gated.next()
    assert held.execute_instead(program) == (not printed)
    gated.answer_all(Go())
    ending = gated.finish()
    assert (ending.status, ending.output) == (0, printed)
