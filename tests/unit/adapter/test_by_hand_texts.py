"""What an adapter says stands for a verb in a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.description import read
from pytest_vessel.adapter.protocol import Fill
from pytest_vessel.errors import AdapterError

HEAD = """
[implementation]
name = "acme"
[verbs]
run = ["sh", "{mode}", "{name}", "{argv}"]
[choices]
mode = { shared = [] }
[by_hand]
"""


def adapter(folder: Path, text: str) -> CommandAdapter:
    path = folder / "acme.toml"
    path.write_text(HEAD + text)
    return CommandAdapter(read(path), str(path))


def fill() -> Fill:
    return Fill({"work": "/w", "name": "rt"}, {"argv": ["/probe"]}, {})


def test_placeholders_are_filled_and_braces_stay(tmp_path: Path) -> None:
    command = adapter(tmp_path, """run = 'cd "{work}" && {{ acme {name}; }} 2> log'\n""").command("run", fill())
    assert command.by_hand == 'cd "/w" && { acme rt; } 2> log'


def test_a_verb_without_one(tmp_path: Path) -> None:
    assert adapter(tmp_path, "").command("run", fill()).by_hand == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run = 'acme {argv}'", r"by_hand\.run: \{argv\} expands to several words"),
        ("run = 'acme {mode}'", r"by_hand\.run: \{mode\} expands to several words"),
        ("run = 'acme {naem}'", r"by_hand\.run: .*\{naem\} is neither"),
        ("run = ['acme']", r"by_hand\.run: must be a string"),
        ("rnu = 'acme'", r"by_hand\.rnu: is not a known key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AdapterError, match=message) as caught:
        adapter(tmp_path, text)
    assert caught.value.mend
