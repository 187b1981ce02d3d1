"""A conformance run inside pytest: what happens in every process that runs items.

The controller's part (record, summary, exit status) is `pytest_vessel.controller`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from _pytest.runner import CallInfo

from pytest_vessel import context as contexts
from pytest_vessel.collect import CONTEXT, Collection, RootFolder, SuiteItem, folder_of, narrowed
from pytest_vessel.context import Context
from pytest_vessel.errors import VesselError
from pytest_vessel.invocation import PREFIX, Invocation
from pytest_vessel.judge.outcome import Outcome
from pytest_vessel.plugin import settings_of
from pytest_vessel.record.line import CaseLine
from pytest_vessel.record.text import decode, encode
from pytest_vessel.report.escape import block as escaped_block
from pytest_vessel.report.escape import line as escaped
from pytest_vessel.report.failure import failure_block
from pytest_vessel.report.known import mark
from pytest_vessel.report.outcome import outcome_of, status_of

LINE = "vessel"
"""The attribute of a report that carries the line of the record: ASCII text, which any transport can bear."""

_RERUNS = ("reruns", "force_reruns")


def begin(config: pytest.Config, found: Invocation) -> None:
    """Turn this pytest into a conformance run.

    Raises:
        UsageError: the options cannot be had, or something configured here would falsify verdicts.
    """
    _refuse_what_falsifies(config)
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    try:
        context = _context(config, found, worker)
        controller = None
        if worker is None:
            from pytest_vessel.controller import Controller

            controller = Controller(config, context)
    except VesselError as problem:
        raise pytest.UsageError(escaped_block(str(problem))) from None
    config.stash[CONTEXT] = context
    config.addinivalue_line("filterwarnings", "default")  # the last line counts: none of the project makes them errors
    config.args[:] = [str(folder_of(PREFIX.replace("/", ".")))]
    config.args_source = pytest.Config.ArgsSource.ARGS
    if not any(str(arg).startswith("-r") for arg in config.invocation_params.args):
        config.option.reportchars = ""  # our own summary has every verdict; pytest's would repeat whole blocks in CI
    plugins = config.pluginmanager
    plugins.register(Collection(), "vessel-collection")
    plugins.register(Items(), "vessel-items")
    plugins.register(import_module("pytest_vessel.fixtures.conformance"), "vessel-conformance")
    if controller is not None:
        plugins.register(controller, "vessel-controller")
    elif worker is not None:
        from pytest_vessel.system.tether import die_with_parent

        die_with_parent(int(worker["vessel"]["pid"]))
        plugins.register(Worker(config), "vessel-worker")


def _refuse_what_falsifies(config: pytest.Config) -> None:
    if config.getini("usefixtures"):
        raise pytest.UsageError(
            f"{config.inipath}: usefixtures: fixtures of the project would run in every clause\n"
            "  Run the suites from another folder, or take the key out."
        )
    if config.getoption("dist", "no") == "each":
        raise pytest.UsageError(
            "--dist each runs every clause on each worker\n  Leave it out: -n2 spreads the clauses."
        )
    for name in _RERUNS:
        if config.getoption(name, None):
            raise pytest.UsageError(
                "reruns hide verdicts that are not stable\n  Leave --reruns out, or -p no:rerunfailures."
            )


def _context(config: pytest.Config, found: Invocation, worker: dict[str, Any] | None) -> Context:
    if worker is not None:
        return narrowed(contexts.on_worker(worker["vessel"]))
    explicit = bool(config.option.vessel_impl or config.getini("vessel_impl"))
    return narrowed(contexts.build(settings_of(config, found.ours), explicit=explicit))


class Items:
    """Runs our items: three phases, one verdict."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Set-up, call, tear-down; whatever goes wrong in any of them is part of the one verdict."""
        if not isinstance(item, SuiteItem):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in _reports(item, nextitem):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
        """The verdict's own word, wherever pytest shows one."""
        text = getattr(report, LINE, None)
        if text is None:
            return None
        line = decode(text)
        assert isinstance(line, CaseLine)
        return status_of(line, Outcome(vars(report)["vessel_outcome"]))


