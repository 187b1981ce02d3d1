"""What pytest, xdist and packaging do to a plugin, fact by fact, and the tests that hold our answer to each.

====================================================================== =================================================
fact                                                                   held by
====================================================================== =================================================
package-dir maps our folders; nothing else at the top of site-packages packaging/test_contents
a checkout is an editable install; no `__path__` tricks                `test_tests_are_no_part_of_the_package`
the sdist takes only what is named                                     packaging/test_contents
assertions of suites are rewritten                                     `test_suites_are_imported_once_and_rewritten`
`replay` does not import pytest                                        test_replay (`test_same_verdicts_elsewhere`)
`named` is what stands on the command line, never addopts              test_invocation
workers parse the command line again                                   test_workers, `test_workers_elsewhere`
a project's norecursedirs, python_files, addopts, testpaths            test_isolation, `test_all_of_it_at_once`
a project's conftest files: autouse fixtures, overrides, hooks         test_isolation, `test_all_of_it_at_once`
ini `usefixtures` and rerun plugins                                    test_isolation (refused)
what is missing is `not_run`, and fails                                test_missing_rows
the header prints testpaths where `args_source` is not set             `test_header_names_no_testpaths`
five node ids for one test, by rootdir and way of start                test_nodeids
`--pyargs`, `--lf`, `-k`, `--collect-only`, importlib, no autoload     test_nodeids, test_isolation, test_invocation
`python -m pytest` puts the folder on sys.path, `pytest` does not      test_isolation, test_invocation
what execnet cannot carry ends with "no tests ran" and status 0        `test_text_that_no_transport_carries`
a surrogate in a message: status 3                                     `test_text_that_no_transport_carries`
sessionfinish may set the exit status, also with workers               test_missing_rows, test_workers
hooks of xdist are optional                                            test_isolation (`-p no:xdist`)
the seed is drawn by the controller                                    test_workers
`--dist loadgroup` may be ignored: no grouping is relied on            `test_any_distribution_of_items`
every marker is registered                                             test_isolation (`--strict-markers`)
testinfra owns the fixture `host` and ten options                      packaging/test_testinfra
remote workers: names, not paths                                       `test_workers_elsewhere`
`tmp_path` is cleaned up through leaked mounts: nothing of ours there  unit/test_work, unit/test_work_planted
====================================================================== =================================================
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from starting import QUICK, Start, Suite

import pytest_vessel

RUN = ("-p", "vessel", "--vessel-impl", "careless.toml", "--vessel-report", "report")

PROJECT_INI = """
[pytest]
norecursedirs = l* c* p* t*
python_files = check_*.py
python_functions = check_*
addopts = -m unit -k unit --hosts=web,db --strict-markers -p no:cacheprovider --maxfail=1 tests
testpaths = tests
markers = unit: of the project
filterwarnings = error
"""
PROJECT_CONFTEST = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--hosts", required=True, help="of the project")

def pytest_configure(config):
    raise RuntimeError("of the project")

@pytest.fixture(autouse=True)
def everywhere(request):
    raise RuntimeError("of the project")

@pytest.fixture
def host():
    raise RuntimeError("of the project")

implementation = judge = vessel_workshop = host
"""


@pytest.mark.parametrize("way", [(), ("-n2",), ("-p", "no:xdist", "-v")])
def test_all_of_it_at_once(start: Start, adapters: Path, pytester: pytest.Pytester, way: tuple[str, ...]) -> None:
    pytester.makeini(PROJECT_INI)
    pytester.makeconftest(PROJECT_CONFTEST)
    (pytester.mkdir("tests") / "check_own.py").write_text("def check_own():\n    assert False\n")
    run = start(*RUN, *QUICK, *way)
    assert run.verdicts == {"LOCK-092[create]": "fail", "LOCK-092[no-create]": "fail", "LOCK-094": "pass"}, run.text
    assert "of the project" not in run.text


