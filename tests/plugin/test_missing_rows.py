"""A run that lost a row never exits 0; what somebody left out knowingly is named, and no failure."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from polling import wait_until
from starting import Start, Started, Suite

ALL = ["MADE-001", "MADE-002", "MADE-003[first]", "MADE-003[second]", "MADE-004", "MADE-005"]


def plugin(pytester: pytest.Pytester, text: str) -> tuple[str, ...]:
    """A plugin of the project, which no isolation keeps out: it was asked for on the command line."""
    pytester.makepyfile(meddling=text)
    return ("-p", "meddling")


def assert_lost(run: Started, *labels: str) -> None:
    assert run.status == 1
    assert run.reasons == dict.fromkeys(labels, "lost")
    assert run.report["complete"] is False
    assert f"incomplete: {len(labels)} lost" in run.out
    finished = run.lines[-1]
    assert [row["clause"] for row in finished["lost"]] == [label.partition("[")[0] for label in labels]


DROPPED = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "MADE-002" not in item.nodeid]
"""


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_dropped_item(start: Start, made_up_suite: Suite, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    assert_lost(start(*made_up_suite(), *plugin(pytester, DROPPED), *workers), "MADE-002")


REPORT_ATTRIBUTE_LOST = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    if "MADE-001" in report.nodeid and report.when == "call":
        vars(report).pop("vessel", None)
"""


def test_lost_attribute_of_a_report(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    assert_lost(start(*made_up_suite(), *plugin(pytester, REPORT_ATTRIBUTE_LOST)), "MADE-001")


NOTHING_RUNS = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    return True
"""


def test_nothing_runs(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    assert_lost(start(*made_up_suite(), *plugin(pytester, NOTHING_RUNS)), *ALL)


COLLECTS_NOTHING = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    session.items = []
    return True
"""


def test_nothing_is_collected(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    assert_lost(start(*made_up_suite(), *plugin(pytester, COLLECTS_NOTHING)), *ALL)


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_deselected(start: Start, made_up_suite: Suite, workers: tuple[str, ...]) -> None:
    run = start(*made_up_suite(), "-k", "MADE-001 or second", *workers)
    assert run.status == 0
    left_out = [label for label in ALL if label not in ("MADE-001", "MADE-003[second]")]
    assert run.reasons == dict.fromkeys(left_out, "deselected")
    assert run.report["complete"] is False
    assert run.report["incomplete_because"] == "4 deselected"
    assert "incomplete: 4 deselected" in run.out


def test_everything_deselected_decides_nothing(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(), "-k", "nowhere")
    assert run.status == 5
    assert run.reasons == dict.fromkeys(ALL, "deselected")


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_stopped(start: Start, made_up_suite: Suite, option: str) -> None:
    run = start(*made_up_suite(two="raise"), option)
    assert run.status == 1
    assert run.reasons == dict.fromkeys(ALL[2:], "stopped")
    assert run.report["incomplete_because"] == "4 stopped"


def test_stopped_with_workers(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="ill", two="ill", first="ill"), "--maxfail=1", "-n2")
    assert run.status in (1, 2)
    assert set(run.verdicts) == set(ALL)
    assert set(run.reasons.values()) <= {"stopped", "interrupted"}
    assert "lost" not in run.text


CRASH = """
import os

def pytest_runtest_call(item):
    if "MADE-002" in item.nodeid:
        os._exit(9)
"""


def test_crashed_worker(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    run = start(*made_up_suite(), *plugin(pytester, CRASH), "-n2")
    assert run.status == 1
    assert run.reasons == {"MADE-002": "crashed"}
    assert run.verdicts["MADE-003[second]"] == "pass"
    assert run.lines[-1]["line"] == "finished"


def test_broken_suite(start: Start, made_up_suite: Suite) -> None:
    options = made_up_suite()
    Path("suites/made_up/test_more.py").write_text("raise RuntimeError('in the suite')\n")
    run = start(*options)
    assert run.status in (1, 2)
    assert "in the suite" in run.out
    assert set(run.reasons) == set(ALL)
    assert run.lines[-1]["exit_status"] == run.status


def test_clause_without_a_test(start: Start, made_up_suite: Suite) -> None:
    options = made_up_suite()
    clauses = Path("suites/made_up/clauses.toml")
    clauses.write_text(clauses.read_text().replace("planned = true", ""))
    assert_lost(start(*options), "MADE-006")


INTERNAL = """
def pytest_runtestloop(session):
    raise RuntimeError("in a plugin")
"""


def test_internal_error(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    run = start(*made_up_suite(), *plugin(pytester, INTERNAL))
    assert run.status == 3
    assert run.lines[-1]["exit_status"] == 3


HELD = """
import signal
from pathlib import Path

def pytest_runtest_call(item):
    if "MADE-002" in item.nodeid:
        Path("reached").touch()
        signal.pause()
"""


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_interrupted(start: Start, made_up_suite: Suite, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    options = (*made_up_suite(), *plugin(pytester, HELD), *workers)
    held = subprocess.Popen([sys.executable, "-m", "pytest", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(Path("reached"), held)
    held.send_signal(signal.SIGINT)
    out, err = held.communicate(timeout=60)
    assert held.returncode == 2, (out, err)
    run = Started(pytest.RunResult(2, out.decode().splitlines(), err.decode().splitlines(), 0.0), pytester.path)
    assert run.verdicts["MADE-001"] == "pass"
    assert run.reasons == dict.fromkeys(ALL[1:], "interrupted")
    assert run.report["incomplete_because"] == "5 interrupted"
    assert "\nincomplete: 5 interrupted\n" in run.out


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Poll for a file that `process` makes; its end is a failure, and so is a minute without it."""
    assert wait_until(lambda: path.exists() or process.poll() is not None, 60)
    assert path.exists()
