"""Judging a recorded run again, without the runtime and without a test runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_vessel.errors import RecordError, VesselError
from pytest_vessel.judge.conclusion import concluded
from pytest_vessel.judge.control import after_control
from pytest_vessel.judge.judging import judged
from pytest_vessel.judge.verdict import Decision, Verdict
from pytest_vessel.record.line import CaseLine, ControlLine, Record
from pytest_vessel.record.read import read_record
from pytest_vessel.row import Row, unlabel


@dataclass(frozen=True)
class Replay:
    """A record judged again.

    Attributes:
        record: the run with the verdicts that the deciders give now.
        differing: what was recorded, for each case whose decision is another one now.
        judged: how many cases were judged again; the others had no observation and stand as recorded.
    """

    record: Record
    differing: tuple[CaseLine, ...]
    judged: int


def replay(path: Path, chosen: str = "") -> Replay:
    """Judge the cases of a record again; `chosen` limits that to a clause or case (`LOCK-019[fifo]`).

    Raises:
        RecordError: the file cannot be used, or holds no such case.
    """
    record = read_record(path)
    clause, case = unlabel(chosen)
    lines = [line for line in record.cases if not chosen or _is_chosen(line, clause, case)]
    if chosen and not lines:
        raise RecordError(f"holds no case {chosen!r}", where=str(path), mend="Leave it out to see all.")
    again = [_again(record, line) for line in lines]
    differing = tuple(old for old, new in zip(lines, again, strict=True) if old.decision != new.decision)
    rows = {line.row for line in lines}
    started = replace(record.started, due=tuple(row for row in record.started.due if row in rows))
    return Replay(replace(record, started=started, cases=tuple(again)), differing, sum(line.judged for line in lines))


def _is_chosen(line: CaseLine, clause: str, case: str) -> bool:
    return line.row.clause == clause and case in ("", line.row.case)


def _again(record: Record, line: CaseLine) -> CaseLine:
    if not line.judged:
        return line
    started, row, control = record.started, line.row, line.control
    found = _tolerant(lambda: _judge(record, row, line.observation))
    if control is not None:
        control = _controlled_again(record, row, control)
        found = after_control(found, control.decision, control.calls)
    decision, standing = concluded(
        found,
        row,
        clause=started.clause(row.clause),
        offer=started.offer(row.implementation),
        baseline=started.baseline,
        today=started.settings.today,
    )
    return replace(
        line.expected(standing),
        control=control,
        verdict=decision.verdict,
        evidence=decision.evidence,
        findings=decision.findings,
        why=decision.why,
        mend=decision.mend,
    )


def _controlled_again(record: Record, row: Row, control: ControlLine) -> ControlLine:
    if not control.judged:
        return control
    return replace(control, decision=_tolerant(lambda: _judge(record, row, control.observation)))


def _judge(record: Record, row: Row, observation: Any) -> Decision:
    return judged(record.started.clause(row.clause).suite, row.clause, row.case, observation)


def _tolerant(judging: Callable[[], Decision]) -> Decision:
    """A decider that breaks on this observation gives an `error` for it, not an end of the replay."""
    try:
        return judging()
    except VesselError as problem:
        return Decision(Verdict.ERROR, why=str(problem))
    except Exception as problem:
        return Decision(Verdict.ERROR, why=f"the decider broke: {type(problem).__name__}: {problem}")