def test_the_same_project_with_its_own_hosts_and_our_fixtures(start: Start, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --hosts=web\nnorecursedirs = l*\n")
    pytester.makeconftest(PROJECT_CONFTEST.partition("def pytest_configure")[0])
    pytester.makepyfile("def test_own(pytestconfig, vessel_locks):\n    assert pytestconfig.option.hosts == 'web'\n")
    run = start("-v")
    assert run.status == 0
    assert "1 passed" in run.out


def test_header_names_no_testpaths(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    pytester.mkdir("tests")
    assert "testpaths: tests" in start("--collect-only").out
    run = start(*RUN, *QUICK)
    assert run.verdicts
    assert "testpaths: " not in run.out


IMPORTED = """
import sys
from pathlib import Path

def pytest_sessionfinish():
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    ours = sorted(name for name, file in files.items() if file and "/conformance/locking/" in file)
    loader = type(sys.modules["pytest_vessel.conformance.locking.test_tool"].__loader__).__name__
    Path("imported").write_text("\\n".join([loader, *ours]))
"""


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_suites_are_imported_once_and_rewritten(
    start: Start, adapters: Path, pytester: pytest.Pytester, mode: str
) -> None:
    pytester.makepyfile(imported_plugin=IMPORTED)
    assert start(*RUN, *QUICK, "-p", "imported_plugin", f"--import-mode={mode}").verdicts
    loader, *names = Path("imported").read_text().splitlines()
    assert loader == "AssertionRewritingHook"
    assert "pytest_vessel.conformance.locking.test_tool" in names
    assert all(name.startswith("pytest_vessel.conformance.locking") for name in names)


def test_tests_are_no_part_of_the_package() -> None:
    package = Path(pytest_vessel.__file__)
    assert package.read_text() == ""
    assert len(pytest_vessel.__path__) == 1
    for name in ("tests", "pytest_vessel", "docs", "benchmarks"):
        assert find_spec(f"pytest_vessel.{name}") is None
    assert find_spec("pytest_vessel.conformance.conftest") is None


MEDDLES = """
import pytest

class NoTransport:
    pass

@pytest.fixture(autouse=True)
def in_the_way(request):
    request.node.user_properties.append(("text", "\\udcff\\x00\\x1b[31m"))
    yield
    raise RuntimeError("\\udcff\\ud800 \\x1b[31m \\x00 \\u202e", NoTransport())
"""


@pytest.mark.parametrize("way", [("-n2",), ()])
def test_text_that_no_transport_carries(
    start: Start, made_up_suite: Suite, pytester: pytest.Pytester, way: tuple[str, ...]
) -> None:
    pytester.makepyfile(meddles=MEDDLES)
    run = start(*made_up_suite(one="raise"), "-p", "meddles", *way)
    assert run.status == 1
    assert set(run.verdicts.values()) == {"error", "unsupported"}
    assert run.line_of("MADE-002")["why"].startswith("RuntimeError: ('\\udcff\\ud800 ")
    assert "\x1b[31m" not in run.out
    assert "\u202e" not in run.out


def test_workers_elsewhere(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    """A worker in another folder, as a remote one is: it resolves nothing by its own folder.

    An argument that is the name of a file is refused by xdist itself then: hence the `=`.
    """
    elsewhere = pytester.mkdir("elsewhere")
    tx = f"popen//python={sys.executable}//chdir={elsewhere}"
    words = ("-p", "vessel", f"--vessel-impl={adapters}/careless.toml", "--vessel-report=report", *QUICK)
    run = start(*words, "--dist", "load", "--tx", tx)
    assert run.verdicts == {"LOCK-092[create]": "fail", "LOCK-092[no-create]": "fail", "LOCK-094": "pass"}, run.text
    assert {line["worker"] for line in run.lines[1:-1]} == {"gw0"}
    assert str(elsewhere) not in run.out.replace(tx, "")
    assert not (elsewhere / "report").exists()


@pytest.mark.parametrize("dist", ["loadscope", "loadgroup", "worksteal", "no"])
def test_any_distribution_of_items(start: Start, adapters: Path, dist: str) -> None:
    """`-n2` alone, as elsewhere, is `load`."""
    run = start(*RUN, *QUICK, "-n2", "--dist", dist)
    assert run.verdicts == {"LOCK-092[create]": "fail", "LOCK-092[no-create]": "fail", "LOCK-094": "pass"}, run.text
