"""Observations to JSON and back, by their type hints (cattrs): what a run record keeps of what was seen.

Strings may hold surrogates (undecodable file names): JSON written with `ensure_ascii` carries them.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from cattrs.preconf.json import JsonConverter, make_converter

T = TypeVar("T")


@cache
def _converter() -> JsonConverter:
    converter: JsonConverter = make_converter(forbid_extra_keys=True)
    return converter


def to_json(observation: object) -> Any:
    """The observation as dicts, lists, strings, numbers, booleans and None.

    Raises:
        TypeError, ValueError: it holds something that JSON has no form for.
    """
    return json.loads(json.dumps(_converter().unstructure(observation), allow_nan=False))


def from_json(kind: type[T], data: Any) -> T:
    """The reverse of `to_json`.

    Raises:
        ValueError: the data does not fit the type.
    """
    try:
        return _converter().structure(data, kind)
    except Exception as problem:
        raise ValueError(f"does not fit {kind.__name__}: {_first_reason(problem)}") from problem


def _first_reason(problem: BaseException) -> str:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return f"{type(problem).__name__}: {problem}"
