"""Made-up implementations and a made-up suite: every verdict, with no real runtime and next to no processes."""

from __future__ import annotations

CARELESS = """
# A lock tool that takes no lock: LOCK-092 fails (MUST), LOCK-094 passes (SHOULD).
[implementation]
name = "careless"
version = ["sh", "-c", "echo careless 1.0"]
[verbs]
lock = ["sh", "-c", "{create}", "sh", "{file}", "{argv}"]
[choices]
create = { no = ["shift; \\"$@\\"; exit $?"], yes = ["shift; \\"$@\\"; exit $?"] }
"""

LEAKY = """
# A lock tool whose command inherits the lock file: LOCK-094 fails (SHOULD); it offers no choice for LOCK-092.
[implementation]
name = "leaky"
version = ["sh", "-c", "echo leaky 1.0"]
[verbs]
lock = ["sh", "-c", "exec 9<$0; \\"$@\\"; exit $?", "{file}", "{argv}"]
"""

ABSENT = """
[implementation]
name = "absent"
version = ["no-such-program", "--version"]
mend = "apt install no-such-program"
[verbs]
lock = ["no-such-program", "{file}", "{argv}"]
"""

SUITE_PLUGIN = '''
"""Puts the made-up suite in the place of those that are shipped: `-p made_up_suite`."""
from pathlib import Path

from pytest_vessel import clause, conformance

clause.SUITES = ("made_up",)
conformance.__path__.append(str(Path(__file__).parent / "suites"))
'''

CLAUSES = """
[MADE-001]
level = "MUST"
sentence = "What is seen is well."
source = "made up"
profile = "made-up/musts"
needs = ["lock"]

[MADE-002]
level = "SHOULD"
sentence = "What is seen should be well."
source = "made up"
profile = "made-up/musts"

[MADE-003]
level = "MUST"
sentence = "Each of two things is well."
source = "made up"
profile = "made-up/cases"
cases.first = {}
cases.second = {}

[MADE-004]
level = "FACT"
sentence = "What is seen is so, or so."
source = "made up"
profile = "made-up/musts"

[MADE-005]
level = "MUST"
sentence = "Nobody offers this."
source = "made up"
profile = "made-up/choices"
needs = ["choices.colour.red"]

[MADE-006]
level = "MAY"
sentence = "Nobody has tests for this."
source = "made up"
profile = "made-up/choices"
planned = true
"""

DECIDE = """
from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.judge import Decision, decides, fact, fail, inconclusive, passed


@dataclass(frozen=True)
class Seen:
    word: str


@decides("MADE-001", "MADE-002", "MADE-003")
def is_well(seen: Seen) -> Decision:
    if seen.word == "well":
        return passed("it is well")
    if seen.word == "unclear":
        return inconclusive("it is unclear", mend="Look again.")
    if seen.word == "broken decider":
        raise ZeroDivisionError("in the decider")
    return fail("thing", "not-well", expected="well", observed=seen.word)


@decides("MADE-004")
def is_so(seen: Seen) -> Decision:
    return fact(seen.word)
"""

TESTS = """
import json
from pathlib import Path

import pytest

from pytest_vessel.collect import clause
from pytest_vessel.conformance.made_up.decide import Seen

WORDS = json.loads((Path(__file__).parent / "words.json").read_text())


def see(judge, name):
    word = WORDS.get(name, "well")
    if word == "raise":
        raise RuntimeError("the test broke\\nsecond line")
    if word == "skip":
        pytest.skip("not today")
    if word == "assert":
        assert word == "well"
    if word == "exit":
        pytest.exit("enough")
    if word == "nothing":
        return
    judge(Seen(word))
    if word == "twice":
        judge(Seen(word))


@clause("MADE-001")
def test_one(judge):
    see(judge, "one")


@clause("MADE-002")
def test_two(judge):
    see(judge, "two")


@clause("MADE-003")
def test_three(judge, case):
    see(judge, case)


@clause("MADE-004")
def test_four(judge):
    see(judge, "four")


@clause("MADE-005")
def test_five(judge):
    see(judge, "five")


def test_without_a_mark():
    assert False, "only marked functions are tests"
"""
