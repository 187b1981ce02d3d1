"""Which verdicts a run owes: catalogue x options x implementations. Pure but for reading our own test files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_vessel.clause import Catalogue, Clause
from pytest_vessel.errors import UsageProblem
from pytest_vessel.nearest import nearest
from pytest_vessel.row import Row, unlabel
from pytest_vessel.settings import Settings


def due_rows(catalogue: Catalogue, settings: Settings, implementations: Sequence[str]) -> tuple[Row, ...]:
    """All rows that these settings ask for, in the order of implementations and catalogue.

    Raises:
        UsageProblem: a chosen clause or case is unknown, planned, retired, or of a suite that was not chosen.
    """
    chosen = [_chosen(catalogue, text, settings.suites) for text in settings.clauses]
    cases = [
        (clause.id, case.name)
        for clause in catalogue
        if clause.due and clause.suite in settings.suites
        for case in clause.cases
        if not chosen or any(clause.id == one and name in ("", case.name) for one, name in chosen)
    ]
    return tuple(Row(name, clause, case) for name in implementations for clause, case in cases)


def _chosen(catalogue: Catalogue, text: str, suites: Sequence[str]) -> tuple[str, str]:
    where = "--vessel-clause"
    clause, case = find(catalogue, text, where=where)
    if clause.planned:
        raise UsageProblem(f"{clause.id} is planned: it has no tests yet", where=where, mend="Choose another clause.")
    if clause.until:
        raise UsageProblem(f"{clause.id} was retired: {clause.until}", where=where, mend="Choose another clause.")
    if clause.suite not in suites:
        raise UsageProblem(
            f"{clause.id} is in the suite {clause.suite}, which --vessel-suite leaves out",
            where=where,
            mend=f"Leave --vessel-suite out, or add {clause.suite} to it.",
        )
    return clause.id, case


def find(catalogue: Catalogue, text: str, *, where: str = "") -> tuple[Clause, str]:
    """The clause, and the case if one is named, that a word such as `LOCK-019[fifo]` means.

    Raises:
        UsageProblem: there is no such clause or case.
    """
    clause_id, case = unlabel(text)
    try:
        clause = catalogue[clause_id]
    except KeyError:
        raise UsageProblem(
            f"unknown clause {clause_id!r}", where=where, mend=nearest(clause_id.upper(), catalogue.ids)
        ) from None
    names = [one.name for one in clause.cases]
    if case and case not in names:
        mend = f"{clause_id} has no named cases." if names == [""] else nearest(case, names)
        raise UsageProblem(f"{clause_id} has no case {case!r}", where=where, mend=mend)
    return clause, case


def implementations_named(choices: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The implementations that node ids name: `reference` of `...::test_x[reference-LOCK-010]`.

    A name is what stands before the first known clause id; ids without one are passed over.
    """
    names = []
    for choice in choices:
        params = choice.partition("[")[2]
        places = (params.find(f"-{clause.id}") for clause in catalogue)
        if found := [place for place in places if place > 0]:
            names.append(params[: min(found)])
    return tuple(dict.fromkeys(names))
