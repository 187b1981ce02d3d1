"""The pytest plugin: options, fixtures, and the decision whether this is a conformance run.

Loaded into every pytest of the environment, so it imports nothing that pytest does not; all else waits until it is
needed.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("pytest_vessel.conformance")

from typing import TYPE_CHECKING  # noqa: E402

from pytest_vessel import invocation  # noqa: E402
from pytest_vessel.fixtures.bubblewrap import vessel_bwrap  # noqa: E402
from pytest_vessel.fixtures.captures import vessel_capture  # noqa: E402
from pytest_vessel.fixtures.gates import vessel_gate  # noqa: E402
from pytest_vessel.fixtures.holders import vessel_holder, vessel_locks  # noqa: E402
from pytest_vessel.fixtures.hosts import vessel_host  # noqa: E402
from pytest_vessel.fixtures.runtimes import vessel_runtime  # noqa: E402
from pytest_vessel.fixtures.subjects import vessel_implementation  # noqa: E402
from pytest_vessel.fixtures.traces import vessel_trace  # noqa: E402
from pytest_vessel.fixtures.workshops import (  # noqa: E402
    vessel_builder,
    vessel_stage,
    vessel_work,
    vessel_workshop,
)

if TYPE_CHECKING:
    from pytest_vessel.settings import Settings

__all__ = [
    "vessel_builder",
    "vessel_bwrap",
    "vessel_capture",
    "vessel_gate",
    "vessel_holder",
    "vessel_host",
    "vessel_implementation",
    "vessel_locks",
    "vessel_runtime",
    "vessel_stage",
    "vessel_trace",
    "vessel_work",
    "vessel_workshop",
]

_NEEDS = "vessel_needs(name, ...): skip where this machine lacks it, and say what to install (docs/fixtures.md)"
_INVOCATION = pytest.StashKey[invocation.Invocation]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options; every one begins with `vessel`. Checked later, so that errors are ours."""
    group = parser.getgroup("vessel", "conformance of container runtimes (pytest -p vessel)")
    group.addoption("--vessel-impl", action="append", metavar="ADDRESS", help="implementation under test (repeatable)")
    group.addoption("--vessel-suite", action="append", metavar="NAME[,NAME]", help="only these suites")
    group.addoption("--vessel-clause", action="append", metavar="ID[,ID]", help="only these clauses or cases")
    group.addoption("--vessel-level", metavar="must|should|may", help="failures from this level on fail the run")
    group.addoption("--vessel-strict", action="store_true", help="a MUST clause that stays inconclusive fails the run")
    group.addoption("--vessel-control", action="store_true", help="run each pass again with the locks sabotaged")
    group.addoption("--vessel-report", metavar="DIR", help="write run.jsonl and report.json there")
    group.addoption("--vessel-baseline", metavar="FILE", help="known failures: a TOML file, or builtin")
    group.addoption("--vessel-baseline-update", action="store_true", help="write that file anew from a complete run")
    group.addoption("--vessel-user", metavar="NAME", help="unprivileged user for clauses about permissions")
    group.addoption("--vessel-host", metavar="SPEC", help="host of vessel_host: local:// (default)")
    group.addoption("--vessel-seed", metavar="HEX", help="seed of everything random")
    group.addoption("--vessel-explore", metavar="N|all", help="schedules that an exploring clause plays (default 24)")
    group.addoption("--vessel-hasty", action="store_true", help="end it with the first failure, not made any shorter")
    group.addoption("--vessel-schedule", metavar="TEXT", help="the one schedule that it plays, as a failure names it")
    group.addoption("--vessel-timeout", metavar="SECONDS", help="bound on one call of an implementation (default 30)")
    group.addoption("--vessel-keep", action="store_true", help="keep the work folders of failed cases")
    parser.addini("vessel_impl", "addresses of the implementations under test, one a line", type="linelist")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Cut a conformance run off from the project around it: its addopts, its conftest files."""
    found = _invocation(early_config, parser)
    early_config.stash[_INVOCATION] = found
    if found.contradiction:
        raise pytest.UsageError(found.contradiction)
    if found.conformance:
        args[:] = early_config.invocation_params.args
        early_config.known_args_namespace.noconftest = True


def _invocation(config: pytest.Config, parser: pytest.Parser) -> invocation.Invocation:
    args = tuple(str(arg) for arg in config.invocation_params.args)
    if not invocation.concerns_us(args):
        return invocation.Invocation()
    import os

    from pytest_vessel import conformance

    root = os.path.realpath(conformance.__path__[0])
    return invocation.read(parser.parse_known_args(list(args)), root, str(config.invocation_params.dir))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start a conformance run, where this is one."""
    config.addinivalue_line("markers", _NEEDS)
    if (host := config.getoption("vessel_host")) is not None:
        _check_host(host)
    found = config.stash.get(_INVOCATION, None)
    if found is None:
        # Workers of xdist load no initial conftest files; their command line is that of the controller.
        found = _invocation(config, config._parser)
    if found.conformance:
        from pytest_vessel import hooks

        hooks.begin(config, found)


def _check_host(spec: str) -> None:
    from pytest_vessel.errors import UsageProblem
    from pytest_vessel.system.host import checked

    try:
        checked(spec)
    except UsageProblem as problem:
        raise pytest.UsageError(str(problem)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that is marked `vessel_needs`, where this machine lacks what it names."""
    for marker in item.iter_markers("vessel_needs"):
        from pytest_vessel.fixtures.needs import skip_unless

        skip_unless(marker)


def settings_of(config: pytest.Config, choices: tuple[str, ...] = ()) -> Settings:
    """The settings that the options and ini keys of this process ask for.

    Raises:
        UsageProblem: an option has a value that it cannot have.
    """
    from pytest_vessel.options import read_settings

    return read_settings(
        config.option,
        folder=str(config.invocation_params.dir),
        configured=config.getini("vessel_impl"),
        configured_in=str(config.inipath.parent if config.inipath else config.rootpath),
        choices=choices,
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `vessel_implementation` runs once for each implementation that was chosen."""
    if "vessel_implementation" in metafunc.fixturenames:
        addresses = settings_of(metafunc.config).implementations
        metafunc.parametrize("vessel_implementation", addresses, indirect=True)
