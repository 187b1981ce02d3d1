"""A conformance run is cut off from the project around it, whatever that configures."""

from __future__ import annotations

from pathlib import Path

import pytest
from starting import Start

from pytest_vessel import clause

RUN = ("-p", "vessel", "--vessel-impl", "careless.toml", "--vessel-clause", "LOCK-094", "--vessel-report", "report")

CONFTEST_AUTOUSE = """
import pytest

@pytest.fixture(autouse=True)
def broken():
    raise RuntimeError("of the project")
"""

CONFTEST_OVERRIDES = """
import pytest

@pytest.fixture
def implementation():
    raise RuntimeError("of the project")

judge = lock_file = case = vessel_holder = vessel_workshop = vessel_builder = implementation
"""

CONFTEST_HOOKS = """
import pytest

def pytest_collection_modifyitems(items):
    items.clear()

def pytest_ignore_collect(collection_path):
    return True

def pytest_collect_file(file_path, parent):
    raise RuntimeError("of the project")

def pytest_runtest_setup(item):
    pytest.skip("of the project")
"""

CASES = sum(len(one.cases) for one in clause.load() if one.due)
"""As many rows as a run against one implementation has."""


def assert_decided(start: Start, *args: str) -> None:
    run = start(*RUN, *args)
    assert run.verdicts == {"LOCK-094": "pass"}, run.text
    assert run.status == 0
    assert run.report["incomplete_because"] == f"{CASES - 1} not chosen"


@pytest.mark.parametrize("text", [CONFTEST_AUTOUSE, CONFTEST_OVERRIDES, CONFTEST_HOOKS, "raise RuntimeError('here')"])
def test_conftest_files_stay_out(start: Start, adapters: Path, pytester: pytest.Pytester, text: str) -> None:
    pytester.makeconftest(text)
    (pytester.mkdir("tests") / "conftest.py").write_text(text)
    assert_decided(start)


INI_KEYS = (
    "norecursedirs = l* c* t* p*",
    "python_files = check_*.py",
    "python_functions = check_*",
    "python_classes = Check",
    "addopts = -m unit",
    "addopts = -k unit",
    "addopts = tests",
    "addopts = --ignore-glob=* --deselect=pytest_vessel --maxfail=1",
    "addopts = --strict-markers --strict-config",
    "testpaths = tests",
    "filterwarnings = error",
    "xfail_strict = true",
    "markers = none",
    "collect_imported_tests = false",
    "enable_assertion_pass_hook = true",
    "empty_parameter_set_mark = fail_at_collect",
    "cache_dir = /dev/null/no",
    "pythonpath = .",
    "log_cli = true",
    "console_output_style = classic",
    "junit_family = legacy",
)
ALONE = [key for key in INI_KEYS if key.startswith("addopts")]
"""It can be there but once."""
TOGETHER = "\n".join(key for key in INI_KEYS if key not in ALONE)


@pytest.mark.parametrize(
    "ini", [TOGETHER, *ALONE, *(pytest.param(key, marks=pytest.mark.full) for key in TOGETHER.splitlines())]
)
def test_ini_keys_change_nothing(start: Start, adapters: Path, pytester: pytest.Pytester, ini: str) -> None:
    """What can be all at once, and in full each alone."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    (pytester.mkdir("tests") / "test_own.py").write_text("def test_own():\n    assert False\n")
    assert_decided(start)


@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_usefixtures_is_refused(
    start: Start, adapters: Path, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makeini("[pytest]\nusefixtures = tmp_path\n")
    run = start(*RUN, *workers)
    assert run.status == 4
    assert "tox.ini: usefixtures: fixtures of the project would run in every clause" in run.err
    assert "Run the suites from another folder" in run.err
    assert "Traceback" not in run.text
    assert not (run.folder / "report").exists()


def test_reruns_are_refused(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(rerunning="def pytest_addoption(parser):\n    parser.addoption('--reruns', type=int)\n")
    run = start(*RUN, "-p", "rerunning", "--reruns", "2")
    assert run.status == 4
    assert "reruns hide verdicts that are not stable" in run.err
    assert_decided(start, "-p", "rerunning")


def test_each_clause_runs_once(start: Start, adapters: Path) -> None:
    run = start(*RUN, "-n2", "--dist", "each")
    assert run.status == 4
    assert "--dist each runs every clause on each worker" in run.err


def test_folders_and_modules_of_the_same_names(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    """`python -m pytest` puts the project's folder first on sys.path."""
    for name in ("conformance", "fixtures", "locking", "tests"):
        folder = pytester.mkdir(name)
        (folder / "__init__.py").write_text("raise RuntimeError('of the project')\n")
        (folder / "test_tool.py").write_text("raise RuntimeError('of the project')\n")
    pytester.makepyfile(decide="raise RuntimeError('of the project')", doing="raise RuntimeError('of the project')")
    assert_decided(start)


@pytest.mark.parametrize(
    "args",
    [
        ("-n1", "--import-mode=importlib", "-W", "error"),
        ("-p", "no:xdist", "-p", "no:cacheprovider", "--import-mode=append", "--strict-markers", "--rootdir", "/"),
        ("-p", "no:terminal"),
        ("-s", "-q", "-q", "--tb=no", "-rN", "--no-header", "--no-summary", "--keep-duplicates"),
        ("-p", "no:warnings", "-p", "no:logging", "-p", "no:doctest", "-p", "no:unittest"),
        ("--doctest-modules", "--doctest-glob=*", "--confcutdir=/", "--basetemp=base", "--collect-in-virtualenv"),
        ("--assert=plain", "--durations=0", "--junitxml=junit.xml", "--setup-show", "-vv"),
        ("--full-trace", "--showlocals"),
    ],
)
def test_other_options_of_pytest(start: Start, adapters: Path, args: tuple[str, ...]) -> None:
    assert_decided(start, *args)
