"""Which cases an implementation's offer makes decidable."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.clause import Case, Clause, Level
from pytest_vessel.judge.offer import Offer, undecidable
from pytest_vessel.judge.verdict import Verdict

CASE = Case("", ("run", "layout.ref"), ())
CLAUSE = Clause("MADE-001", "made", Level.MUST, "sentence", "source", "made/up", (CASE,))
OFFER = Offer("made-up", capabilities=("layout.ref", "run"))


def test_all_needs_met() -> None:
    assert undecidable(CLAUSE, CASE, OFFER) is None


def test_missing_capability() -> None:
    found = undecidable(CLAUSE, CASE, replace(OFFER, capabilities=("run",)))
    assert found is not None
    assert (found.verdict, found.why) == (Verdict.UNSUPPORTED, "the adapter of made-up offers no layout.ref")


def test_one_of_several_is_enough() -> None:
    case = replace(CASE, needs=("copy|run", "layout.overrides|run"))
    offer = replace(OFFER, capabilities=("run",), empty=("layout.overrides",))
    assert undecidable(CLAUSE, case, offer) is None
    found = undecidable(CLAUSE, case, replace(offer, capabilities=()))
    assert found is not None
    assert (found.verdict, found.why) == (Verdict.UNSUPPORTED, "the adapter of made-up offers no copy or run")
    assert case.verbs == ("copy", "run")


def test_role_declared_empty() -> None:
    found = undecidable(CLAUSE, CASE, replace(OFFER, capabilities=("run",), empty=("layout.ref",)))
    assert found is not None
    assert (found.verdict, found.why) == (Verdict.NOT_APPLICABLE, "made-up has no ref")


def test_declared_exceptions_are_run() -> None:
    offer = replace(OFFER, exceptions={"MADE-001": "by design"})
    assert undecidable(replace(CLAUSE, may_declare=True), CASE, offer) is None


def test_absent_implementation() -> None:
    offer = replace(OFFER, absent="acme is not installed", mend="apt install acme")
    found = undecidable(CLAUSE, CASE, offer)
    assert found is not None
    assert found.verdict is Verdict.INCONCLUSIVE
    assert (found.why, found.mend) == ("acme is not installed", "apt install acme")


def test_absence_does_not_hide_what_is_unsupported() -> None:
    found = undecidable(CLAUSE, CASE, replace(OFFER, capabilities=(), absent="acme is not installed"))
    assert found is not None
    assert found.verdict is Verdict.UNSUPPORTED
