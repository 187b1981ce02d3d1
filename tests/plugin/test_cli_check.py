"""`pytest-vessel check` and `init`, as their users run them."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("pytest-vessel"))
LOCK = f"{sys.executable} -P -m pytest_vessel.reference lock MODE WAIT CREATE FILE -- ARGV"
VALUES = ("", "--write", "", "--wait", "", "--create")
ANSWERS = ("acme", "", "", "", "", "", LOCK, *VALUES, "")
"""A lock tool: its name, no version, none of the other verbs, the tool and its options, no removal."""
TIMEOUT_S = 60


def script(folder: Path, *words: str, answers: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    text = "".join(f"{answer}\n" for answer in answers)
    return subprocess.run([PROGRAM, *words], cwd=folder, input=text, capture_output=True, text=True, timeout=TIMEOUT_S)


def test_a_file_that_was_drafted_is_sound(tmp_path: Path) -> None:
    done = script(tmp_path, "init", answers=ANSWERS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("acme.toml is written. See what it does:\n  pytest-vessel check ./acme.toml\n")
    assert [path.name for path in tmp_path.iterdir()] == ["acme.toml"]
    checked = script(tmp_path, "check", "./acme.toml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "  mode          the lock: shared: shared lock; exclusive: exclusive lock\n" in checked.stdout
    assert "\nnothing is wrong\n" in checked.stdout
    assert "  the adapter of acme offers no run: " in checked.stdout


def test_what_is_wrong_ends_with_status_1_and_is_in_the_json(tmp_path: Path) -> None:
    swapped = [*ANSWERS[:7], "--write", "", *VALUES[2:], ""]
    script(tmp_path, "init", "acme.toml", answers=swapped)
    done = script(tmp_path, "check", "./acme.toml", "--json")
    assert done.returncode == 1, done.stderr
    page = json.loads(done.stdout)
    (notice,) = page["notices"]
    assert (notice["key"], notice["wrong"]) == ("choices.mode", True)
    assert page["driven"][0]["processes"][0]["depth"] == 0
    assert {"lock"} == {seen["verb"] for seen in page["driven"]}


def test_a_program_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(
        '[implementation]\nname = "acme"\n[verbs]\nlock = ["./acme", "{file}", "{argv}"]'
    )
    done = script(tmp_path, "check", "./acme.toml")
    assert done.returncode == 1
    assert "  wrong  implementation: version: ./acme is not installed\n" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [(("check", "./missing.toml"), "missing.toml: "), (("check", "flatpack"), "Did you mean 'flatpak'?")],
)
def test_an_address_that_is_none(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    done = script(tmp_path, *words)
    assert done.returncode == 4
    assert message in done.stderr


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (("Acme",), "implementation.name: must be a name of lower-case letters"),
        (("acme", "", "acme run RUNTIME"), "verbs.run: lacks the placeholder {argv}"),
        (("acme", "", "acme 'run ARGV"), "is no command line"),
        (("acme", *[""] * 8), "it offers no verb"),
        (("acme", "", "acme WAIT RUNTIME ARGV", "-", "-"), "WAIT needs a value"),
        (("acme", "", "acme RUNTIME ARGV", *[""] * 5, "files/.ref"), "'files/.ref' is not below RUNTIME"),
        (ANSWERS[:-1], "the answers ended before the questions did"),
        ((), "the answers ended"),
    ],
)
def test_answers_that_cannot_be_used_leave_nothing(tmp_path: Path, answers: Sequence[str], message: str) -> None:
    done = script(tmp_path, "init", answers=answers)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text("mine")
    for words in (("init", "acme.toml"), ("init",)):
        done = script(tmp_path, *words, answers=ANSWERS)
        assert done.returncode == 4
        assert "acme.toml: is there already" in done.stderr
    assert (tmp_path / "acme.toml").read_text() == "mine"


class Terminal:
    """`pytest-vessel init` on a terminal."""

    def __init__(self, folder: Path) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execv(PROGRAM, [PROGRAM, "init"])
        self.shown = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.shown:
            assert select.select([self._terminal], [], [], deadline - time.monotonic())[0], self.shown
            self.shown += os.read(self._terminal, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def status(self) -> int:
        end = os.pidfd_open(self.pid)
        assert select.select([end], [], [], TIMEOUT_S)[0], self.shown
        os.close(end)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_on_a_terminal_a_wrong_answer_is_asked_for_again(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.wait_for("name of the implementation: ")
    terminal.type("Acme\n")
    terminal.wait_for("must be a name")
    for answer in ANSWERS:
        terminal.type(f"{answer}\n")
    terminal.wait_for("acme.toml is written")
    assert terminal.status() == 0
    assert (tmp_path / "acme.toml").exists()


def test_interrupted_it_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.wait_for("name of the implementation: ")
    terminal.type("acme\n\x03")
    assert terminal.status() in (130, -signal.SIGINT)
    assert list(tmp_path.iterdir()) == []
