"""The page of promises and the clauses that keep them, made from the files of the suites alone. Pure.

`python -m pytest_vessel.report.traceability > docs/traceability.md` writes the one of the documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_vessel import clause as clauses
from pytest_vessel import promise as promises
from pytest_vessel.clause import SUITES, Clause
from pytest_vessel.promise import Promise

_HEAD = """\
# From promises to clauses

Made from the `promises.toml` and `clauses.toml` of each suite by `python -m pytest_vessel.report.traceability`.
A promise is what a document that a suite was made from says, in our words: the document itself is not in here. Every
promise has a clause, and every clause a source; `tests/docs/test_traceability.py` sees to it.

`S000` is the description of a change of pressure-vessel, which made its work in the overrides folder relative to a file
descriptor. `S002` is the file locking model that it publishes.
"""


def page(suites: Sequence[str] = SUITES) -> str:
    """The whole page, in Markdown; retired clauses are left out.

    Raises:
        CatalogueError: a suite cannot be read, or a source is not traceable.
    """
    return "\n".join([_HEAD, *("\n".join(_section(suite)) for suite in suites)])


def _section(suite: str) -> Iterator[str]:
    rows = [row for row in clauses.load((suite,)) if row.until is None]
    promised = promises.load(suite)
    yield f"## The suite {suite}\n"
    yield f"{len(promised)} promises, {len(rows)} clauses. A clause in parentheses is planned: it has no tests yet.\n"
    yield "| promise | | clauses |\n|---|---|---|"
    for one in promised.values():
        yield f"| {one.id} | {one.sentence} | {', '.join(keepers(one.id, rows))} |"
    yield "\n### Clauses that come from elsewhere\n"
    yield "| clause | source |\n|---|---|"
    for row in rows:
        if elsewhere := _elsewhere(row, promised):
            yield f"| {_named(row, suite)} | {elsewhere} |"
    yield ""


def keepers(promise: str, rows: Sequence[Clause]) -> list[str]:
    """The clauses that come from a promise, as links to their page."""
    return [_named(row, row.suite) for row in rows if promise in row.promises]


def _named(row: Clause, suite: str) -> str:
    if row.planned:
        return f"({row.id})"
    return f"[{row.id}]({suite}.md#{row.id.lower()}-{row.level.lower()})"


def _elsewhere(row: Clause, promised: Mapping[str, Promise]) -> str:
    parts = row.source.split("; ")
    return "; ".join(part for part in parts if part.partition(":")[0] not in promised)


if __name__ == "__main__":
    print(page(), end="")
