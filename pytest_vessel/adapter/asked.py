"""Adapters that are asked: a child process (`exec:./child`) or a Python object (`py:package.module:attribute`).

Both answer the same two questions, and start nothing: what they name is started under the keeper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.contract import VERBS
from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.description import told
from pytest_vessel.adapter.filling import chosen
from pytest_vessel.adapter.protocol import Command, Fill
from pytest_vessel.adapter.reader import Reader

Values = Mapping[str, str | Sequence[str]]


class Answers(Protocol):
    """What an adapter of this kind answers. All of it is checked before it is used."""

    def describe(self) -> Mapping[str, Any]:
        """The tables of an adapter file, but for `verbs` (a list of names), `choices` (name to list of values) and
        `environment`.
        """

    def command(self, verb: str, values: Values) -> Mapping[str, Any]:
        """What to start: `{"argv": [...], "environment": {...}}`, the latter where it adds something.

        Args:
            verb: one that it offers.
            values: what the placeholders of the verb stand for, `argv` a list; and the value of each of its choices.
        """


def adapter_of(answers: Answers, address: str, folder: Path) -> CommandAdapter:
    """The adapter that gives these answers; asks for its description.

    Args:
        address: what `--vessel-impl` takes from any folder.
        folder: where programs with a slash count from.

    Raises:
        AdapterError: it does not answer, or its answer does not fit.
    """
    description = told(answers.describe(), f"{address} describe", folder)
    return CommandAdapter(description, address, maker=_Asked(answers, description, address))


class _Asked:
    """Asks what to start. See `Maker`."""

    def __init__(self, answers: Answers, description: Description, address: str) -> None:
        self._answers, self._description, self._address = answers, description, address

    def command(self, verb: str, fill: Fill) -> Command:
        """See `Maker.command`."""
        known = {**fill.values, **{name: list(words) for name, words in fill.words.items()}}
        given = {name: known[name] for name in VERBS[verb].given if name in known}
        answer = self._answers.command(verb, given | chosen(self._description, fill))
        return _command(answer, f"{self._address} command {verb}")


def _command(answer: object, where: str) -> Command:
    reader = Reader(lambda key: ".".join((where, *key)))
    table = reader.table((), answer, ("argv", "environment"))
    argv = reader.words(("argv",), table.get("argv"))
    if not argv or not argv[0]:
        reader.wrong(("argv",), "is empty", "Its first word is the program.")
    return Command(argv, reader.texts(("environment",), table.get("environment", {})))
