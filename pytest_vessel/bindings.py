"""Which test decides which cases. Pure.

A test names clauses (`LOCK-010`) or single cases (`LOCK-012[held]`). A bare clause stands for all of its cases
that no other test names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_vessel.clause import Catalogue
from pytest_vessel.errors import CatalogueError, UsageProblem
from pytest_vessel.row import label
from pytest_vessel.selection import find

Case = tuple[str, str]
"""Clause id and name of the case."""


def bind(marks: Mapping[str, Sequence[str]], catalogue: Catalogue) -> dict[str, tuple[Case, ...]]:
    """The cases of each test, from the clauses that it names.

    Args:
        marks: by test (any unique name): its words, such as `LOCK-010` or `LOCK-012[held]`.

    Raises:
        CatalogueError: a word means no clause that is due, or two tests claim one case.
    """
    meant = {test: [_meant(catalogue, word, test) for word in words] for test, words in marks.items()}
    named = {case for cases in meant.values() for case in cases if _is_single(catalogue, case)}
    bound = {test: tuple(_expanded(catalogue, cases, named)) for test, cases in meant.items()}
    owners: dict[Case, str] = {}
    for test, cases in bound.items():
        for case in cases:
            if case in owners:
                raise CatalogueError(
                    f"both {owners[case]} and {test} decide {label(*case)}", mend="Let one of them name other cases."
                )
            owners[case] = test
    return bound


def _meant(catalogue: Catalogue, word: str, test: str) -> Case:
    try:
        clause, case = find(catalogue, word)
    except UsageProblem as problem:
        raise CatalogueError(problem.what, where=test, mend=problem.mend) from None
    if not clause.due:
        raise CatalogueError(
            f"{clause.id} is planned or retired", where=test, mend="Change its row in clauses.toml, or the test."
        )
    return clause.id, case


def _is_single(catalogue: Catalogue, case: Case) -> bool:
    return bool(case[1]) or [one.name for one in catalogue[case[0]].cases] == [""]


def _expanded(catalogue: Catalogue, cases: Sequence[Case], named: set[Case]) -> list[Case]:
    """Bare clauses become their cases, less those that are named singly somewhere."""
    expanded = []
    for case in cases:
        if _is_single(catalogue, case):
            expanded.append(case)
        else:
            everything = ((case[0], one.name) for one in catalogue[case[0]].cases)
            expanded += [one for one in everything if one not in named]
    return expanded
