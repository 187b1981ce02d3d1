"""Templates: words with placeholders, checked when a file is read, filled when a verb is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from pytest_vessel.adapter.contract import PLACEHOLDERS, VERBS, WORDS
from pytest_vessel.adapter.reader import Key, Reader
from pytest_vessel.errors import AdapterError
from pytest_vessel.nearest import nearest

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_]+)\}")
Choice = Mapping[str, tuple[str, ...]]


def substitute(word: str, values: Mapping[str, str]) -> str:
    """Fill the placeholders of one word; `{{` and `}}` become literal braces.

    Raises:
        AdapterError: a placeholder has no value here.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        if found[1] not in values:
            raise AdapterError(f"{word!r}: {{{found[1]}}} has no value here", mend="This verb is not given one.")
        return values[found[1]]

    return _PLACEHOLDER.sub(value, word)


def placeholders(text: str) -> list[str]:
    """The names of the placeholders in a text, in its order."""
    return [found[1] for found in _PLACEHOLDER.finditer(text) if found[1]]


def alone(word: str) -> str:
    """The placeholder that a word is and nothing else; empty where it is none."""
    found = _PLACEHOLDER.fullmatch(word)
    return (found[1] or "") if found else ""


class Check:
    """Checks the templates of one adapter against its choices.

    Raises (all methods):
        AdapterError: a placeholder is unknown, missing, in the wrong place, or has no value there.
    """

    def __init__(self, reader: Reader, choices: Mapping[str, Choice]) -> None:
        self._reader, self._choices = reader, choices
        self._used: set[str] = set()

    def verbs(self, verbs: Mapping[str, Sequence[str]]) -> None:
        """All verbs; then every choice that has words stands in one of them."""
        for verb, words in verbs.items():
            self._verb(("verbs", verb), verb, words)
        for name, choice in self._choices.items():
            if name not in self._used and any(choice.values()):
                mend = f'Put "{{{name}}}" into the verbs that it is for.'
                self._reader.wrong(("choices", name), "stands in no verb, so its words are never used", mend)

    def _verb(self, key: Key, verb: str, words: Sequence[str]) -> None:
        if not words:
            self._reader.wrong(key, "is empty", "Its first word is the program; leave the verb out if there is none.")
        for place, word in self._reached(key, words, ()):
            for name in placeholders(word):
                self._given(place, word, name, VERBS[verb].given, f"the verb {verb}")
        for wanted in VERBS[verb].needs:
            if not self._holds(words, wanted):
                names = " or ".join(f"{{{name}}}" for name in wanted)
                self._reader.wrong(key, f"lacks the placeholder {names}", f"The verb {verb} cannot do without it.")

    def _reached(self, key: Key, words: Sequence[str], trail: Key) -> Iterator[tuple[Key, str]]:
        """The words of a template and of the choices in it, each with its key."""
        for word in dict.fromkeys(words):
            name = alone(word)
            if name not in self._choices:
                yield key, word
                continue
            if name in trail:
                way = " -> ".join((*trail[trail.index(name) :], name))
                self._reader.wrong(("choices", name), f"leads back to itself: {way}", "Take one of them out.")
            self._used.add(name)
            for value, inner in self._choices[name].items():
                yield from self._reached(("choices", name, value), inner, (*trail, name))

    def _holds(self, words: Sequence[str], wanted: Sequence[str]) -> bool:
        """Whether one of the placeholders is there, whatever the choices."""
        if any(name in wanted for word in words for name in placeholders(word)):
            return True
        within = [self._choices[name] for word in dict.fromkeys(words) if (name := alone(word)) in self._choices]
        return any(all(self._holds(inner, wanted) for inner in choice.values()) for choice in within)

    def _given(self, key: Key, word: str, name: str, given: Collection[str], where: str) -> None:
        """Whether a placeholder has a value there and stands as it must."""
        if name in self._choices or name in given:
            if (name in self._choices or name in WORDS) and alone(word) != name:
                mend = f'Write "{{{name}}}" as a word of its own.'
                self._reader.wrong(key, f"{word!r}: {{{name}}} expands to several words and must stand alone", mend)
        elif name in PLACEHOLDERS:
            has = ", ".join(f"{{{one}}}" for one in given)
            self._reader.wrong(key, f"{word!r}: {{{name}}} has no value in {where}", f"It is given {has}.")
        else:
            known = [f"{{{one}}}" for one in (*given, *self._choices)]
            mend = f"{nearest(f'{{{name}}}', known)} Write {{{{ and }}}} for literal braces."
            self._reader.wrong(key, f"{word!r}: {{{name}}} is neither a placeholder nor a choice", mend)

    def text(self, key: Key, text: str, given: Collection[str], where: str) -> None:
        """A template of one word, in which nothing can expand to several."""
        for name in placeholders(text):
            if name in self._choices or name in WORDS:
                mend = "Name folders and names alone."
                self._reader.wrong(key, f"{{{name}}} expands to several words, and this is one text", mend)
            self._given(key, text, name, given, where)
