"""The figures that `python -m benchmarks` prints for machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
TIMES = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}}
ROW = {"work": {"type": "string"}, "ours_ms": {"type": "number"}, "peers_ms": TIMES, "ratio": TIMES, "more_ms": TIMES}
GOAL = {
    "what": {"type": "string"},
    "bound": {"type": "string"},
    "measured": {"type": "number"},
    "met": {"type": "boolean"},
}


def exactly(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "required": [*properties], "additionalProperties": False, "properties": properties}


SCHEMA = exactly(
    {
        "machine": {"type": "object", "additionalProperties": {"type": "string"}},
        "rows": {"type": "array", "minItems": 1, "items": exactly(ROW)},
        "goals": {"type": "array", "items": exactly(GOAL)},
    }
)


def test_imports_as_json() -> None:
    """How long it takes is not asked here, but what the plugin imports is."""
    argv = [sys.executable, "-m", "benchmarks", "imports", "--json"]
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    assert all(row["peers_ms"].keys() == row["ratio"].keys() for row in found["rows"])
    modules = {goal["what"]: goal["met"] for goal in found["goals"] if goal["what"].startswith("modules of")}
    assert {"modules of elftools", "modules of asyncio", "modules of others"} <= modules.keys()
    assert all(modules.values())
