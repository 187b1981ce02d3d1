"""Reading a file of known failures: what it may say, and one clear error for all else."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from made_up_record import CLAUSES

from pytest_vessel.baselines.file import read, text_of
from pytest_vessel.clause import Catalogue
from pytest_vessel.errors import BaselineError
from pytest_vessel.judge.baseline import Known
from pytest_vessel.judge.condition import When
from pytest_vessel.toml_text import dotted, quoted

CATALOGUE = Catalogue(CLAUSES)
PATH = Path("/there/acme.toml")
PRINT = "d6a2e4e2ef85"

FULL = """
# a comment
[acme."MADE-002[b]"]
fingerprint = "1c578123bfa4"
findings = ["SRC/.ref: unlocked"]
reason = "a known bug"
owner = "somebody"
expires = 2026-12-31
when = { kernel = ">=6", version = "1.*", profile = "made/up" }

[acme.MADE-001]
fingerprint = "000000000000"
reason = "another"
"""


def schema_fits(raw: dict[str, Any]) -> bool:
    text = (files("pytest_vessel.fixtures") / "schemas" / "baseline.json").read_text()
    data = json.loads(json.dumps(raw, default=lambda day: day.isoformat()))
    return bool(Draft202012Validator(json.loads(text), format_checker=FormatChecker()).is_valid(data))


def refusal(text: str) -> BaselineError:
    with pytest.raises(BaselineError) as caught:
        read(text, PATH, CATALOGUE)
    assert caught.value.mend
    assert str(caught.value).count("\n") <= 1
    return caught.value


def test_all_keys() -> None:
    first, second = read(FULL, PATH, CATALOGUE)
    assert first.known == Known(
        "acme",
        "MADE-002",
        "b",
        "1c578123bfa4",
        "a known bug",
        "somebody",
        date(2026, 12, 31),
        ("SRC/.ref: unlocked",),
        "/there/acme.toml:3",
    )
    assert first.when == When(">=6", "1.*", "made/up")
    assert second.known == Known("acme", "MADE-001", "", "0" * 12, "another", place="/there/acme.toml:11")
    assert second.when == When()
    assert schema_fits(tomllib.loads(FULL))


def test_tables_may_be_written_in_other_ways() -> None:
    text = f'[acme]\nMADE-001 = {{ fingerprint = "{PRINT}", reason = "x" }}\n'
    (line,) = read(text, PATH, CATALOGUE)
    assert (line.own_table, line.known.place) == (False, "/there/acme.toml")
    assert read("", PATH, CATALOGUE) == ()


BASE = {"fingerprint": f'"{PRINT}"', "reason": '"x"'}


def table(header: str = 'acme."MADE-002[b]"', **keys: str | None) -> str:
    given = {**BASE, **keys}
    return f"[{header}]\n" + "".join(f"{key} = {value}\n" for key, value in given.items() if value is not None)


KEY = '/there/acme.toml: acme."MADE-002[b]"'


@pytest.mark.parametrize(
    ("text", "where", "what", "mend"),
    [
        (table(reson='"x"'), f"{KEY}.reson", "is not a known key", "Did you mean 'reason'?"),
        (table(reason=None), f"{KEY}.reason", "lacks a value", 'Write reason = "...".'),
        (table(reason='" "'), f"{KEY}.reason", "lacks a value", 'Write reason = "...".'),
        (table(reason="7"), f"{KEY}.reason", "must be a string", 'Write reason = "...".'),
        (table(owner="[]"), f"{KEY}.owner", "must be a string", 'Write owner = "...".'),
        (table(fingerprint=None), f"{KEY}.fingerprint", "lacks a value", "fingerprint"),
        (table(fingerprint='"XYZ"'), f"{KEY}.fingerprint", "'XYZ' is not a fingerprint", "12 hexadecimal digits"),
        (table(expires='"2026-12-31"'), f"{KEY}.expires", "'2026-12-31' is not a date", "expires = 2027-01-31"),
        (table(expires="2026-12-31T00:00:00"), f"{KEY}.expires", "is not a date", "without quotes"),
        (table(findings='"x"'), f"{KEY}.findings", "must be a list of strings", "where: class"),
        (table(findings="[1]"), f"{KEY}.findings", "must be a list of strings", "where: class"),
        (table(findings='["a: b"]'), f"{KEY}.fingerprint", "is that of other findings", "--vessel-baseline-update"),
        (table(when='"x"'), f"{KEY}.when", "is not a table", "kernel"),
        (table(when='{ kernal = "6*" }'), f"{KEY}.when.kernal", "is not a known condition", "Did you mean 'kernel'?"),
        (table(when='{ kernel = "=>6" }'), f"{KEY}.when.kernel", "'=>6' is not a condition", ">=5.15"),
        (table(when='{ kernel = "" }'), f"{KEY}.when.kernel", "'' is not a condition", ">=5.15"),
        (table(when="{ version = 8 }"), f"{KEY}.when.version", "8 is not a condition", ">=5.15"),
        (table('acme."MADE-02"'), "acme.MADE-02", "unknown clause 'MADE-02'", "Did you mean 'MADE-0"),
        (table('acme."MADE-002[c]"'), 'acme."MADE-002[c]"', "MADE-002 has no case 'c'", "Known: a, b"),
        (table('acme."MADE-002"'), "acme.MADE-002", "MADE-002 has several cases: name one", "Known: a, b"),
        (table('acme."MADE-001[x]"'), 'acme."MADE-001[x]"', "has no case 'x'", "MADE-001 has no named cases."),
        (table('acme."MADE-004"'), "acme.MADE-004", "MADE-004 is a fact: it cannot fail", "Delete this table."),
        (table('acme."MADE-006"'), "acme.MADE-006", "MADE-006 is planned: it cannot fail", "Delete this table."),
        (table('"Ac me"."MADE-001"'), '"Ac me"', "is not the name of an implementation", "lower-case"),
        ("acme = 1\n", "acme", "is not a table", 'Write [acme."LOCK-012[held]"]'),
        ("[acme]\nMADE-001 = 1\n", "acme.MADE-001", "is not a table", "below that header"),
        ("[[acme.MADE-001]]\n", "acme.MADE-001", "is not a table", "below that header"),
    ],
)
def test_one_error_names_file_and_key(text: str, where: str, what: str, mend: str) -> None:
    found = refusal(text)
    assert str(PATH) in found.where
    assert found.where.endswith(where)
    assert what in found.what
    assert mend in found.mend


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (table() + table(), 'acme.toml:4: [acme."MADE-002[b]"]'),
        (table() + 'reason = "y"\n', 'acme.toml:4: reason = "y"'),
        (table(expires="2026-13-01"), "acme.toml:4: expires = 2026-13-01"),
        (table(expires="soon"), "acme.toml:4: expires = soon"),
        ("[acme\n", "acme.toml:1: [acme"),
    ],
)
def test_what_is_no_toml_names_the_line(text: str, where: str) -> None:
    found = refusal(text)
    assert found.where.endswith(where)
    assert found.what.startswith("is not valid TOML: ")


def test_schema_refuses_what_the_reader_refuses() -> None:
    for text in (
        *(table(**keys) for keys in ({"reson": '"x"'}, {"reason": None}, {"reason": '" "'}, {"owner": "[]"})),
        *(table(**keys) for keys in ({"fingerprint": '"XYZ"'}, {"findings": "[1]"}, {"when": "{ version = 8 }"})),
        table('"Ac me"."MADE-001"'),
        "acme = 1\n",
    ):
        refusal(text)
        assert not schema_fits(tomllib.loads(text)), text
    assert schema_fits(tomllib.loads(table()))


def test_unreadable_files(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    with pytest.raises(BaselineError, match=r"known\.toml: there is no such file") as caught:
        text_of(path)
    assert "--vessel-baseline-update writes" in caught.value.mend
    path.write_bytes(b'[acme.MADE-001]\nreason = "\xff"\n')
    with pytest.raises(BaselineError, match=r"known\.toml:2: is not UTF-8"):
        text_of(path)
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(BaselineError, match="is larger than 1 MiB"):
        text_of(path)
    with pytest.raises(BaselineError, match="is a folder"):
        text_of(tmp_path)


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_breaks_the_reader(text: str) -> None:
    problem = problem_of(text)
    assert problem is None or (problem.mend and str(PATH) in problem.where)


def problem_of(text: str) -> BaselineError | None:
    try:
        read(text, PATH, CATALOGUE)
    except BaselineError as problem:
        return problem
    return None


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_can_be_quoted(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}") == {"x": text}
    assert "\n" not in quoted(text)


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=3))
def test_any_key_can_be_spelt(key: list[str]) -> None:
    found: Any = tomllib.loads(f"{dotted(*key)} = 1")
    for word in key:
        found = found[word]
    assert found == 1
