"""What differs between two runs, case by case. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pytest_vessel.judge.baseline import Expectation, codes, fingerprint
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.row import Row


class Change(StrEnum):
    """What a difference means; the order is that of a report."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True)
class Side:
    """A case as one run has it.

    `verdict` is `absent` where the run has no such case; `fingerprint` is that of a fail; `text` is for people.
    """

    verdict: str
    fingerprint: str
    expectation: str
    text: str

    @property
    def words(self) -> str:
        """Verdict and expectation, where there is one: `fail (expected)`."""
        return self.verdict + (f" ({self.expectation})" if self.expectation != Expectation.NONE else "")


@dataclass(frozen=True)
class Changed:
    """One case that is not as it was."""

    change: Change
    row: Row
    before: Side
    after: Side


@dataclass(frozen=True)
class Difference:
    """Two runs beside each other: what changed, what got worse first, and how many cases did not change."""

    before: Record
    after: Record
    changed: tuple[Changed, ...]
    same: int

    def count(self, change: Change) -> int:
        """How many of that kind."""
        return sum(one.change is change for one in self.changed)


def compare(before: Record, after: Record) -> Difference:
    """Compare two runs.

    Implementations are paired by name; two runs of one implementation each are paired whatever their names are. Text,
    evidence and times are not compared: a fail is the same while its fingerprint is.
    """
    old, new = _cases(before), _cases(after)
    if len(before.started.implementations) == len(after.started.implementations) == 1:
        name = after.started.implementations[0].name
        old = {Row(name, row.clause, row.case): case for row, case in old.items()}
    changed = [_changed(row, old.get(row), new.get(row), after) for row in {**new, **old}]
    kinds = list(Change)
    found = sorted((one for one in changed if one), key=lambda one: kinds.index(one.change))
    return Difference(before, after, tuple(found), len(changed) - len(found))


def _cases(record: Record) -> Mapping[Row, CaseLine]:
    return {row: record.by_row[row] for row in record.started.due if row in record.by_row}


def _changed(row: Row, old: CaseLine | None, new: CaseLine | None, after: Record) -> Changed | None:
    before, now = _side(old), _side(new)
    if (before.verdict, before.fingerprint, before.expectation) == (now.verdict, now.fingerprint, now.expectation):
        return (
            None if before.verdict != Verdict.FACT or before.text == now.text else _as(Change.OTHER, row, before, now)
        )
    if new is None:
        retired = not any(clause.id == row.clause and clause.due for clause in after.started.clauses)
        change = Change.WORSE if before.verdict == Verdict.PASS and not retired else Change.OTHER
    elif old is None:
        change = Change.OTHER
    else:
        change = _meaning(before, now)
    return _as(change, row, before, now)


def _as(change: Change, row: Row, before: Side, after: Side) -> Changed:
    return Changed(change, row, before, after)


def _side(case: CaseLine | None) -> Side:
    if case is None:
        return Side("absent", "", str(Expectation.NONE), "not part of this run")
    failing = case.verdict is Verdict.FAIL
    found = fingerprint(codes(case.findings)) if failing else ""
    text = ", ".join(codes(case.findings)) if failing else case.decision.text
    return Side(str(case.verdict), found, str(case.expectation), text)


_BAD = (Verdict.FAIL, Verdict.ERROR)
_RED = (Expectation.UNEXPECTED, Expectation.STALE, Expectation.EXPIRED)


def _meaning(before: Side, now: Side) -> Change:
    """A pass that is none any more, a new or another fail or error, an expectation that no longer holds: worse."""
    if before.verdict != now.verdict:
        if Verdict.PASS in (before.verdict, now.verdict):
            return Change.BETTER if now.verdict == Verdict.PASS else Change.WORSE
        return Change.WORSE if now.verdict in _BAD and before.verdict not in _BAD else Change.OTHER
    if before.fingerprint != now.fingerprint:
        return Change.WORSE
    red = now.expectation in _RED, before.expectation in _RED
    return Change.OTHER if red[0] == red[1] else Change.WORSE if red[0] else Change.BETTER


def lines(difference: Difference) -> Iterator[str]:
    """What people read: the two runs, the changes, a count. Not escaped."""
    for sign, record in (("-", difference.before), ("+", difference.after)):
        yield f"{sign} {_described(record)}"
    named = len({one.row.implementation for one in difference.changed}) > 1
    for one in difference.changed:
        name = f"{one.row.implementation} " if named else ""
        yield f"{one.change:<7} {name}{one.row.label}: {one.before.words} -> {one.after.words}"
        if one.before.text != one.after.text:
            yield f"          was: {one.before.text}"
        yield f"          now: {one.after.text}"
    counts = ", ".join(f"{difference.count(change)} {change}" for change in Change)
    yield f"{counts}, {difference.same} the same"


def _described(record: Record) -> str:
    offers = (f"{offer.name} ({offer.version or 'no version'})" for offer in record.started.implementations)
    incomplete = f", incomplete: {record.finished.incomplete_because}" if not record.finished.complete else ""
    return f"{', '.join(offers)}, seed {record.started.seed}, {record.path}{incomplete}"


def as_json(difference: Difference) -> dict[str, Any]:
    """The same for programs."""
    return {
        "schema": 1,
        "before": _run_as_json(difference.before),
        "after": _run_as_json(difference.after),
        **{str(change): difference.count(change) for change in Change},
        "same": difference.same,
        "changes": [
            {
                "change": str(one.change),
                "implementation": one.row.implementation,
                "clause": one.row.clause,
                "case": one.row.case,
                "before": vars(one.before),
                "after": vars(one.after),
            }
            for one in difference.changed
        ],
    }


def _run_as_json(record: Record) -> dict[str, Any]:
    return {
        "record": record.path,
        "complete": record.finished.complete,
        "seed": record.started.seed,
        "implementations": [{"name": offer.name, "version": offer.version} for offer in record.started.implementations],
    }