def _reports(item: SuiteItem, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
    if not item._request:
        item._initrequest()  # as pytest's own runner does before a second run of the same item
    phases = [_phase(item, "setup", lambda: item.ihook.pytest_runtest_setup(item=item))]
    if phases[0].excinfo is None:
        phases.append(_phase(item, "call", lambda: item.ihook.pytest_runtest_call(item=item)))
    controlled = item.run.wants_control
    teardown = _teardown(item, item.parent if controlled else nextitem)
    item.run.duration_s = sum(phase.duration for phase in (*phases, teardown))
    if controlled:
        _control(item, nextitem)
    return [
        _report(item, phases[0], "setup"),
        _verdict_report(item, phases[-1]),
        _report(item, teardown, "teardown"),
    ]


def _control(item: SuiteItem, nextitem: pytest.Item | None) -> None:
    """The same item again, from its fixtures on, with the implementation sabotaged."""
    first, item.run = item.run, item.run.as_control()
    item._initrequest()
    try:
        phases = [_phase(item, "setup", lambda: item.ihook.pytest_runtest_setup(item=item))]
        if phases[0].excinfo is None:
            phases.append(_phase(item, "call", lambda: item.ihook.pytest_runtest_call(item=item)))
        phases.append(_teardown(item, nextitem))
        item.run.duration_s = sum(phase.duration for phase in phases)
    finally:
        control, item.run = item.run, first
    first.controlled(control)


def _teardown(item: SuiteItem, nextitem: pytest.Item | pytest.Collector | None) -> CallInfo[None]:
    """Tear down all that `nextitem` does not need; before a control that is the item's own alone."""
    return _phase(
        item,
        "teardown",
        lambda: item.ihook.pytest_runtest_teardown(item=item, nextitem=nextitem),
    )


def _phase(item: SuiteItem, when: str, step: Callable[[], None]) -> CallInfo[None]:
    ends: tuple[type[BaseException], ...] = (pytest.exit.Exception, KeyboardInterrupt)
    done = CallInfo.from_call(step, when=when, reraise=ends)  # type: ignore[arg-type]
    if done.excinfo is not None:
        problem = done.excinfo.value
        item.run.troubled(problem, "".join(traceback.format_exception(problem)))
    return done


def _report(item: SuiteItem, phase: CallInfo[None], when: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords=dict.fromkeys(item.keywords, 1),
        outcome="passed",
        longrepr=None,
        when=when,  # type: ignore[arg-type]
        sections=[],
        duration=phase.duration,
        start=phase.start,
        stop=phase.stop,
    )


def _verdict_report(item: SuiteItem, phase: CallInfo[None]) -> pytest.TestReport:
    """The report of the call: outcome in pytest's words, and the line of the record."""
    report = _report(item, phase, "call")
    report.sections = [(escaped(f"Captured {what} {when}"), text) for when, what, text in item._report_sections]
    line = item.run.line()
    settings, offer = item.run.context.settings, item.run.context.offer(item.row.implementation)
    shown = outcome_of(line, settings)
    if shown is Outcome.FAILED:
        report.outcome = "failed"
        report.longrepr = failure_block(line, item.run.clause, offer, settings)
    elif shown is not Outcome.PASSED:
        report.outcome = "skipped"
        report.longrepr = (*item.location[:1], item.location[1] or 0, escaped(f"{line.verdict}: {line.decision.text}"))
    if shown is Outcome.XFAILED:
        report.wasxfail = escaped(f"{line.level}: {line.decision.text}{mark(line)}")
        report.longrepr = failure_block(line, item.run.clause, offer, settings)
    setattr(report, LINE, encode(line))
    report.vessel_outcome = str(shown)  # type: ignore[attr-defined]
    return report


class Worker:
    """What a worker of xdist tells the controller at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        self._output["vessel_deselected"] = []

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Items that options of pytest's leave out."""
        self._output["vessel_deselected"] += [item.row.item_id for item in items if isinstance(item, SuiteItem)]


__all__ = ["LINE", "CaseLine", "Items", "RootFolder", "Worker", "begin"]
