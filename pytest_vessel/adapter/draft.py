"""A first adapter file, from command lines as somebody types them. Pure: asks nobody, writes nothing.

In a command line capital words stand for what changes from call to call: `acme run --runtime=RUNTIME -- ARGV`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_vessel.adapter import contract
from pytest_vessel.errors import UsageProblem

PLACEHOLDERS = ("runtime", "name", "parent", "file", "work", "argv")
CHOICES = {name: contract.CHOICES[name] for name in ("mode", "wait", "create", "writable", "collecting")}
"""The choices that can be drafted, each with the values that suites ask for."""

_CAPITALS = re.compile(rf"(?<!\w)({'|'.join((*PLACEHOLDERS, *CHOICES)).upper()})(?!\w)")
_BRACE = re.compile(r"[{}]")


@dataclass
class Draft:
    """What is known so far of an adapter.

    Attributes:
        name: of the implementation.
        version: its command line, empty for none.
        verbs: verb to words; those that are not offered are not there.
        choices: choice to its values, each with its words.
        layout: role to template.
    """

    name: str = ""
    version: tuple[str, ...] = ()
    verbs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    choices: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    layout: dict[str, str] = field(default_factory=dict)

    def mentions(self, *names: str) -> bool:
        """Whether one of these placeholders stands in a verb."""
        return any(f"{{{name}}}" in word for name in names for words in self.verbs.values() for word in words)


def template(line: str) -> tuple[str, ...]:
    """The words of a command line, with `{runtime}` for `RUNTIME`, and so on.

    Raises:
        UsageProblem: a quote is not closed.
    """
    try:
        return tuple(map(placed, shlex.split(line)))
    except ValueError as problem:
        raise UsageProblem(f"is no command line: {str(problem).lower()}", mend="Quote as in a shell.") from None


def placed(word: str) -> str:
    """One word, with placeholders for its capitals; its own braces are doubled."""
    return _CAPITALS.sub(lambda found: f"{{{found[1].lower()}}}", _BRACE.sub(r"\g<0>\g<0>", word))


def choices_in(words: Sequence[str]) -> tuple[str, ...]:
    """The choices that stand in these words."""
    return tuple(name for name in CHOICES if f"{{{name}}}" in words)


def text(draft: Draft) -> str:
    """The file, with comments."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield f"# How pytest-vessel drives {draft.name}. All keys are in docs/adapters.md."
    yield from ("", "[implementation]", f"name = {_string(draft.name)}")
    if draft.version:
        yield f"version = {_words(draft.version)}"
    yield '# mend = "how to get it, for a machine where it is missing"'
    of_verbs = "Command lines: lists of words, never a shell string. A verb that is not here is not offered."
    yield from _table("verbs", of_verbs, {verb: _words(words) for verb, words in draft.verbs.items()})
    of_values = "The words of each value. A value that is not here is not offered; the first is the default."
    yield from _table("choices", of_values, {name: _choice(values) for name, values in draft.choices.items()})
    places = {role: _string(place) for role, place in draft.layout.items()}
    yield from _table("layout", "Where the lock files are.", places)
    if places:
        yield "# Where a payload sees the first of them, where that is promised:"
        yield '# ref_inside = { merged-usr = ["/usr/.ref"], complete-root = ["/.ref"] }'


def _table(name: str, comment: str, values: Mapping[str, str]) -> Iterator[str]:
    if values:
        yield from ("", f"# {comment}", f"[{name}]")
        yield from (f"{key} = {value}" for key, value in values.items())


def _choice(values: Mapping[str, Sequence[str]]) -> str:
    return "{ " + ", ".join(f"{value} = {_words(words)}" for value, words in values.items()) + " }"


def _words(words: Sequence[str]) -> str:
    return "[" + ", ".join(map(_string, words)) + "]"


def _string(word: str) -> str:
    """A basic string of TOML: what JSON escapes, TOML reads."""
    return json.dumps(word, ensure_ascii=False)
