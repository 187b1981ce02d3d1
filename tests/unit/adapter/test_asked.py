"""Adapters that are asked, and answer badly: one clear error each, in time, and nothing stays."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from polling import wait_until

from pytest_vessel.adapter.asked import adapter_of
from pytest_vessel.adapter.child import adapter_of_child
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.protocol import Fill
from pytest_vessel.adapter.python import adapter_of_object
from pytest_vessel.adapter.registry import resolve
from pytest_vessel.errors import AdapterError, VesselError

GOOD = '{"implementation": {"name": "acme"}, "verbs": ["lock"], "choices": {"mode": ["shared", "exclusive"]}}'
FILL = Fill({"file": "/f", "work": "/w"}, {"argv": ("/probe",)}, {})
Make = Callable[..., CommandAdapter]


@pytest.fixture
def child(tmp_path: Path) -> Make:
    """A child that holds a lock while it lives, then is a shell script."""

    def make(script: str, timeout_s: float = 60) -> CommandAdapter:
        path = tmp_path / "child"
        path.write_text(f"#!/bin/sh\nexec 9>>'{tmp_path}/alive'\nflock 9\n{script}\n")
        path.chmod(0o755)
        return adapter_of_child((str(path),), f"exec:{path}", tmp_path, timeout_s=timeout_s)

    return make


def is_gone(folder: Path) -> bool:
    """Whether the child has ended, soon."""

    def unlocked() -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with (folder / "alive").open("a") as file:
        return wait_until(unlocked, 10)


TROUBLE = {
    "ends": ("exit 3", "ended before it answered: status 3 without a message"),
    "ends with a message": (
        "echo no such acme >&2; exit 3",
        "ended before it answered: status 3, message: 'no such acme'",
    ),
    "garbage": ("read question; echo 'hello there'; read more", "answers what is no JSON object: 'hello there'"),
    "odd bytes": (
        r"read question; printf '\377\033[31m\n'; read more",
        r"answers what is no JSON object: '\\xff\x1b[31m'",
    ),
    "nested too deeply": (
        "read question; head -c 60000 /dev/zero | tr '\\0' '['; echo; read more",
        f"answers what is no JSON object: '{'[' * 200}'",
    ),
    "floods": ("exec cat /dev/zero", "answers more than 64 KiB"),
    "floods stderr": (
        "exec cat /dev/zero >&2",
        "ended before it answered: ended by us at the bound on output",
    ),
    "says why not": ("""read question; echo '{"error": "no acme here"}'; read more""", "says: no acme here"),
    "a list": ("read question; echo '[]'; read more", "answers what is no JSON object: '[]'"),
    "no name": ("""read question; echo '{"verbs": ["run"]}'; read more""", "is missing"),
    "an unknown verb": (
        """read question; echo '{"implementation": {"name": "a"}, "verbs": ["rnu"]}'; read more""",
        "holds 'rnu', which is not known",
    ),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_child_in_trouble(kind: str, child: Make, tmp_path: Path) -> None:
    script, what = TROUBLE[kind]
    with pytest.raises(AdapterError) as caught:
        child(script)
    assert caught.value.what.startswith(what)
    assert "describe" in caught.value.where
    assert caught.value.mend
    assert is_gone(tmp_path)


def test_a_child_that_hangs(child: Make, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"does not answer within 0\.5 s"):
        child("read question; exec sleep 1000", timeout_s=0.5)
    assert is_gone(tmp_path)


def test_several_lines_for_one_question(child: Make, tmp_path: Path) -> None:
    adapter = child(f"read question; printf '%s\\n' '{GOOD}' more; read question")
    with pytest.raises(AdapterError, match=r"says something unasked: 'more\\n'"):
        adapter.command("lock", FILL)
    assert is_gone(tmp_path)


def test_a_child_that_fails_later_stays_failed(child: Make) -> None:
    adapter = child(f"read question; echo '{GOOD}'; read question; exit 5")
    for _ in range(2):
        with pytest.raises(AdapterError, match="ended before it answered: status 5"):
            adapter.command("lock", FILL)


def test_a_child_that_has_no_answer_is_asked_again(child: Make) -> None:
    command = '{"argv": ["true"]}'
    adapter = child(
        f"""read question; echo '{GOOD}'; read question; echo '{{"error": "busy"}}'; read question; echo '{command}'"""
    )
    with pytest.raises(AdapterError, match="command: says: busy"):
        adapter.command("lock", FILL)
    assert adapter.command("lock", FILL).argv[0].endswith("/true")


def test_a_child_ends_with_its_adapter(child: Make, tmp_path: Path) -> None:
    adapter = child(f"read question; echo '{GOOD}'; exec sleep 1000")
    assert adapter.offer.name == "acme"
    del adapter
    assert is_gone(tmp_path)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ({}, "argv: must be a list of strings"),
        ({"argv": "acme lock"}, "argv: is a string, and must be a list of words"),
        ({"argv": []}, "argv: is empty"),
        ({"argv": [""]}, "argv: is empty"),
        ({"argv": ["a\0"]}, "argv: holds a NUL character"),
        ({"argv": ["a"], "environment": {"A": 1}}, "environment.A: must be a string"),
        ({"argv": ["a"], "enviroment": {}}, "enviroment: is not a known key"),
        ([], "must be a table"),
    ],
)
def test_commands_that_do_not_fit(answer: Any, what: str, tmp_path: Path) -> None:
    adapter = adapter_of(Told(answer), "py:told:Told", tmp_path)
    with pytest.raises(AdapterError) as caught:
        adapter.command("lock", FILL)
    assert what in str(caught.value)
    assert str(caught.value).startswith("py:told:Told command lock")


class Told:
    """Answers what it was given, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Any]] = []

    def describe(self) -> dict[str, Any]:
        return {"implementation": {"name": "told"}, "verbs": ["lock"], "choices": {"mode": ["shared", "exclusive"]}}

    def command(self, verb: str, values: Any) -> Any:
        self.asked.append((verb, dict(values)))
        return self.answer


