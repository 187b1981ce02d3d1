"""From verdicts to pytest's outcomes, words, exit statuses and the failure block; with a made-up suite."""

from __future__ import annotations

import pytest
from starting import Start, Suite

WELL = {"MADE-001": "pass", "MADE-002": "pass", "MADE-003[first]": "pass", "MADE-003[second]": "pass"}
REST = {"MADE-004": "fact", "MADE-005": "unsupported"}


def test_all_is_well(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(four="so"))
    assert run.verdicts == WELL | REST
    assert run.status == 0
    assert run.last_line == "careless: conformant in made-up/musts, made-up/cases"
    assert run.report["complete"] is True
    assert run.report["implementations"][0]["facts"] == {"MADE-004": "so"}


@pytest.mark.parametrize(
    ("word", "verdict", "why"),
    [
        ("raise", "error", "RuntimeError: the test broke"),
        ("assert", "error", "AssertionError: assert 'assert' == 'well'"),
        ("skip", "error", "a suite may not skip: not today"),
        ("nothing", "error", "the test ended without a judgement"),
        ("twice", "error", "HarnessError: "),
        ("broken decider", "error", "ZeroDivisionError: in the decider"),
        ("ill", "fail", ""),
    ],
)
def test_what_goes_wrong_in_a_test_is_its_verdict(
    start: Start, made_up_suite: Suite, word: str, verdict: str, why: str
) -> None:
    run = start(*made_up_suite(one=word))
    assert run.verdicts == WELL | REST | {"MADE-001": verdict}
    assert run.line_of("MADE-001")["why"].startswith(why)
    assert run.status == 1
    assert "INTERNALERROR" not in run.text


def test_unclear_does_not_fail(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="unclear"))
    assert run.verdicts["MADE-001"] == "inconclusive"
    assert run.status == 0
    assert "inconclusive   MADE-001                   it is unclear\n" in run.out
    assert "to decide 1 more: Look again.\n" in run.out


def test_unclear_must_fails_a_strict_run(start: Start, made_up_suite: Suite) -> None:
    strict = start(*made_up_suite(one="unclear"), "--vessel-strict")
    assert strict.status == 1
    should = start(*made_up_suite(two="unclear"), "--vessel-strict")
    assert should.status == 0


def test_nothing_decided(start: Start, made_up_suite: Suite) -> None:
    unclear = dict.fromkeys(("one", "two", "first", "second"), "unclear")
    run = start(*made_up_suite(**unclear))
    assert run.status == 5


@pytest.mark.parametrize(("level", "status"), [((), 0), (("--vessel-level", "should"), 1)])
def test_level_that_fails_a_run(start: Start, made_up_suite: Suite, level: tuple[str, ...], status: int) -> None:
    run = start(*made_up_suite(two="ill"), *level)
    assert run.verdicts["MADE-002"] == "fail"
    assert run.status == status
    run.result.assert_outcomes(passed=3, failed=status, xfailed=1 - status)
    assert run.last_line.endswith("; 1 SHOULD failed")


def test_words_and_folded_rows(start: Start, made_up_suite: Suite) -> None:
    options = made_up_suite(one="ill", two="worse", first="raise", second="unclear")
    short, long = start(*options), start(*options, "-v")
    prefix = "pytest_vessel/conformance/made_up/test_made_up.py::"
    for test, word in {
        "test_one[careless-MADE-001]": "FAIL ",
        "test_two[careless-MADE-002]": r"FAIL (below the level)",
        "test_three[careless-MADE-003-first]": "ERROR ",
        "test_three[careless-MADE-003-second]": "INCONCLUSIVE",
        "test_four[careless-MADE-004]": "FACT ",
        "test_five[careless-MADE-005]": "UNSUPPORTED",
    }.items():
        assert f"{prefix}{test} {word}" in long.out
    assert "test_made_up.py FxE?iu" in short.out
    assert "\n1 unsupported, 1 clause planned (-v shows them)" in short.out
    assert "unsupported    MADE-005" not in short.out
    assert "unsupported    MADE-005" in long.out
    assert "planned        MADE-006                   Nobody has tests for this." in long.out


def test_failure_block_has_a_fixed_order(start: Start, adapters: object) -> None:
    run = start(
        "-p",
        "vessel",
        "--vessel-impl",
        "careless.toml",
        "--vessel-clause",
        "LOCK-092[no-create]",
        "--vessel-report",
        "report",
    )
    titles = ["LOCK-092[no-create] (MUST)", "source", "what we did", "expected", "observed", "run again", "judge again"]
    places = [run.out.find(f"\n{title}\n    ") for title in titles]
    assert -1 not in places
    assert places == sorted(places)
    assert "\n    payload: no start without a lock\n" in run.out


def test_block_of_an_error_holds_its_traceback(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="raise"))
    block = run.out[run.out.index("\nMADE-001 (MUST)\n") :]
    assert "\nerror\n    RuntimeError: the test broke\n" in block
    assert "    RuntimeError: the test broke\n    second line\n" in block
    assert "in test_one" in block


def test_header_says_what_runs(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(), "--vessel-seed", "0x8F31C2")
    assert "seed 8f31c2, unprivileged user " in run.out
    assert f"vessel: implementation careless (careless 1.0, {run.folder}/careless.toml)" in run.out


def test_exit_from_within_a_test(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(two="exit"))
    assert run.status == 2
    assert run.verdicts["MADE-001"] == "pass"
    assert run.reasons["MADE-002"] == "interrupted"
    assert run.report["complete"] is False
