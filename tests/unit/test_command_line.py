"""Reading a command line: pure, from a parsed namespace."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest

from pytest_vessel.invocation import PREFIX, Invocation, concerns_us, read, selects

ROOT = "/site/pytest_vessel/conformance"


def line(*paths: str, plugins: tuple[str, ...] = (), **options: Any) -> Invocation:
    unset = dict.fromkeys(("vessel_impl", "vessel_suite", "vessel_clause", "vessel_level", "vessel_report"))
    unset |= {"vessel_schedule": None, "vessel_strict": False, "vessel_baseline": None, "vessel_baseline_update": False}
    given = Namespace(file_or_dir=list(paths), plugins=list(plugins), **{**unset, **options})
    return read(given, ROOT, "/home/somebody")


@pytest.mark.parametrize(
    ("found", "conformance"),
    [
        (line(), False),
        (line(plugins=("vessel",)), True),
        (line(plugins=("pytest_vessel.plugin",)), True),
        (line(plugins=(" vessel",)), True),
        (line(plugins=("no:vessel",)), False),
        (line(plugins=("vessel",), vessel_strict=True), True),
        (line(vessel_impl=["x"]), True),
        (line(vessel_suite=["x"]), True),
        (line(vessel_clause=["x"]), True),
        (line(vessel_strict=True), False),
        (line(vessel_baseline="x.toml"), False),
        (line("tests"), False),
        (line("tests", plugins=("vessel",), vessel_impl=["x"]), False),
        (line(PREFIX), True),
        (line(f"{PREFIX}/locking", vessel_impl=["x"]), True),
    ],
)
def test_what_asks_for_a_conformance_run(found: Invocation, conformance: bool) -> None:
    assert found.conformance is conformance


@pytest.mark.parametrize(
    ("argument", "ours"),
    [
        ("pytest_vessel/conformance", PREFIX),
        ("pytest_vessel/conformance/", PREFIX),
        ("pytest_vessel.conformance", PREFIX),
        ("pytest_vessel.conformance.locking", f"{PREFIX}/locking"),
        ("pytest_vessel.conformance.locking.test_tool", f"{PREFIX}/locking/test_tool.py"),
        ("pytest_vessel.conformance.locking.test_tool::test_x[a-b]", f"{PREFIX}/locking/test_tool.py::test_x[a-b]"),
        ("pytest_vessel/conformance/locking/test_tool.py::t[a/b::c]", f"{PREFIX}/locking/test_tool.py::t[a/b::c]"),
        (f"{ROOT}/locking/test_tool.py::t", f"{PREFIX}/locking/test_tool.py::t"),
        (f"../../{ROOT}/locking/", f"{PREFIX}/locking"),
        (ROOT, PREFIX),
    ],
)
def test_arguments_of_ours(argument: str, ours: str) -> None:
    found = line(argument)
    assert found.ours == (ours,)
    assert found.others == ()


@pytest.mark.parametrize(
    "argument", ["conformance", "pytest_vessel/conformances", "pytest_vessel", "pytest_vessel.conformancex", f"{ROOT}x"]
)
def test_arguments_of_others(argument: str) -> None:
    assert line(argument).others == (argument,)


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (line(PREFIX, "tests"), f"{PREFIX} is a conformance test, tests is not"),
        (line("tests", vessel_clause=["x"]), "--vessel-clause chooses from the conformance suites, tests is not one"),
        (line(vessel_level="must"), "--vessel-level has a meaning in a conformance run only"),
        (line("tests", vessel_impl=["x"]), ""),
        (line(vessel_impl=["x"], vessel_level="must"), ""),
        (line(), ""),
    ],
)
def test_contradictions(found: Invocation, what: str) -> None:
    assert found.contradiction.startswith(what)
    assert bool(found.contradiction) == bool(what)


def test_most_command_lines_need_no_look() -> None:
    assert not concerns_us(("-x", "tests/", "-p", "xdist"))
    for args in (("-pvessel",), ("--vessel-impl=x",), (PREFIX,), ("@file",)):
        assert concerns_us(args)


@pytest.mark.parametrize(
    ("choice", "nodeid", "expected"),
    [
        ("a/b", "a/b/c.py::t[x]", True),
        ("a/b/c.py", "a/b/c.py::t[x]", True),
        ("a/b/c.py::t", "a/b/c.py::t[x]", True),
        ("a/b/c.py::t[x]", "a/b/c.py::t[x]", True),
        ("a/b/c.py::t[x", "a/b/c.py::t[x]", False),
        ("a/b/c.py::t", "a/b/c.py::tt[x]", False),
        ("a/b", "a/bc/d.py::t[x]", False),
        ("a/b/c.py::t[x]", "a/b/c.py::t[xy]", False),
    ],
)
def test_choices(choice: str, nodeid: str, expected: bool) -> None:
    assert selects(choice, nodeid) is expected
