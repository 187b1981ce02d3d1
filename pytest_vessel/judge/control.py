"""Controls: what a pass is worth, by the same case with the implementation's locks sabotaged. Pure."""

from __future__ import annotations

from enum import StrEnum

from pytest_vessel.judge.verdict import Decision, Verdict, inconclusive

_UNTOUCHED = "without a lock call that could be sabotaged"
_MEND = "Find out what else the case passes by: docs/verdicts.md, `The control`."


class Control(StrEnum):
    """What came of the control of a case. `NONE`: its clause asks for none."""

    NONE = "none"
    HELD = "held"
    VACUOUS = "vacuous"
    NOT_RUN = "not_run"


def control_of(decision: Decision, calls: int) -> Control:
    """What the decision about the sabotaged implementation says of the pass before it.

    Only a fail that the sabotage can have caused shows that the case would have noticed. A decision without a verdict
    shows nothing, in either direction.

    Args:
        decision: of the control run.
        calls: how many lock calls were answered without taking place.
    """
    if decision.verdict is Verdict.PASS:
        return Control.VACUOUS
    if decision.verdict is Verdict.FAIL and calls:
        return Control.HELD
    return Control.NOT_RUN


def reason(decision: Decision, calls: int) -> str:
    """Why the control is what it is, in one line."""
    match control_of(decision, calls):
        case Control.HELD:
            return f"fails with its locks sabotaged ({_counted(calls)}): {decision.text}"
        case Control.VACUOUS if calls:
            return f"passes with its locks sabotaged too ({_counted(calls)}): {decision.text}"
        case Control.VACUOUS:
            return f"passes {_UNTOUCHED}: {decision.text}"
        case _ if decision.verdict is Verdict.FAIL:
            return f"fails in the control {_UNTOUCHED}: {decision.text}"
        case _:
            return f"the control ended as {decision.verdict}: {decision.text}"


def after_control(first: Decision, control: Decision, calls: int) -> Decision:
    """What is left of a decision after its control: a pass that is vacuous proves nothing."""
    if first.verdict is not Verdict.PASS or control_of(control, calls) is not Control.VACUOUS:
        return first
    how = f"with its locks sabotaged too ({_counted(calls)})" if calls else _UNTOUCHED
    return inconclusive(f"a vacuous pass ({first.evidence}): it passes {how}", mend=_MEND)


def _counted(calls: int) -> str:
    return f"{calls} lock call{'s' * (calls != 1)} answered as if done"
