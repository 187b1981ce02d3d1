"""How a verdict stands to what was known: fingerprints, expectations, expiry, declared exceptions."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_record import ACME, CLAUSES, FINDING

from pytest_vessel.clause import Catalogue, Level
from pytest_vessel.errors import AdapterError
from pytest_vessel.judge import Verdict, fail, failed, inconclusive, not_applicable, passed, unsupported
from pytest_vessel.judge.baseline import Baseline, Expectation, Known, Standing, codes, fingerprint, standing
from pytest_vessel.judge.conclusion import concluded
from pytest_vessel.judge.exception import check_exceptions, declared
from pytest_vessel.judge.outcome import Outcome, outcome
from pytest_vessel.judge.verdict import Decision, Finding
from pytest_vessel.row import Row

TODAY = date(2026, 3, 10)
FAIL = failed(FINDING)
PRINT = fingerprint(codes([FINDING]))
KNOWN = Known("acme", "MADE-002", "b", PRINT, "a known bug", place="acme.toml:3")
WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1)
FINDINGS = st.lists(st.builds(Finding, WORDS, WORDS, st.text(), st.text()), min_size=1)


def of(decision: Decision, known: Known | None = KNOWN, today: date = TODAY, *, updates: bool = False) -> Standing:
    return standing(decision, known, today=today, updates=updates)


def test_fingerprint_can_be_made_by_hand() -> None:
    assert codes([FINDING]) == ("SRC/.ref: unlocked",)
    assert hashlib.sha256(b"SRC/.ref: unlocked").hexdigest()[:12] == PRINT


@given(FINDINGS, st.randoms(), st.text(), st.text())
def test_fingerprint_is_of_places_and_classes_alone(findings: list[Finding], order, said: str, seen: str) -> None:  # type: ignore[no-untyped-def]
    others = [replace(one, expected=said, observed=seen) for one in findings] * 2
    order.shuffle(others)
    assert fingerprint(codes(others)) == fingerprint(codes(findings))


@given(FINDINGS, FINDINGS)
def test_other_findings_have_another_fingerprint(one: list[Finding], other: list[Finding]) -> None:
    assert (fingerprint(codes(one)) == fingerprint(codes(other))) == (codes(one) == codes(other))


def test_known_failure_is_expected() -> None:
    assert of(FAIL) == Standing(Expectation.EXPECTED, "a known bug", tolerated=True)


def test_unknown_failure_is_unexpected() -> None:
    assert of(FAIL, None) == Standing(Expectation.UNEXPECTED)


def test_another_failure_says_both() -> None:
    other = fail("payload", "hangs", expected="x", observed="y")
    with_findings = replace(KNOWN, findings=("SRC/.ref: unlocked",))
    assert of(other, with_findings) == Standing(
        Expectation.UNEXPECTED,
        "another failure than the known one: known SRC/.ref: unlocked, now payload: hangs (acme.toml:3)",
    )
    now = fingerprint(["payload: hangs"])
    assert f"known {PRINT}, now {now} (payload: hangs)" in of(other).note


def test_known_failure_that_passes_is_stale_and_says_which_table() -> None:
    found = of(passed("all is well"))
    assert (found.expectation, found.tolerated) == (Expectation.STALE, False)
    assert found.note.endswith('delete [acme."MADE-002[b]"], acme.toml:3')


@pytest.mark.parametrize("today", [TODAY, TODAY + timedelta(days=1000)])
@pytest.mark.parametrize(
    "decision",
    [inconclusive("why"), unsupported("why"), not_applicable("why"), Decision(Verdict.NOT_RUN), Decision(Verdict.FACT)],
)
def test_what_was_not_decided_is_neither_expected_nor_stale(decision: Decision, today: date) -> None:
    assert of(decision, replace(KNOWN, expires=TODAY), today) == Standing()


def test_errors_are_never_expected() -> None:
    assert of(Decision(Verdict.ERROR, why="we broke")) == Standing(Expectation.UNEXPECTED)


@pytest.mark.parametrize(
    ("days", "expectation", "tolerated"),
    [
        (-1, Expectation.EXPECTED, True),
        (0, Expectation.EXPECTED, True),
        (1, Expectation.EXPIRED, True),
        (14, Expectation.EXPIRED, True),
        (15, Expectation.EXPIRED, False),
    ],
)
def test_expiry_warns_for_14_days(days: int, expectation: Expectation, tolerated: bool) -> None:
    found = of(FAIL, replace(KNOWN, expires=TODAY), TODAY + timedelta(days=days))
    assert (found.expectation, found.tolerated) == (expectation, tolerated)
    if expectation is Expectation.EXPIRED:
        assert "a known bug; expired on 2026-03-10, counts as a failure" in found.note
        assert "2026-03-25" in found.note


def test_expiry_hides_no_other_failure_and_no_pass() -> None:
    old = replace(KNOWN, expires=date(2020, 1, 1))
    assert of(fail("payload", "hangs", expected="x", observed="y"), old).expectation is Expectation.UNEXPECTED
    assert of(passed("well"), old).expectation is Expectation.STALE


@given(st.sampled_from([FAIL, passed("well"), inconclusive("why")]), st.booleans(), st.dates())
def test_no_known_or_unknown_failure_counts_while_the_file_is_written(
    decision: Decision, known: bool, today: date
) -> None:
    line = replace(KNOWN, expires=TODAY) if known else None
    plain, updating = of(decision, line, today), of(decision, line, today, updates=True)
    assert updating.expectation is plain.expectation
    shown = outcome(decision.verdict, Level.MUST, failing_level=Level.MUST, standing=updating)
    assert shown is not Outcome.FAILED


@pytest.mark.parametrize("level", [Level.MUST, Level.SHOULD, Level.MAY])
def test_outcomes(level: Level) -> None:
    def shown(decision: Decision, known: Known | None = KNOWN, today: date = TODAY) -> Outcome:
        return outcome(decision.verdict, level, failing_level=Level.MUST, standing=of(decision, known, today))

    counts = Outcome.FAILED if level is Level.MUST else Outcome.XFAILED
    assert shown(FAIL) is Outcome.XFAILED
    assert shown(FAIL, None) is counts
    assert shown(FAIL, replace(KNOWN, fingerprint="0" * 12)) is counts
    assert shown(FAIL, replace(KNOWN, expires=date(2020, 1, 1))) is counts
    assert shown(passed("well")) is Outcome.FAILED
    assert shown(passed("well"), None) is Outcome.PASSED
    assert shown(inconclusive("why")) is Outcome.SKIPPED


def test_a_line_is_for_its_row_alone() -> None:
    baseline = Baseline((KNOWN,))
    assert baseline.of(Row("acme", "MADE-002", "b")) is KNOWN
    for row in (Row("other", "MADE-002", "b"), Row("acme", "MADE-002", "a"), Row("acme", "MADE-001", "b")):
        assert baseline.of(row) is None


MAY = replace(CLAUSES[1], may_declare=True)


def conclusion(decision: Decision, exceptions: dict[str, str]) -> tuple[Decision, Standing]:
    offer = replace(ACME, exceptions=exceptions)
    row = Row("acme", "MADE-002", "b")
    return concluded(decision, row, clause=MAY, offer=offer, baseline=Baseline((KNOWN,)), today=TODAY)


@pytest.mark.parametrize("key", ["MADE-002", "MADE-002[b]"])
def test_declared_exception(key: str) -> None:
    decision, found = conclusion(FAIL, {key: "by design"})
    assert (decision, found) == (not_applicable("declared: by design"), Standing())
    undecided = inconclusive("no gate")
    assert conclusion(undecided, {key: "by design"}) == (undecided, Standing())


def test_exception_that_holds_nevertheless_is_stale() -> None:
    decision, found = conclusion(passed("well"), {"MADE-002": "by design"})
    assert decision.verdict is Verdict.PASS
    assert (found.expectation, found.tolerated) == (Expectation.STALE, False)
    assert found.note.endswith("delete MADE-002 from [exceptions] of /opt/acme.toml")


def test_exceptions_of_other_cases_and_clauses_do_not_count() -> None:
    assert conclusion(FAIL, {"MADE-002[a]": "by design"})[0] == FAIL
    offer = replace(ACME, exceptions={"MADE-002": "by design"})
    assert declared(CLAUSES[1], "b", offer) == ""


@pytest.mark.parametrize(
    ("key", "what", "mend"),
    [
        ("MADE-01", "unknown clause 'MADE-01'", "Did you mean 'MADE-002'?"),
        ("MADE-001", "MADE-001 allows no exceptions", "Exceptions may be declared from MADE-002."),
        ("MADE-002[c]", "MADE-002 has no case 'c'", "Known: a, b"),
    ],
)
def test_exception_that_means_nothing(key: str, what: str, mend: str) -> None:
    catalogue = Catalogue((CLAUSES[0], MAY))
    with pytest.raises(AdapterError) as caught:
        check_exceptions(replace(ACME, exceptions={key: "by design"}), catalogue)
    assert caught.value.what == what
    assert caught.value.where == f"/opt/acme.toml: exceptions.{key}"
    assert mend in caught.value.mend
