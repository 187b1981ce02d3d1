"""The known failures that are part of the package: they fit the catalogue, and each has a row in `docs/findings.md`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_vessel import clause
from pytest_vessel.adapter import registry
from pytest_vessel.baselines.chosen import BUILT_IN, baseline_of, built_in, built_in_lines
from pytest_vessel.errors import UsageProblem
from pytest_vessel.judge.offer import Offer
from pytest_vessel.settings import Settings

FINDINGS = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
CATALOGUE = clause.load()
SETTINGS = Settings("5eed", baseline=BUILT_IN)


def test_each_is_about_an_implementation_that_is_built_in() -> None:
    assert built_in() == ("bubblewrap", "capsule-capture-libs", "flatpak", "pressure-vessel", "systemd-nspawn")
    assert set(built_in()) < set(registry.built_in())


@pytest.mark.parametrize("name", built_in())
def test_each_line_is_explained_and_documented(name: str) -> None:
    rows = [line for line in FINDINGS.read_text().splitlines() if line.startswith(("| LOCK-", "| OVER-"))]
    documented = {word for row in rows for word in re.findall(r"[A-Z]+-\d+(?:\[[\w-]+\])?", row)}
    lines = built_in_lines(name, CATALOGUE)
    assert lines
    for line in lines:
        known = line.known
        assert known.implementation == name
        assert {known.label, known.clause} & documented, known.label
        assert known.findings, "a message can name what is known"
        assert not known.unexplained
        assert "docs/findings.md" in known.reason
        assert line.when.version, "seen in one version, not in all"
        assert line.own_table


def test_they_apply_to_the_version_that_was_seen() -> None:
    def count(version: str) -> tuple[int, int]:
        found = baseline_of(SETTINGS, CATALOGUE, [Offer("bubblewrap", version)], kernel="6.18")
        return len(found.known), found.elsewhere

    known, elsewhere = count("bubblewrap 0.8.0")
    assert (known > 0, elsewhere) == (True, 0)
    assert count("bubblewrap 0.9.0") == (0, known)


def test_each_implementation_gets_its_own() -> None:
    offers = [Offer("flatpak", "Flatpak 1.14.10"), Offer("reference", "1"), Offer("bubblewrap", "bubblewrap 0.8.0")]
    found = baseline_of(SETTINGS, CATALOGUE, offers, kernel="6.18")
    assert {known.implementation for known in found.known} == {"bubblewrap", "flatpak"}
    assert found.files == ("built-in flatpak.toml", "built-in bubblewrap.toml")
    with pytest.raises(UsageProblem, match="nothing is built in about reference"):
        baseline_of(SETTINGS, CATALOGUE, offers[1:2], kernel="6.18")