def test_what_is_asked(tmp_path: Path) -> None:
    answers = Told({"argv": ["sh", "-c"], "environment": {"ACME": "1"}})
    command = adapter_of(answers, "py:told:Told", tmp_path).command("lock", FILL)
    assert answers.asked == [("lock", {"file": "/f", "argv": ["/probe"], "work": "/w", "mode": "shared"})]
    assert (command.argv[0].endswith("/sh"), command.argv[1:], command.environment) == (True, ("-c",), {"ACME": "1"})


BAD_MODULES = {
    "broken_syntax": ("def", "SyntaxError"),
    "broken_import": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    "broken_name": ("", "AttributeError: module 'broken_name' has no attribute 'Acme'"),
    "broken_start": ("class Acme:\n    def __init__(self): 1 / 0", "raises ZeroDivisionError: division by zero"),
    "broken_class": ("class Acme: pass", "has no method describe()"),
    "broken_answer": ("class Acme:\n    def describe(self): 1 / 0\n    command = describe", "raises ZeroDivisionError"),
    "broken_none": ("class Acme:\n    def describe(self): pass\n    command = describe", "no JSON object: 'null'"),
    "broken_set": ("class Acme:\n    def describe(self): return {1}\n    command = describe", "raises TypeError"),
    "broken_end": ("raise SystemExit(3)", "ended before it answered: status 3"),
}


@pytest.mark.parametrize("name", BAD_MODULES)
def test_modules_in_trouble(name: str, tmp_path: Path) -> None:
    text, what = BAD_MODULES[name]
    (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(AdapterError) as caught:
        resolve(f"py:{name}:Acme", base=tmp_path)
    assert what in caught.value.what
    assert caught.value.mend
    assert str(tmp_path) not in sys.path


HANGS = """import fcntl, signal, sys
alive = open({alive!r}, "a")
fcntl.flock(alive, fcntl.LOCK_EX)
class Acme:
    def describe(self):
        print("what it prints", sys.stdin.read())
        return {{"implementation": {{"name": "acme"}}, "verbs": ["lock"]}}
    def command(self, verb, values):
        while True: signal.pause()
"""


def test_an_object_that_hangs(tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(HANGS.format(alive=str(tmp_path / "alive")))
    adapter = adapter_of_object("hanging:Acme", "py:hanging:Acme", tmp_path, timeout_s=5)
    with pytest.raises(AdapterError) as caught:
        adapter.command("lock", FILL)
    assert str(caught.value).startswith("py:hanging:Acme command: does not answer within 5 s\n")
    assert is_gone(tmp_path)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("exec:./missing", "'exec:./missing': no program"),
        ("exec:no-such-program", "'exec:no-such-program': no program"),
        ("exec:", "'exec:': no program"),
        ("py:", "py:: names no module and attribute"),
        ("py:os", "py:os: names no module and attribute"),
        ("py:no_such:Thing", "ModuleNotFoundError"),
        ("py:..:x", "raises"),
    ],
)
def test_addresses_that_lead_nowhere(address: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(VesselError) as caught:
        resolve(address, base=tmp_path)
    assert what in str(caught.value)
    assert caught.value.mend


def test_trouble_in_a_run_is_an_error_without_a_traceback(child: Make, tmp_path: Path) -> None:
    child(f"read question; echo '{GOOD}'; read question; echo oops; read question")
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "--vessel-impl", "exec:./child"]
    done = subprocess.run(
        [*argv, "--vessel-clause", "LOCK-090"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "error          LOCK-090[shared] " in done.stdout
    assert f"exec:{tmp_path}/child command: answers what is no JSON object: 'oops'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert is_gone(tmp_path)
