"""Clauses 007 and 040 to 044: what is captured of a provider for a container."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides import roots
from pytest_vessel.conformance.overrides.architectures import this_machine
from pytest_vessel.conformance.overrides.capturing import Recipe, capture, captured, scene
from pytest_vessel.conformance.overrides.damages import DAMAGES
from pytest_vessel.conformance.overrides.escapes import ESCAPES
from pytest_vessel.conformance.overrides.loads import LOADS, MAIN, WITHOUT_CACHE
from pytest_vessel.conformance.overrides.patterns import PATTERNS
from pytest_vessel.conformance.overrides.rules import BOTH, NEWER, PROVIDER, RULES
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.system import loader_trace


@clause("OVER-007")
def test_even_if_older(implementation: Implementation, judge: Judge) -> None:
    patterns = ("even-if-older:soname:liblow.so.2", "even-if-older:soname:libtop.so.1")
    judge(capture(implementation, Recipe(PROVIDER, patterns, BOTH, NEWER)))


@clause("OVER-040")
def test_what_the_loader_loads(implementation: Implementation, case: str, judge: Judge) -> None:
    here = scene(implementation, LOADS[case], cached=case not in WITHOUT_CACHE)
    main, loader = roots.place(MAIN), this_machine().loader
    traced = dict(loader_trace.loaded(implementation.stage, here.provider, loader, main))
    wanted = {name: _resolved(here.provider, path) for name, path in {**traced, MAIN: main}.items()}
    judge(captured(here, (f"soname:{MAIN}",), wanted))


def _resolved(root: Path, path: str) -> str:
    """The file itself; these roots have relative links alone, which lead to names beside them."""
    return "/" + os.path.relpath(os.path.realpath(root / path[1:]), root)


@clause("OVER-041")
def test_rule(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(capture(implementation, RULES[case]))


@clause("OVER-042")
def test_pattern(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(capture(implementation, PATTERNS[case]))


@clause("OVER-043")
def test_links_of_a_root(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(capture(implementation, ESCAPES[case](implementation.outside)))


@clause("OVER-044")
def test_what_is_no_library(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(capture(implementation, DAMAGES[case]))
