"""Which test decides which cases."""

from __future__ import annotations

import pytest

from pytest_vessel.bindings import bind
from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import CatalogueError


def clause(name: str, *cases: str, planned: bool = False) -> Clause:
    named = tuple(Case(case, (), ()) for case in cases or ("",))
    return Clause(name, "made", Level.MUST, "sentence", "source", "made/up", named, planned=planned)


CATALOGUE = Catalogue((clause("ONE-001"), clause("TWO-002", "a", "b", "c"), clause("PLN-003", planned=True)))


def test_a_bare_clause_is_all_of_its_cases() -> None:
    assert bind({"t": ["ONE-001", "TWO-002"]}, CATALOGUE) == {
        "t": (("ONE-001", ""), ("TWO-002", "a"), ("TWO-002", "b"), ("TWO-002", "c"))
    }


def test_less_those_that_are_named_elsewhere() -> None:
    bound = bind({"rest": ["TWO-002"], "single": ["TWO-002[b]"]}, CATALOGUE)
    assert bound == {"rest": (("TWO-002", "a"), ("TWO-002", "c")), "single": (("TWO-002", "b"),)}


@pytest.mark.parametrize(
    ("marks", "what"),
    [
        ({"s": ["ONE-001"], "t": ["ONE-001"]}, "both s and t decide ONE-001"),
        ({"s": ["TWO-002"], "t": ["TWO-002"]}, r"both s and t decide TWO-002\[a\]"),
        ({"s": ["TWO-002[a]"], "t": ["TWO-002[a]"]}, r"both s and t decide TWO-002\[a\]"),
        ({"s": ["ONE-001", "ONE-001"]}, "both s and s decide ONE-001"),
        ({"s": ["NIL-001"]}, "s: unknown clause 'NIL-001'"),
        ({"s": ["TWO-002[d]"]}, "s: TWO-002 has no case 'd'"),
        ({"s": ["PLN-003"]}, "s: PLN-003 is planned or retired"),
    ],
)
def test_marks_that_do_not_fit(marks: dict[str, list[str]], what: str) -> None:
    with pytest.raises(CatalogueError, match=what) as caught:
        bind(marks, CATALOGUE)
    assert caught.value.mend
