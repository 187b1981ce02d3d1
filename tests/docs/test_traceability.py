"""Every promise has a clause, every clause a source, and the page says so now."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel import clause, promise
from pytest_vessel.clause import SUITES, Clause, Level
from pytest_vessel.errors import CatalogueError
from pytest_vessel.report.traceability import keepers, page

ROOT = Path(__file__).resolve().parents[2]


def rows(suite: str) -> list[Clause]:
    return [row for row in clause.load((suite,)) if row.until is None]


@pytest.mark.parametrize("suite", SUITES)
def test_every_promise_has_a_clause(suite: str) -> None:
    promised = promise.load(suite)
    assert promised
    assert not [name for name in promised if not keepers(name, rows(suite))]


@pytest.mark.parametrize("suite", SUITES)
def test_every_clause_has_a_source(suite: str) -> None:
    for row in rows(suite):
        promise.check_origin(row.source, where=row.id)


@pytest.mark.parametrize("suite", SUITES)
def test_a_must_comes_from_a_promise(suite: str) -> None:
    assert not [row.id for row in rows(suite) if row.level is Level.MUST and not row.promises]


@pytest.mark.parametrize("suite", SUITES)
def test_sources_repeat_the_short_words(suite: str) -> None:
    promised = promise.load(suite)
    for row in rows(suite):
        for name in row.promises:
            assert f"{name}: {promised[name].short}" in row.source, row.id


def test_numbers_are_in_order_without_a_gap() -> None:
    names = list(promise.load("locking"))
    assert names == [f"S002-{number:02}" for number in range(1, len(names) + 1)]


def test_the_committed_page_is_fresh() -> None:
    committed = (ROOT / "docs" / "traceability.md").read_text(encoding="utf-8")
    assert committed == page(), "python -m pytest_vessel.report.traceability > docs/traceability.md"


def test_links_lead_to_headings() -> None:
    headings = (ROOT / "docs" / "locking.md").read_text(encoding="utf-8")
    for row in rows("locking"):
        if row.due:
            assert f"### {row.id} ({row.level})\n" in headings


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("S002-01: words", ("S002-01",)),
        ("S002-01: words; S002-02: more, S002-09; S002-01: again", ("S002-01", "S002-02")),
        ("fcntl(2): EINTR; S002-03", ("S002-03",)),
        ("experiment: seen", ()),
    ],
)
def test_cited(source: str, found: tuple[str, ...]) -> None:
    promise.check_origin(source, where="here")
    assert promise.cited(source) == found


@pytest.mark.parametrize("source", ["", "somebody said so", "S002-01: words; and more", "S002-1: words", "S002-01:"])
def test_sources_that_are_none(source: str) -> None:
    with pytest.raises(CatalogueError, match="not traceable"):
        promise.check_origin(source, where="here")


def test_a_promise_that_nobody_made() -> None:
    with pytest.raises(CatalogueError, match=r"LOCK-001\]: its source names S002-99, which is no promise"):
        promise.check("S002-99: words", promise.load("locking"), where="[LOCK-001]")


@pytest.mark.parametrize(
    ("name", "row"),
    [("S2-1", {"short": "a", "promise": "b"}), ("S002-01", {"short": "a"}), ("S002-01", {"short": "", "promise": "b"})],
)
def test_promises_that_do_not_fit(name: str, row: dict[str, str]) -> None:
    with pytest.raises(CatalogueError):
        promise._parse(name, row, where="here")
