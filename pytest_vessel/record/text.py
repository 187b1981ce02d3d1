"""Lines of a record as text: one JSON object each, ASCII, with its kind under `line`."""

from __future__ import annotations

import json
from typing import Any

from pytest_vessel.errors import RecordError
from pytest_vessel.observation.codec import from_json, to_json
from pytest_vessel.record.line import SCHEMA, CaseLine, Finished, Line, Started

_KINDS: dict[str, type[Line]] = {"started": Started, "case": CaseLine, "finished": Finished}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(line: Line) -> str:
    """One line of ASCII JSON, without a line end."""
    return json.dumps({"line": _NAMES[type(line)]} | to_json(line), ensure_ascii=True)


def decode(text: str, *, where: str = "") -> Line:
    """The reverse of `encode`.

    Raises:
        RecordError: the text is no line of a run record, or one of a later schema.
    """
    try:
        data = json.loads(text)
    except ValueError:
        raise RecordError("is not JSON", where=where, mend="The file was cut off, or is no run.jsonl.") from None
    kind = _KINDS.get(str(data.pop("line", None))) if isinstance(data, dict) else None
    if kind is None:
        raise RecordError("is not a line of a run record", where=where, mend="Give the run.jsonl of a run.")
    _check_schema(data, where)
    try:
        return from_json(kind, data)
    except ValueError as problem:
        raise RecordError(str(problem), where=where, mend="The file was changed, or is no run.jsonl.") from None


def _check_schema(data: dict[str, Any], where: str) -> None:
    schema = data.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise RecordError(
            f"has the schema {schema}, this version reads {SCHEMA}",
            where=where,
            mend="Use the version of pytest-vessel that wrote it.",
        )
