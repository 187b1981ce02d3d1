"""HARN: what answers in the place of the probe is found out, whatever it says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from pytest_vessel.errors import HarnessError
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.kept import Order
from pytest_vessel.system.talk import Talk

LIAR = """
import os, sys
os.write(1, b"vessel-ready n0nce 1\\n")
for line in sys.stdin:
    os.write(1, b"= " + os.fsencode(sys.argv[1]) + b"\\n")
"""
ASKED: dict[str, Callable[[Talk], object]] = {
    "identity": lambda talk: talk.identity("/x"),
    "descriptors": lambda talk: talk.descriptors(),
    "lock": lambda talk: talk.lock(0, "/x", Mode.SHARED),
    "would_conflict": lambda talk: talk.would_conflict("/x", Mode.SHARED),
    "answers": lambda talk: talk.answers(),
}


@pytest.fixture
def talk() -> Iterator[Callable[[str], Talk]]:
    with workshops.opened() as workshop, stages.opened(workshop) as stage:

        def start(answer: str) -> Talk:
            call = stage.start(Order((sys.executable, "-S", "-c", LIAR, answer), dict(os.environ), "/"))
            made = Talk(stage, call, "n0nce")
            assert stage.until(lambda: made.ready, 10)
            return made

        yield start


@pytest.mark.parametrize(
    "answer", ["", "\udcff", "fds", "fds x", "fds 1:2:3", "stat", "stat 1:1 x", "lock x", "conflict", "%00"]
)
def test_no_answer_is_read_as_what_it_is_not(talk: Callable[[str], Talk], answer: str) -> None:
    liar = talk(answer)
    refused = []
    for name, ask in ASKED.items():
        with suppress(HarnessError):
            ask(liar)
            continue
        refused.append(name)
    assert "answers" not in refused
    assert refused or answer in ("\udcff", "%00", "fds")


def test_the_error_says_what_is_wrong(talk: Callable[[str], Talk]) -> None:
    with pytest.raises(HarnessError, match="what answers is not the payload: 'fds x'") as caught:
        talk("fds x").descriptors()
    assert "{argv}" in caught.value.mend


def test_a_true_answer_is_read(talk: Callable[[str], Talk]) -> None:
    assert talk("stat 8:1 77 644 0 1").identity("/x") == ("8:1", 77)
    assert talk("conflict shared 1 0 0").would_conflict("/x", Mode.EXCLUSIVE) == "shared"
    assert talk("lock-errno 11").lock(0, "/x", Mode.SHARED) == ("lock-errno", 11)
