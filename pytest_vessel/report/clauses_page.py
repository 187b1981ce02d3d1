"""The page of a suite's clauses, made from its `clauses.toml` alone. Pure.

`python -m pytest_vessel.report.clauses_page locking > docs/locking.md` writes the one of the documents.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Case, Clause

_HEAD = """\
# The clauses of the suite {suite}

Made from `conformance/{suite}/clauses.toml` by `python -m pytest_vessel.report.clauses_page {suite}`.
`pytest-vessel explain ID` shows one; `pytest-vessel clauses --impl ADDRESS` says which of them an implementation makes
decidable. *Needs*: verbs, choices, roles and features of the adapter, of `copy|overlay` either; *machine*: what this
machine must offer; *mutants*: the known-bad implementations that it must fail; *control*: see
[the control](verdicts.md#the-control). [traceability.md](traceability.md) has the promises that sources name.
"""


def page(suite: str) -> str:
    """The whole page, in Markdown; retired clauses are left out.

    Raises:
        CatalogueError: there is no such suite, or it cannot be read.
    """
    rows = [clause for clause in clauses.load((suite,)) if clause.until is None]
    parts = [_HEAD.format(suite=suite)]
    for profile in dict.fromkeys(clause.profile for clause in rows if clause.due):
        parts.append(f"## {profile}\n")
        parts += ["\n".join(_section(clause)) for clause in rows if clause.due and clause.profile == profile]
    planned = [f"| {row.id} | {row.level} | {row.profile} | {row.sentence} |" for row in rows if row.planned]
    if planned:
        parts.append("\n".join(["## Planned\n", "| clause | level | profile | |", "|---|---|---|---|", *planned, ""]))
    return "\n".join(parts)


def _section(clause: Clause) -> Iterator[str]:
    yield f"### {clause.id} ({clause.level})\n"
    yield f"{clause.sentence}\n"
    yield f"- source: {clause.source}"
    for case in clause.cases:
        yield f"- {_needs(case)}{_control(clause, case)}"
    if clause.kills:
        yield f"- mutants: {', '.join(clause.kills)}"
    if clause.may_declare:
        yield "- an adapter may declare an exception"
    yield ""


def _control(clause: Clause, case: Case) -> str:
    control = clause.control_of(case.name)
    return f"; control: {control}" if control else ""


def _needs(case: Case) -> str:
    named = f"case `{case.name}`: needs " if case.name else "needs "
    machine = f"; machine: {', '.join(case.machine)}" if case.machine else ""
    profile = f"; profile: {case.profile}" if case.profile else ""
    return named + (", ".join(case.needs) or "nothing") + machine + profile


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")
