"""The controller of a conformance run: it alone keeps the record, prints the summary and sets the exit status."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_vessel import context as contexts
from pytest_vessel.baselines.refresh import Refreshed, refresh
from pytest_vessel.clause import SUITES
from pytest_vessel.collect import SuiteItem
from pytest_vessel.context import Context
from pytest_vessel.errors import NO_ROOM, RecordError
from pytest_vessel.judge.outcome import Outcome, Status, exit_status
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Finished, Line, Record
from pytest_vessel.record.text import decode
from pytest_vessel.record.write import RecordWriter, write_aside
from pytest_vessel.report import terminal
from pytest_vessel.report.document import document
from pytest_vessel.report.escape import line as escaped
from pytest_vessel.report.outcome import outcome_of
from pytest_vessel.row import Row
from pytest_vessel.scripts import write_scripts
from pytest_vessel.selection import due_rows

_KNOWINGLY = ("deselected", "stopped")


class Controller:
    """Collects the lines of all items, wherever they run, and closes the run."""

    def __init__(self, config: pytest.Config, context: Context) -> None:
        """Open the record.

        Raises:
            UsageProblem: the report folder cannot be written.
            RecordError: there is no room in it.
        """
        self.config, self.context = config, context
        self.started = contexts.started(context)
        self.cases: list[CaseLine] = []
        self.finished: Finished | None = None
        self.deselected: set[str] = set()
        self.crashed: set[str] = set()
        self.interrupted = False
        self.refreshed: Refreshed | None = None
        folder = context.settings.report_dir
        self.writer = RecordWriter(Path(folder)) if folder and not config.option.collectonly else None
        self.unwritten: RecordError | None = None
        self._write(self.started)
        if self.unwritten:
            raise self.unwritten

    def _write(self, line: Line) -> None:
        if self.writer is not None:
            with self._room_for(self.writer):
                self.writer.append(line)

    @contextmanager
    def _room_for(self, writer: RecordWriter) -> Iterator[None]:
        """Where the disk is full the run goes on without its record, and says so at its end."""
        try:
            yield
        except OSError as problem:
            if problem.errno not in NO_ROOM:
                raise
            self.writer, where = None, f"--vessel-report {writer.path.parent}"
            with suppress(OSError):  # what is still buffered
                writer.close()
            mend = "Make room there, or name another folder."
            self.unwritten = RecordError(f"cannot be written: {problem.strerror}", where=where, mend=mend)

    def pytest_report_header(self) -> list[str]:
        """Harness, seed, implementations."""
        return terminal.header(self.started)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """xdist: tell a new worker what was drawn and asked here."""
        node.workerinput["vessel"] = contexts.to_worker(self.context)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """xdist: hear what a worker left out; a crashed one has no word of it."""
        self.deselected |= set(getattr(node, "workeroutput", {}).get("vessel_deselected", ()))

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """xdist: the item that a worker was at when it crashed."""
        self.crashed.add(_item_id(crashitem))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Items that options of pytest's leave out."""
        self.deselected |= {item.row.item_id for item in items if isinstance(item, SuiteItem)}

    def pytest_keyboard_interrupt(self) -> None:
        """Somebody has had enough."""
        self.interrupted = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the line that a report carries into the record."""
        text = getattr(report, "vessel", None)
        if text is not None:
            data = json.loads(text)
            data["n"], data["worker"] = len(self.cases) + 1, getattr(report, "worker_id", "")
            if isinstance(report.longrepr, str):
                report.longrepr = FailureBlock(report.longrepr)  # type: ignore[assignment]
            line = decode(json.dumps(data))
            assert isinstance(line, CaseLine)
            self._keep(line)

    def _keep(self, line: CaseLine) -> None:
        self.cases.append(line)
        self._write(line)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Compare what came with what is due, set the exit status, write the reports."""
        if self.config.option.collectonly:
            return
        lost = self._account_for_the_missing(session)
        incomplete = ", ".join(filter(None, (self._not_chosen(), _incomplete(self.cases))))
        own = int(getattr(session, "exitstatus", exitstatus))
        verdicts = [line.verdict for line in self.cases]
        status = exit_status(own, verdicts, failures=sum(map(self._fails, self.cases)), lost=len(lost))
        if self.context.baseline.updates:
            self.refreshed = refresh(self.context, self.started, self.cases, incomplete, status)
            status = self.refreshed.status
        self.finished = Finished(not incomplete, incomplete, status, tuple(lost))
        self._write(self.finished)
        session.exitstatus = status
        if self.writer is not None:
            with self._room_for(self.writer):
                self._report(self.writer)
        if self.unwritten:
            session.exitstatus = Status.INTERNAL_ERROR

    def _report(self, writer: RecordWriter) -> None:
        """Write all that is made of the record."""
        writer.close()
        write_aside(writer.path.with_name("report.json"), json.dumps(document(self.record), indent=1) + "\n")
        write_scripts(writer.path.parent, self.record)

    def _not_chosen(self) -> str:
        """How much of the catalogue the options leave out."""
        context = self.context
        everything = replace(context.settings, suites=SUITES, clauses=())
        count = len(due_rows(context.catalogue, everything, [offer.name for offer in context.offers])) - len(
            context.due
        )
        return f"{count} not chosen" if count else ""

    @property
    def record(self) -> Record:
        """The run so far."""
        assert self.finished is not None
        return Record(self.started, tuple(self.cases), self.finished)

    def _fails(self, line: CaseLine) -> bool:
        return outcome_of(line, self.context.settings) is Outcome.FAILED

    def _account_for_the_missing(self, session: pytest.Session) -> list[Row]:
        """A `not_run` line for each row that no verdict came for; returns those that nobody left out knowingly."""
        seen = {line.row for line in self.cases}
        lost = []
        for row in self.context.due:
            if row in seen:
                continue
            reason = self._reason(row, session)
            level = self.context.catalogue[row.clause].level
            self._keep(CaseLine(row, level, Verdict.NOT_RUN, why=_WHY[reason], reason=reason, n=len(self.cases) + 1))
            if reason not in _KNOWINGLY:
                lost.append(row)
        return lost

    def _reason(self, row: Row, session: pytest.Session) -> str:
        if row.item_id in self.deselected:
            return "deselected"
        if row.item_id in self.crashed:
            return "crashed"
        if self.interrupted:
            return "interrupted"
        if session.shouldfail or session.shouldstop or self._stopped():
            return "stopped"
        return "lost"

    def _stopped(self) -> bool:
        """Whether xdist stopped at --maxfail: it tells nobody but its own session."""
        maxfail = self.config.option.maxfail
        return bool(maxfail) and sum(map(self._fails, self.cases)) >= maxfail

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
        """All verdicts, in the order of the catalogue, after pytest's own."""
        yield
        if self.finished is not None:
            terminalreporter.section("vessel")
            verbose = self.config.option.verbose > 0
            for line in terminal.summary(self.record, verbose=verbose):
                _print(terminalreporter, line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """What can be said of each implementation: the last thing that is read."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.finished is not None and reporter is not None:
            if self.refreshed is not None:
                _print(reporter, terminal.Line(escaped(self.refreshed.text), self.refreshed.style))
            for line in terminal.last_lines(self.record):
                _print(reporter, line)
            for text in str(self.unwritten or "").splitlines():
                _print(reporter, terminal.Line(escaped(text), "red"))
        if self.writer is not None:
            self.writer.close()


_WHY = {
    "deselected": "left out by options of pytest's",
    "crashed": "the worker that ran it crashed",
    "interrupted": "the run was interrupted",
    "stopped": "the run was stopped before it",
    "lost": "no verdict came for it",
}


def _incomplete(cases: Iterable[CaseLine]) -> str:
    reasons: dict[str, int] = {}
    for line in cases:
        if line.reason:
            reasons[line.reason] = reasons.get(line.reason, 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def _item_id(nodeid: str) -> str:
    return nodeid.partition("[")[2].removesuffix("]")


class FailureBlock:
    """A block as pytest shows it: text, and colours in a terminal."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def toterminal(self, writer: Any) -> None:
        """What pytest calls to show it, with a `TerminalWriter`."""
        for line in terminal.block_lines(self._text):
            writer.line(line.text, **_markup(line))


def _markup(line: terminal.Line) -> dict[str, bool]:
    return {line.style: True} if line.style else {}


def _print(reporter: pytest.TerminalReporter, line: terminal.Line) -> None:
    reporter.write_line(line.text, **_markup(line))


__all__ = ["Controller", "Status"]
