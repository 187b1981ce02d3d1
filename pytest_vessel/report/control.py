"""Controls in reports: what a pass is worth, by case, by clause, and for a whole implementation. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_vessel.clause import Clause
from pytest_vessel.judge.control import Control
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine

_WORST_FIRST = (Control.VACUOUS, Control.NOT_RUN, Control.HELD)
_WORDS = {Control.HELD: "held", Control.VACUOUS: "vacuous", Control.NOT_RUN: "not run"}


@dataclass(frozen=True)
class Shown:
    """The control of one case as reports show it: `calls` of the implementation were answered as if done."""

    state: Control
    why: str = ""
    calls: int = 0
    duration_s: float = 0.0


def shown_control(case: CaseLine, clause: Clause) -> Shown:
    """The control of a case, also where none was run."""
    if case.control is not None:
        ran = case.control
        return Shown(ran.state, ran.reason, ran.calls, ran.duration_s)
    if clause.control_of(case.row.case) is None:
        return Shown(Control.NONE)
    why = "the run was without --vessel-control" if case.verdict is Verdict.PASS else "only a pass has a control"
    return Shown(Control.NOT_RUN, why)


def clause_control(cases: Sequence[CaseLine], clause: Clause) -> Control:
    """The worst of its cases; those that did not pass do not count where another did."""
    due = [case for case in cases if clause.control_of(case.row.case) is not None]
    if not due:
        return Control.NONE
    states = {shown_control(case, clause).state for case in due if case.control or case.verdict is Verdict.PASS}
    return next((state for state in _WORST_FIRST if state in states), Control.NOT_RUN)


def summary_lines(cases: Iterable[CaseLine], *, verbose: bool) -> Iterator[str]:
    """`control: 23 held, 1 vacuous`, and a line for each that was not run; `verbose`: for each. Not escaped."""
    ran = [(case.row.label, case.control) for case in cases if case.control is not None]
    if not ran:
        return
    counts = Counter(control.state for _label, control in ran)
    yield "control: " + ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state])
    for label, control in ran:
        if verbose or control.state is Control.NOT_RUN:
            yield f"  {_WORDS[control.state]:<8} {label:<26} {control.reason}"
