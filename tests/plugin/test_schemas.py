"""The JSON Schemas of the record and of the report fit real files, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starting import Start, Started, Suite

Json = dict[str, Any]


def schema(name: str) -> Json:
    found: Json = json.loads((files("pytest_vessel.fixtures") / "schemas" / f"{name}.json").read_text())
    return found


def fits(name: str, data: object) -> bool:
    return bool(Draft202012Validator(schema(name)).is_valid(data))


@pytest.fixture
def varied(start: Start, made_up_suite: Suite) -> Started:
    """A run with every verdict but `not_applicable`."""
    words = {"one": "ill", "two": "raise", "first": "unclear", "four": "so"}
    return start(*made_up_suite(**words), "-k", "not second", "--vessel-impl", "absent.toml")


@pytest.mark.parametrize("name", ["record", "report"])
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"].endswith(f"/{name}.json")


@pytest.mark.parametrize("name", ["record", "report"])
def test_every_object_is_closed(name: str) -> None:
    closed = [each for each in objects(schema(name)) if each.get("type") == "object"]
    assert len(closed) > 5
    assert all("additionalProperties" in each for each in closed)


def objects(node: object) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from objects(child)


def test_files_of_a_run_fit(varied: Started) -> None:
    lines = varied.lines
    assert {line["verdict"] for line in lines[1:-1]} == {
        *("fail", "error", "inconclusive", "fact", "unsupported", "not_run")
    }
    for line in lines:
        Draft202012Validator(schema("record")).validate(line)
    Draft202012Validator(schema("report")).validate(varied.report)
    refuse_strangers("record", *lines[:2], lines[-1])
    refuse_strangers("report", varied.report)


def refuse_strangers(name: str, *samples: Json) -> None:
    """One more key, or one less, in each object that the schema closes: refused."""
    for sample in samples:
        assert not fits(name, {**sample, "stranger": 1})
        for key in sample:
            assert not fits(name, {other: value for other, value in sample.items() if other != key}), key


def test_inner_objects_are_strict(varied: Started) -> None:
    report, started = varied.report, varied.lines[0]
    for path in (
        ("implementations", 0),
        ("implementations", 0, "clauses", 0),
        ("implementations", 0, "clauses", 0, "cases", 0),
        ("implementations", 0, "profiles", "made-up/musts"),
        ("harness",),
    ):
        assert not fits("report", with_stranger(report, *path)), path
    for path in (("settings",), ("implementations", 0), ("clauses", 0), ("clauses", 0, "cases", 0), ("due", 0)):
        assert not fits("record", with_stranger(started, *path)), path


def with_stranger(data: Json, *path: str | int) -> Json:
    changed = copy.deepcopy(data)
    node: Any = changed
    for key in path:
        node = node[key]
    node["stranger"] = 1
    return changed


def test_order_of_the_record(varied: Started) -> None:
    lines = varied.lines
    assert [line["line"] for line in lines] == ["started", *["case"] * (len(lines) - 2), "finished"]
    assert [line["n"] for line in lines[1:-1]] == list(range(1, len(lines) - 1))
    due = [tuple(row.values()) for row in lines[0]["due"]]
    assert sorted(tuple(line["row"].values()) for line in lines[1:-1]) == sorted(due)


def test_record_is_ascii_and_no_aside_file_stays(varied: Started) -> None:
    folder = varied.folder / "report"
    assert (folder / "run.jsonl").read_bytes().isascii()
    assert sorted(path.name for path in folder.iterdir()) == ["report.json", "run.jsonl"]
