"""Judging a recorded observation: the same way in a run and in a replay."""

from __future__ import annotations

from typing import Any

from pytest_vessel.errors import HarnessError
from pytest_vessel.judge.decider import decider_of, observation_type
from pytest_vessel.judge.verdict import Decision
from pytest_vessel.observation.codec import from_json


def judged(suite: str, clause_id: str, case: str, observation: Any) -> Decision:
    """What the decider of a case says of an observation in its JSON form.

    Raises:
        HarnessError: there is no decider, the observation does not fit it, or it returns no decision.
    """
    where = f"decider of {clause_id}"
    try:
        decider = decider_of(suite, clause_id, case)
    except KeyError:
        raise HarnessError("there is none", where=where, mend=f"Add it to {suite}/decide.py.") from None
    try:
        seen = from_json(observation_type(decider), observation)
    except ValueError as problem:
        raise HarnessError(f"the observation {problem}", where=where) from problem
    decision = decider(seen)
    if not isinstance(decision, Decision):
        raise HarnessError(f"it returned {decision!r}, which is no decision", where=where)
    return decision
