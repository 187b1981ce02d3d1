"""The roots that captures are tried on are what they say: to the loader, and case by case."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel import clause
from pytest_vessel.conformance.overrides import roots
from pytest_vessel.conformance.overrides.architectures import this_machine
from pytest_vessel.conformance.overrides.capturing import Recipe
from pytest_vessel.conformance.overrides.damages import DAMAGES
from pytest_vessel.conformance.overrides.escapes import ESCAPES
from pytest_vessel.conformance.overrides.loads import LOADS, MAIN, WITHOUT_CACHE
from pytest_vessel.conformance.overrides.patterns import PATTERNS
from pytest_vessel.conformance.overrides.rules import RULES
from pytest_vessel.errors import HarnessError
from pytest_vessel.system import loader_trace
from pytest_vessel.system.made_elf import Made
from pytest_vessel.system.stage import Stage

OUTSIDE = Path("/nowhere/outside")
RECIPES = {**RULES, **PATTERNS, **DAMAGES}


def traced(stage: Stage, root: Path) -> dict[str, str]:
    found = dict(loader_trace.loaded(stage, root, this_machine().loader, roots.place(MAIN)))
    return {name: path.removeprefix(f"{roots.usual_folder()}/") for name, path in found.items()}


@pytest.mark.vessel_needs("bubblewrap")
@pytest.mark.parametrize(
    ("case", "paths"),
    [
        ("chain", {"liblow.so.2": "liblow.so.2", "libdeep.so.3": "libdeep.so.3"}),
        ("cache", {"liblow.so.2": f"{roots.CACHED}/liblow.so.2"}),
        ("no-cache", {"liblow.so.2": "liblow.so.2"}),
        ("rpath-is-inherited", {"liblow.so.2": "/opt/lib/liblow.so.2", "libdeep.so.3": "/opt/lib/libdeep.so.3"}),
        ("runpath-is-not-inherited", {"liblow.so.2": "/opt/lib/liblow.so.2", "libdeep.so.3": "libdeep.so.3"}),
        ("runpath-voids-rpath", {"liblow.so.2": "liblow.so.2"}),
        ("origin", {"liblow.so.2": "private/liblow.so.2"}),
        ("wrong-class-first", {"liblow.so.2": "/opt/lib/liblow.so.2"}),
    ],
)
def test_what_the_loader_says(stage: Stage, tmp_path: Path, case: str, paths: dict[str, str]) -> None:
    root = roots.write(tmp_path, LOADS[case], cached=case not in WITHOUT_CACHE)
    assert traced(stage, root) == paths


@pytest.mark.vessel_needs("bubblewrap")
@pytest.mark.parametrize("case", sorted(LOADS))
def test_the_loader_lists_something_in_each(stage: Stage, tmp_path: Path, case: str) -> None:
    assert "liblow.so.2" in traced(stage, roots.write(tmp_path, LOADS[case], cached=case not in WITHOUT_CACHE))


@pytest.mark.vessel_needs("bubblewrap")
def test_what_the_loader_refuses_is_nothing_to_compare_with(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="lists nothing"):
        traced(stage, roots.write(tmp_path, {MAIN: b"text"}))


def recipes() -> list[Recipe]:
    return [*RECIPES.values(), *(make(OUTSIDE) for make in ESCAPES.values())]


def test_what_is_taken_is_in_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_vessel.conformance.overrides.escapes.write", lambda *_: None)
    for recipe in recipes():
        for file in (recipe.taken or {}).values():
            assert isinstance(recipe.provider[file], Made), file


def test_cases_are_those_of_the_clauses() -> None:
    tables = {"OVER-040": LOADS, "OVER-041": RULES, "OVER-042": PATTERNS, "OVER-043": ESCAPES, "OVER-044": DAMAGES}
    for one in clause.load(("overrides",)):
        if one.id in tables:
            assert [case.name for case in one.cases] == list(tables[one.id])
            told = {name for name, recipe in tables[one.id].items() if getattr(recipe, "knowledge", "")}
            assert told == {case.name for case in one.cases if "choices.knowledge.yes" in case.needs}
