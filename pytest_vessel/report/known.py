"""What a run says of known failures: marks behind verdicts, and a paragraph of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pytest_vessel.clause import Level
from pytest_vessel.judge.baseline import GRACE_DAYS, Baseline, Expectation, Known
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.row import Row

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
    if not baseline.updates:
        yield from ((f"warning: {what}", "yellow") for what in (*_unexplained(known), *_expired(record, known)))


def _count(known: Sequence[Known], baseline: Baseline) -> str:
    more = f", {baseline.elsewhere} under other conditions" if baseline.elsewhere else ""
    return f"{len(known)} known failure{'s' * (len(known) != 1)}{more}"


def _unexplained(known: Sequence[Known]) -> Iterator[str]:
    """All of them in one line: after an update they are many."""
    found = [f"{one.label} ({one.place})" for one in known if one.unexplained]
    if found:
        reasons = "reason is" if len(found) == 1 else "reasons are"
        yield f"{len(found)} {reasons} still to be explained: {', '.join(found)}"


def _expired(record: Record, known: Sequence[Known]) -> Iterator[str]:
    for one in known:
        case = record.by_row.get(Row(one.implementation, one.clause, one.case))
        if one.expires and case is not None and case.expectation is Expectation.EXPIRED and case.tolerated:
            counts_from = one.expires + timedelta(days=GRACE_DAYS + 1)
            yield f"{one.label}: expired on {one.expires}, counts from {counts_from} on ({one.place})"


def known_failures(cases: Sequence[CaseLine]) -> str:
    """`; 3 known failures` for the last line; empty where there is none."""
    count = sum(case.expectation is Expectation.EXPECTED for case in cases)
    return f"; {count} known failure{'s' * (count != 1)}" if count else ""


def all_tolerated(cases: Sequence[CaseLine]) -> bool:
    """Whether every MUST that fails is known."""
    return all(case.tolerated for case in cases if case.verdict is Verdict.FAIL and case.level is Level.MUST)
