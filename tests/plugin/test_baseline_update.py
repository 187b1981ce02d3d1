"""`--vessel-baseline-update`: from a complete run only, and no run is red for what it writes down."""

from __future__ import annotations

from pathlib import Path

import pytest
from starting import Start, Suite

from pytest_vessel.judge.baseline import fingerprint

FILE = Path("known.toml")
UPDATE = ("--vessel-baseline", "known.toml", "--vessel-baseline-update")
OLD = """\
# of a team
[careless."MADE-001"]
fingerprint = "000000000000"
reason = "flaky"

[careless."MADE-002"]  # stays
fingerprint = "{0}"
reason = "by design"

[careless."MADE-003[first]"]
fingerprint = "{0}"
reason = "fixed by now"
""".format(fingerprint(["thing: not-well"]))


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_first_file_then_green(start: Start, made_up_suite: Suite, workers: tuple[str, ...]) -> None:
    options = made_up_suite(one="ill", two="ill")
    first = start(*options, *UPDATE, *workers)
    assert first.status == 0
    first.result.assert_outcomes(passed=2, xfailed=2)
    assert f"baseline updated: 2 added, 0 changed, 0 removed, 0 kept; 2 to be explained ({first.folder}/" in first.out
    assert first.line_of("MADE-001")["expectation"] == "unexpected", "as it was when the run began"
    content = FILE.read_bytes()
    then = start(*options, *UPDATE[:2], *workers)
    assert then.status == 0
    assert "warning: 2 reasons are still to be explained: MADE-001 (" in then.out
    assert start(*options, *UPDATE).status == 0
    assert FILE.read_bytes() == content


def test_smallest_change(start: Start, made_up_suite: Suite) -> None:
    FILE.write_text(OLD)
    run = start(*made_up_suite(one="ill", two="ill", second="ill"), *UPDATE, "-v")
    assert run.status == 0
    assert "baseline updated: 1 added, 1 changed, 1 removed, 1 kept; 2 to be explained" in run.out
    assert "PASS (stale" not in run.out
    assert "FAIL (goes into the baseline)" in run.out
    found = fingerprint(["thing: not-well"])
    assert (
        FILE.read_text()
        == f"""\
# of a team
[careless."MADE-001"]
fingerprint = "{found}"
findings = ["thing: not-well"]
reason = "to be explained; before (000000000000): flaky"

[careless."MADE-002"]  # stays
fingerprint = "{found}"
reason = "by design"

[careless."MADE-003[second]"]
fingerprint = "{found}"
findings = ["thing: not-well"]
reason = "to be explained"
"""
    )
    assert [path.name for path in Path().iterdir() if path.name.startswith(".known")] == []


def test_errors_stay_red_and_change_nothing(start: Start, made_up_suite: Suite) -> None:
    FILE.write_text(OLD)
    run = start(*made_up_suite(one="raise", two="ill", first="ill"), *UPDATE)
    assert run.status == 1
    assert "baseline updated: 0 added, 0 changed, 0 removed, 3 kept" in run.out
    assert FILE.read_text() == OLD


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--vessel-clause", "MADE-001"), "--vessel-clause"),
        (("-k", "MADE-001"), "-k"),
        (("-m", "not slow"), "-m"),
        (("-x",), "-x or --maxfail"),
        (("--maxfail=3",), "-x or --maxfail"),
        (("--deselect", "pytest_vessel/conformance/made_up"), "--deselect"),
        (("--lf",), "--lf"),
        (("--sw",), "--sw"),
        (("--collect-only",), "--collect-only"),
        (("pytest_vessel/conformance/made_up/test_made_up.py",), "pytest_vessel/conformance/made_up/test_made_up.py"),
    ],
)
def test_refused_before_a_partial_run(start: Start, made_up_suite: Suite, options: tuple[str, ...], named: str) -> None:
    FILE.write_text(OLD)
    run = start(*made_up_suite(one="ill"), *UPDATE, *options)
    assert run.status == 4
    assert f"--vessel-baseline-update: {named} may leave out cases" in run.err
    assert "Traceback" not in run.text
    assert not run.report
    assert FILE.read_text() == OLD


LEFT_OUT = """
def pytest_collection_modifyitems(items, config):
    left = [item for item in items if "MADE-002" in item.nodeid]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)
"""
DROPPED = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "MADE-002" not in item.nodeid]
"""
STOPPED = """
def pytest_runtest_call(item):
    if "MADE-001" in item.nodeid:
        item.session.shouldfail = "enough"
"""
CRASHED = """
import os

def pytest_runtest_call(item):
    if "MADE-002" in item.nodeid:
        os._exit(9)
"""


@pytest.mark.parametrize(
    ("plugin", "workers", "why"),
    [
        (LEFT_OUT, (), "1 deselected"),
        (LEFT_OUT, ("-n2",), "1 deselected"),
        (DROPPED, (), "1 lost"),
        (STOPPED, (), "5 stopped"),
        (CRASHED, ("-n2",), "1 crashed"),
    ],
    ids=["deselected", "deselected on workers", "lost", "stopped", "crashed"],
)
def test_refused_after_an_incomplete_run(
    start: Start, made_up_suite: Suite, pytester: pytest.Pytester, plugin: str, workers: tuple[str, ...], why: str
) -> None:
    FILE.write_text(OLD)
    pytester.makepyfile(meddling=plugin)
    run = start(*made_up_suite(one="ill"), *UPDATE, "-p", "meddling", *workers)
    assert run.status == 4
    assert f"baseline not updated: {why}; only a complete run may write {run.folder}/known.toml\n" in run.out
    assert FILE.read_text() == OLD
    assert run.lines[-1]["exit_status"] == 4


def test_interruption_stays_one(start: Start, made_up_suite: Suite) -> None:
    FILE.write_text(OLD)
    run = start(*made_up_suite(two="exit"), *UPDATE)
    assert run.status == 2
    assert "baseline not updated: " in run.out
    assert FILE.read_text() == OLD


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--vessel-baseline-update",), "--vessel-baseline-update: there is no file to write"),
        (("--vessel-baseline", "builtin", "--vessel-baseline-update"), "there is no file to write"),
        (("--vessel-baseline", "no/known.toml", "--vessel-baseline-update"), "no/known.toml: its folder cannot be"),
        (("--vessel-baseline", ""), "--vessel-baseline: names no file"),
        (("--vessel-baseline", "none.toml"), "none.toml: there is no such file"),
        (("--vessel-baseline", "builtin"), "--vessel-baseline builtin: nothing is built in about careless"),
        (("--vessel-baseline", "bad.toml"), "bad.toml: careless.MADE-001.reson: is not a known key"),
        (("--vessel-baseline", "odd.toml", "--vessel-baseline-update"), "odd.toml: MADE-001 cannot be updated in"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_bad_input_is_one_error(
    start: Start, made_up_suite: Suite, options: tuple[str, ...], what: str, workers: tuple[str, ...]
) -> None:
    Path("bad.toml").write_text('[careless.MADE-001]\nreson = "x"\n')
    Path("odd.toml").write_text('careless.MADE-001 = { fingerprint = "000000000000", reason = "x" }\n')
    run = start(*made_up_suite(), *options, *workers)
    assert run.status == 4
    assert what in run.err
    assert "Traceback" not in run.text
    assert len(run.text.splitlines()) <= 24
    assert not run.report


@pytest.mark.parametrize("option", ["--vessel-baseline=known.toml", "--vessel-baseline-update"])
def test_no_meaning_outside_of_a_conformance_run(start: Start, option: str) -> None:
    run = start(option)
    assert run.status == 4
    assert "has a meaning in a conformance run only" in run.err
