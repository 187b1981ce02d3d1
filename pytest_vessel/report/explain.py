"""What a clause asks, and why, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Clause
from pytest_vessel.selection import find


def explain(clause_id: str) -> Iterator[str]:
    """The page of a clause, or of one of its cases (`LOCK-019[fifo]`), line by line.

    Raises:
        UsageProblem: there is no such clause or case; names the nearest.
    """
    clause, name = find(clauses.load(), clause_id)
    yield f"{clause.id} ({clause.level}, suite {clause.suite}, profile {clause.profile}){_state(clause)}"
    yield f"  {clause.sentence}"
    yield f"source: {clause.source}"
    for case in clause.cases:
        if name in ("", case.name):
            profile = f"; profile: {case.profile}" if case.profile else ""
            machine = f"; of the machine: {', '.join(case.machine)}" if case.machine else ""
            needs = ", ".join(case.needs) or "nothing"
            control = f"; control: {found}" if (found := clause.control_of(case.name)) else ""
            yield f"{'case ' + case.name if case.name else 'it'} needs {needs}{machine}{profile}{control}"
    yield f"must fail: {', '.join(clause.kills) or 'nothing (it has no verdict)'}"


def _state(clause: Clause) -> str:
    if clause.planned:
        return ": planned, no tests yet"
    return f": retired, {clause.until}" if clause.until else ""
