"""What to start for a verb, from the templates of an adapter file."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.adapter.contract import WORDS
from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.protocol import Command, Fill
from pytest_vessel.adapter.template import alone, substitute
from pytest_vessel.errors import AdapterError


def chosen(description: Description, fill: Fill) -> dict[str, str]:
    """The value of each choice that an adapter declares: the first one where none is asked for.

    Raises:
        AdapterError: one is asked for that it does not declare.
    """
    found = {name: fill.choices.get(name, next(iter(choice))) for name, choice in description.choices.items()}
    for name, value in found.items():
        if value not in description.choices[name]:
            raise AdapterError(f"choices.{name} has no {value!r}", where=description.name)
    return found


class Templates:
    """Fills templates; `values` are those that every call has. See `Maker`."""

    def __init__(self, description: Description, values: Mapping[str, str]) -> None:
        self._description, self._values = description, values

    def command(self, verb: str, fill: Fill) -> Command:
        """See `Maker.command`."""
        values = {**self._values, **fill.values}
        choices = chosen(self._description, fill)
        words = [out for word in self._description.verbs[verb] for out in self._expand(word, fill, choices, values)]
        environment = {name: substitute(text, values) for name, text in self._description.environment.items()}
        return Command(tuple(words), environment)

    def _expand(self, word: str, fill: Fill, choices: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
        name = alone(word)
        if name in choices:
            inner = self._description.choices[name][choices[name]]
            return [out for one in inner for out in self._expand(one, fill, choices, values)]
        return list(fill.words.get(name, ())) if name in WORDS else [substitute(word, values)]
