"""Broken adapters: each kind has a clear message of its own with file, line and key, status 4, and leaves nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from broken_adapters import KINDS, NOT_TOML, SOUND
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pytest_vessel.adapter import contract
from pytest_vessel.adapter.description import read, understood
from pytest_vessel.adapter.registry import built_in
from pytest_vessel.cli import main
from pytest_vessel.errors import AdapterError
from pytest_vessel.system.environment import NAMES

SCHEMA: dict[str, Any] = json.loads((files("pytest_vessel.fixtures") / "schemas" / "adapter.json").read_text())
NAMES_IN_MESSAGES = re.compile(r"FILE:?\d*:")
FITS = Draft202012Validator(SCHEMA).is_valid


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "acme.toml"


def message_of(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command line says of an adapter that it refuses, the path as FILE."""
    assert main(["run", str(path), "--plan"]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.removeprefix("pytest-vessel: ").rstrip("\n").replace(str(path), "FILE")


def test_the_sound_one_is_sound(path: Path) -> None:
    assert understood(SOUND, path).name == "acme"
    assert FITS(tomllib.loads(SOUND))


@pytest.mark.parametrize("kind", KINDS)
def test_toml_that_is_no_adapter(kind: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = KINDS[kind]
    path.write_text(broken.text)
    assert message_of(path, capsys) == broken.message
    assert FITS(tomllib.loads(broken.text)) == bool(broken.lax)


@pytest.mark.parametrize("kind", NOT_TOML)
def test_what_is_not_toml(kind: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, message = NOT_TOML[kind]
    path.write_bytes(data)
    assert message_of(path, capsys) == message


def test_no_such_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert message_of(path, capsys) == "FILE: there is no such file\n  Check the path."


def test_a_folder(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.mkdir()
    assert message_of(path, capsys) == "FILE: is a folder\n  Name the file in it."


def test_a_fifo_is_not_waited_for(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(path)
    assert message_of(path, capsys) == "FILE: is not a regular file\n  Write it to a file, and name that."


def test_a_link_in_a_circle(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.symlink_to(path)
    assert "cannot be read: Too many levels of symbolic links" in message_of(path, capsys)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_no_permission(path: Path) -> None:
    path.write_text(SOUND)
    path.chmod(0o600)
    path.parent.chmod(0o755)
    program = "import os, sys; from pytest_vessel.adapter.description import read; from pathlib import Path\n"
    program += f"file = os.open({str(path.parent)!r}, os.O_PATH); os.fchdir(file); os.setuid(65534)\n"
    program += "try: read(Path('acme.toml'))\nexcept Exception as problem: sys.exit(str(problem))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == "acme.toml: cannot be read: Permission denied\n  Check path and rights.\n"


def test_no_two_kinds_have_one_message() -> None:
    messages = [*(broken.message for broken in KINDS.values()), *(message for _data, message in NOT_TOML.values())]
    assert len(messages) >= 45
    shared = Counter(NAMES_IN_MESSAGES.sub("", message) for message in messages)
    assert [message for message, times in shared.items() if times > 1] == []


def test_a_run_ends_with_status_4_without_a_traceback(path: Path) -> None:
    path.write_text(KINDS["unknown verb"].text)
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "--vessel-impl", str(path)]
    done = subprocess.run(argv, cwd=path.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 4
    assert KINDS["unknown verb"].message.replace("FILE", str(path)) in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("./missing", "/missing: No such file or directory"),
        ("./plain", "/plain: Permission denied"),
        ("./no-program", "/no-program: Exec format error"),
    ],
)
def test_a_verb_whose_program_cannot_be_started(path: Path, program: str, why: str) -> None:
    for name, mode in (("plain", 0o644), ("no-program", 0o755)):
        (path.parent / name).write_bytes(b"\177ELF, or not")
        (path.parent / name).chmod(mode)
    text = SOUND.replace('lock = ["sh"', f'lock = ["{program}"') + "create = { yes = [] }\n"
    path.write_text(text.replace('name = "acme"', 'name = "acme"\nversion = ["true"]'))
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "--vessel-impl", str(path)]
    done = subprocess.run(
        [*argv, "--vessel-clause", "LOCK-092[create]"], cwd=path.parent, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 5
    assert re.search(rf"inconclusive +LOCK-092\[create\] +cannot be started: .*{re.escape(why)}", done.stdout)
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", built_in())
def test_built_in_adapters_fit_the_schema(name: str) -> None:
    text = (files("pytest_vessel.adapter") / f"{name}.toml").read_text()
    assert list(Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(text))) == []


def test_schema_and_reader_know_the_same_keys() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    tables = SCHEMA["properties"]
    assert set(tables) == set(contract.TABLES)
    for name, known in contract.TABLES.items():
        assert set(tables[name].get("properties", {})) == set(known or ()), name
    for name, values in contract.CHOICES.items():
        assert tuple(tables["choices"]["properties"][name]["properties"]) == values
    assert set(SCHEMA["$defs"]["machine"]["items"]["enum"]) == set(NAMES)


def test_every_key_of_the_schema_is_explained() -> None:
    def bare(node: object, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        keys = node.get("properties", {})
        here = [f"{path}.{key}" for key, value in keys.items() if len(value.get("description", "")) < 8]
        return here + [one for key, value in node.items() for one in bare(value, f"{path}.{key}")]

    assert bare(SCHEMA, "") == []


SCRAPS = st.sampled_from(
    [
        *(
            '["sh", "{argv}", "{runtime}", "{file}"]',
            '["{mode}"]',
            '["{wait}", "{argv}"]',
            "[]",
            "{}",
            '""',
            "3",
            "1.5",
        ),
        *("true", "[[]]", "1979-05-27", '{ shared = ["{mode}"] }', '{ no = ["{mode}"] }', '{ merged-usr = ["/x"] }'),
        *('"{copy}"', '"{{}}"', '"stdout:(.*)"', '["/.ref"]', '["userns"]', '"\\u0000"', '"wait"', '"{}"', '"{"'),
    ]
)
KEYS = st.sampled_from([key for name, known in contract.TABLES.items() for key in (known or (name,))])
ENTRIES = st.lists(st.builds("{} = {}".format, KEYS, SCRAPS) | st.text(max_size=5), max_size=4).map("\n".join)
HEADERS = st.sampled_from(
    [f"[{name}]" for name in contract.TABLES] + ["[choices.mode]", "[[verbs]]", "[layout.copy_tree]"]
)
DOCUMENTS = st.lists(st.tuples(HEADERS, ENTRIES).map("\n".join), max_size=6).map("\n".join)
NAMED = st.builds('[implementation]\nname = "acme"\n{}\n'.format, DOCUMENTS)
ALMOST = st.builds(SOUND.replace, st.sampled_from(SOUND.split()), SCRAPS | st.text(max_size=3))


@settings(max_examples=300)
@given(DOCUMENTS.map(str.encode) | NAMED.map(str.encode) | ALMOST.map(str.encode) | st.binary(max_size=80))
def test_no_file_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    path.write_bytes(data)
    problem = refusal(path)
    assert problem is None or (problem.mend and str(path) in problem.where)
    assert problem is not None or FITS(tomllib.loads(data.decode()))


def refusal(path: Path) -> AdapterError | None:
    try:
        read(path)
    except AdapterError as problem:
        return problem
    return None
