"""The failure block: all that a reader needs to see what was wrong, always in the same order. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pytest_vessel.clause import Clause
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.observation.schedule import written
from pytest_vessel.observation.tree import MARKS
from pytest_vessel.record.line import CaseLine
from pytest_vessel.report import escape
from pytest_vessel.report.by_hand import script_of
from pytest_vessel.report.exploration import breaches_of, later_lines, picture, schedule_lines
from pytest_vessel.report.reproduce import replay_command, reproduce
from pytest_vessel.settings import Settings

_INDENT = "    "
_STARTS = 12
"""So many are shown; an exploring clause makes hundreds."""


def failure_block(case: CaseLine, clause: Clause, offer: Offer, settings: Settings) -> str:
    """Sentence and source; what we did; expected; observed; the commands. Escaped, ready for a terminal."""
    breaches = breaches_of(case, clause.suite)
    again = written(breaches[0].shortest) if breaches else ""
    parts = [
        _part(f"{case.row.label} ({clause.level})", [clause.sentence]),
        _part("source", [clause.source]),
        _part("what we did", _did(case)),
        *_reason(case),
        _part("schedule", schedule_lines(breaches)),
        _part("timeline", picture(case, clause.suite)),
        _part("broken by other schedules, too", later_lines(breaches)),
        _part(f"{case.expectation}", [case.note] if case.note else []),
        _part("known-bad implementations that fail this clause", [", ".join(clause.kills)]),
        _part("run again", [reproduce(settings, offer, case.row.clause, case.row.case, again)]),
        _part("judge again", [replay_command(settings, case.row.clause, case.row.case)] if case.judged else []),
        _part("by hand, without pytest-vessel", _by_hand(case, clause, offer, settings)),
    ]
    return "\n".join(part for part in parts if part)


def _did(case: CaseLine) -> list[str]:
    more = len(case.did) - _STARTS
    return [*case.did[:_STARTS], *([f"... and {more} more starts"] if more > 0 else [])]


def _reason(case: CaseLine) -> Iterator[str]:
    if case.verdict is Verdict.FAIL:
        yield _part("expected", [f"{one.where}: {one.expected}" for one in case.findings])
        yield _part("observed", [_placed(one.where, one.observed) for one in case.findings])
    elif case.verdict is Verdict.PASS:
        yield _part("observed", [case.evidence])
    else:
        yield _part(f"{case.verdict}", [case.why])
        yield _part("mend", [case.mend] if case.mend else [])
        yield _part("traceback", [case.traceback] if case.traceback else [])
    if case.control is not None:
        yield _part("control", [f"it {case.control.reason}", case.control.traceback])


def _placed(where: str, text: str) -> str:
    """Several lines, and what differs, stand below the place that they are about."""
    below = "\n" in text or text.startswith(MARKS)
    return "\n  ".join([f"{where}:", *text.splitlines()]) if below else f"{where}: {text}"


def _by_hand(case: CaseLine, clause: Clause, offer: Offer, settings: Settings) -> list[str]:
    """The script that a run with a report folder writes at its end."""
    if case.verdict is not Verdict.FAIL or not settings.report_dir:
        return []
    script = script_of(case, clause, offer, apart=len(settings.implementations) > 1)
    if script.because:
        return [f"(no script: {script.because})"]
    return [shlex.join(["sh", f"{settings.report_dir}/{script.path}"])]


def _part(title: str, texts: tuple[str, ...] | list[str]) -> str:
    shown = [_INDENT + line for text in texts if text for line in escape.lines(text)]
    return "\n".join([title, *shown]) if shown else ""
