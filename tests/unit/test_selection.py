"""Which rows a run owes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import UsageProblem
from pytest_vessel.row import Row, label, unlabel
from pytest_vessel.selection import due_rows, find, implementations_named
from pytest_vessel.settings import Settings


def clause(name: str, *cases: str, suite: str = "locking") -> Clause:
    named = tuple(Case(case, (), ()) for case in cases or ("",))
    return Clause(name, suite, Level.MUST, "sentence", "source", "made/up", named)


CATALOGUE = Catalogue(
    (
        clause("ONE-001"),
        clause("TWO-002", "a", "b"),
        replace(clause("PLN-003"), planned=True),
        replace(clause("OLD-004"), until="0.2: replaced by ONE-001"),
        clause("FAR-005", suite="far"),
    )
)
SETTINGS = Settings("5eed", suites=("locking", "far"))


def labels(*clauses: str, suites: tuple[str, ...] = ("locking", "far")) -> list[str]:
    settings = replace(SETTINGS, clauses=clauses, suites=suites)
    return [row.label for row in due_rows(CATALOGUE, settings, ["it"])]


def test_everything_that_is_due() -> None:
    assert labels() == ["ONE-001", "TWO-002[a]", "TWO-002[b]", "FAR-005"]
    assert labels(suites=("far",)) == ["FAR-005"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["TWO-002"], ["TWO-002[a]", "TWO-002[b]"]),
        (["TWO-002[b]"], ["TWO-002[b]"]),
        (["TWO-002[b]", "ONE-001"], ["ONE-001", "TWO-002[b]"]),
        (["TWO-002[b]", "TWO-002"], ["TWO-002[a]", "TWO-002[b]"]),
        (["ONE-001[]"], ["ONE-001"]),
    ],
)
def test_choices_in_the_order_of_the_catalogue(chosen: list[str], expected: list[str]) -> None:
    assert labels(*chosen) == expected


def test_rows_of_several_implementations() -> None:
    rows = due_rows(CATALOGUE, replace(SETTINGS, clauses=("TWO-002",)), ["x", "y"])
    assert rows == (
        Row("x", "TWO-002", "a"),
        Row("x", "TWO-002", "b"),
        Row("y", "TWO-002", "a"),
        Row("y", "TWO-002", "b"),
    )


@pytest.mark.parametrize(
    ("chosen", "what"),
    [
        ("ONE-002", "unknown clause 'ONE-002'"),
        ("TWO-002[c]", "TWO-002 has no case 'c'"),
        ("ONE-001[c]", "ONE-001 has no case 'c'"),
        ("PLN-003", "PLN-003 is planned"),
        ("OLD-004", "OLD-004 was retired: 0.2"),
        ("FAR-005", "FAR-005 is in the suite far, which --vessel-suite leaves out"),
    ],
)
def test_choices_that_cannot_be_had(chosen: str, what: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        labels(chosen, suites=("locking",))
    assert what in caught.value.what
    assert caught.value.where == "--vessel-clause"
    assert caught.value.mend


@given(st.text())
def test_no_word_breaks_it(word: str) -> None:
    assert found(word) in (None, *CATALOGUE)


def found(word: str) -> Clause | None:
    try:
        return find(CATALOGUE, word)[0]
    except UsageProblem:
        return None


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        (["f.py::t[reference-ONE-001]"], ("reference",)),
        (["f.py::t[my-own-TWO-002-a]", "f.py::t[my-own-ONE-001]"], ("my-own",)),
        (["f.py::t[a-ONE-001-FAR-005]"], ("a",)),
        (["f.py::t", "f.py", "f.py::t[ONE-001]", "f.py::t[x-NIL-001]"], ()),
        (["f.py::t[b-ONE-001]", "f.py::t[a-ONE-001]"], ("b", "a")),
    ],
)
def test_implementations_that_node_ids_name(choices: list[str], names: tuple[str, ...]) -> None:
    assert implementations_named(choices, CATALOGUE) == names


@given(st.from_regex(r"[A-Z]{3,5}-\d{3}", fullmatch=True), st.from_regex(r"[a-z][a-z0-9-]*|", fullmatch=True))
def test_labels_and_back(clause_id: str, case: str) -> None:
    assert unlabel(label(clause_id, case)) == (clause_id, case)
