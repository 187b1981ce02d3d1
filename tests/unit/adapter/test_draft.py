"""A first adapter file, from command lines as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vessel.adapter.description import read
from pytest_vessel.adapter.draft import Draft, choices_in, placed, template, text
from pytest_vessel.errors import UsageProblem


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("acme run --runtime=RUNTIME -- ARGV", ("acme", "run", "--runtime={runtime}", "--", "{argv}")),
        ("'my acme' \"RUNTIME/files\" ARGV", ("my acme", "{runtime}/files", "{argv}")),
        ("acme MY_FILE FILES file {x} ARGV", ("acme", "MY_FILE", "FILES", "file", "{{x}}", "{argv}")),
        ("acme lock MODE WAIT CREATE FILE", ("acme", "lock", "{mode}", "{wait}", "{create}", "{file}")),
        ("", ()),
    ],
)
def test_a_command_line_becomes_a_template(line: str, words: tuple[str, ...]) -> None:
    assert template(line) == words


def test_a_quote_that_is_not_closed() -> None:
    with pytest.raises(UsageProblem, match="is no command line: no closing quotation"):
        template("acme 'run")


def test_choices_are_found() -> None:
    assert choices_in(template("acme CREATE MODE FILE ARGV")) == ("mode", "create")
    assert placed("MODE") == "{mode}"


def test_the_file_says_what_was_drafted(tmp_path: Path) -> None:
    draft = Draft(
        "acme",
        ("acme", "--version"),
        {"lock": template('acme "a \\"word\\" \\\\ é" MODE FILE ARGV'), "run": template("acme RUNTIME ARGV")},
        {"mode": {"shared": (), "exclusive": ("--write",)}},
        {"src": "{runtime}/files", "ref": "{src}/.ref"},
    )
    (tmp_path / "acme.toml").write_text(text(draft))
    found = read(tmp_path / "acme.toml")
    assert (found.name, found.version, found.verbs) == (draft.name, draft.version, draft.verbs)
    assert (found.choices, found.layout) == (draft.choices, draft.layout)
    assert found.verbs["lock"][1] == 'a "word" \\ é'
