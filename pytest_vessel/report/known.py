"""What a run says of known failures: marks behind verdicts, and a paragraph of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pytest_vessel.clause import Level
from pytest_vessel.judge.baseline import GRACE_DAYS, Baseline, Expectation, Known
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record

_STYLES = {
    Expectation.EXPECTED: "yellow",
    Expectation.UNEXPECTED: "red",
    Expectation.STALE: "red",
    Expectation.EXPIRED: "red",
}


def mark(case: CaseLine) -> str:
    """What stands behind the text of a verdict; empty where nothing was known of it."""
    if case.expectation is Expectation.EXPECTED:
        return f" [known: {case.note}]"
    return f" [{case.expectation}: {case.note}]" if case.note else ""


def style(case: CaseLine) -> str:
    """The colour that repeats it; empty where the verdict has its own."""
    if case.expectation is Expectation.EXPIRED and case.tolerated:
        return "yellow"
    return _STYLES.get(case.expectation, "")


def paragraph(record: Record, implementation: str) -> Iterator[tuple[str, str]]:
    """Lines about the baseline of one implementation, each with a colour: how many are known, and what to mend."""
    baseline = record.started.baseline
    if not baseline.files:
        return
    known = [one for one in baseline.known if one.implementation == implementation]
    yield f"baseline: {_count(known, baseline)} ({', '.join(baseline.files)})", ""
    cases = {case.row: case for case in record.of(implementation)}
    for one in known:
        case = next((case for row, case in cases.items() if row.label == one.label), None)
        yield from ((f"warning: {one.label}: {what} ({one.place})", "yellow") for what in _warnings(record, one, case))


def _count(known: Sequence[Known], baseline: Baseline) -> str:
    more = f", {baseline.elsewhere} under other conditions" if baseline.elsewhere else ""
    return f"{len(known)} known failure{'s' * (len(known) != 1)}{more}"


def _warnings(record: Record, known: Known, case: CaseLine | None) -> Iterator[str]:
    if record.started.baseline.updates:
        return
    if known.unexplained:
        yield "its reason is still to be explained"
    if case is not None and case.expectation is Expectation.EXPIRED and case.tolerated and known.expires:
        yield f"expired on {known.expires}, counts from {known.expires + timedelta(days=GRACE_DAYS + 1)} on"


def known_failures(cases: Sequence[CaseLine]) -> str:
    """`; 3 known failures` for the last line; empty where there is none."""
    count = sum(case.expectation is Expectation.EXPECTED for case in cases)
    return f"; {count} known failure{'s' * (count != 1)}" if count else ""


def all_tolerated(cases: Sequence[CaseLine]) -> bool:
    """Whether every MUST that fails is known."""
    return all(case.tolerated for case in cases if case.verdict is Verdict.FAIL and case.level is Level.MUST)
