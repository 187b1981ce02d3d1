"""The page of clauses is what the catalogue says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel import clause
from pytest_vessel.report.clauses_page import page

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("suite", clause.SUITES)
def test_committed_page_is_fresh(suite: str) -> None:
    committed = (ROOT / "docs" / f"{suite}.md").read_text(encoding="utf-8")
    assert committed == page(suite), f"python -m pytest_vessel.report.clauses_page {suite} > docs/{suite}.md"


@pytest.mark.parametrize("suite", clause.SUITES)
def test_every_clause_is_on_the_page_once(suite: str) -> None:
    text = page(suite)
    for row in clause.load((suite,)):
        assert text.count(f"### {row.id} ") + text.count(f"\n| {row.id} |") == (row.until is None)
