"""Deciders: pure functions from one observation to a `Decision`, found by clause id."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from pytest_vessel.judge.verdict import Decision

Decider = Callable[[Any], Decision]
_Decider = TypeVar("_Decider", bound=Callable[..., Decision])
_deciders: dict[str, Decider] = {}


def decides(*clause_ids: str) -> Callable[[_Decider], _Decider]:
    """Register a function of one observation as the decider of these clauses, or of one case (`LOCK-012[held]`).

    Raises:
        ValueError: a clause has a decider already.
    """

    def register(decider: _Decider) -> _Decider:
        for clause_id in clause_ids:
            if clause_id in _deciders and _deciders[clause_id].__qualname__ != decider.__qualname__:
                raise ValueError(f"{clause_id} has two deciders")
            _deciders[clause_id] = decider
        return decider

    return register


def decider_of(suite: str, clause_id: str, case: str = "") -> Decider:
    """The decider of a case, or else of its clause; imports the suite's `decide` module.

    Raises:
        KeyError: there is none.
    """
    importlib.import_module(f"pytest_vessel.conformance.{suite}.decide")
    return _deciders.get(f"{clause_id}[{case}]") or _deciders[clause_id]


def observation_type(decider: Decider) -> type[Any]:
    """The type of the one parameter of a decider: what `replay` structures a recorded observation to."""
    hints = get_type_hints(decider)
    hints.pop("return", None)
    (kind,) = hints.values()
    assert isinstance(kind, type)
    return kind
