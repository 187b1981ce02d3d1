"""Typed access to what somebody wrote in an adapter; every error names the place, the key, and what is near."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NoReturn

from pytest_vessel.errors import AdapterError
from pytest_vessel.nearest import nearest

Key = tuple[str, ...]
_ARGV = 'An argv is a list, never a shell string: ["acme", "run"].'
_PAGE = "See docs/adapters.md."


class Reader:
    """Reads values of parsed TOML or JSON.

    Args:
        place: what an error says of a key: where it stands, and how it is spelt.

    Raises (all methods):
        AdapterError: the value does not fit.
    """

    def __init__(self, place: Callable[[Key], str]) -> None:
        self._place = place

    def wrong(self, key: Key, what: str, mend: str = _PAGE) -> NoReturn:
        """Say what is wrong with the value of a key."""
        raise AdapterError(what, where=self._place(key), mend=mend)

    def one_of(self, key: Key, value: Any, known: Collection[Any]) -> None:
        """Refuse a value that is not among those known."""
        if type(value) not in (str, bool) or value not in known:  # 1 is no true
            self.wrong(key, f"is {value!r}, not one of {', '.join(map(_shown, known))}")

    def table(self, key: Key, value: Any, known: Collection[str] | None = None) -> Mapping[str, Any]:
        """A table, all of whose keys are known; None: any key may be there."""
        if not isinstance(value, dict):
            mend = (
                f"Write [{'.'.join(key)}] and its keys below, or {{ key = value }}."
                if key
                else "Answer with an object."
            )
            self.wrong(key, "must be a table", mend)
        for name in value:
            if known is not None and name not in known:
                self.wrong((*key, name), "is not a known key", nearest(name, known))
        return value

    def text(self, key: Key, value: Any) -> str:
        """A string, which an argv, a path or a variable can hold."""
        if not isinstance(value, str):
            self.wrong(key, "must be a string")
        if "\0" in value:
            self.wrong(key, "holds a NUL character", "No argument, path or variable can.")
        return value

    def texts(self, key: Key, value: Any, known: Collection[str] | None = None) -> dict[str, str]:
        """A table of strings."""
        return {name: self.text((*key, name), text) for name, text in self.table(key, value, known).items()}

    def words(self, key: Key, value: Any) -> tuple[str, ...]:
        """A list of strings."""
        if isinstance(value, str):
            self.wrong(key, "is a string, and must be a list of words", _ARGV)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.wrong(key, "must be a list of strings", _ARGV)
        return tuple(self.text(key, word) for word in value)

    def some_of(self, key: Key, value: Any, known: Sequence[str]) -> tuple[str, ...]:
        """A list of strings that are known."""
        words = self.words(key, value)
        for word in words:
            if word not in known:
                self.wrong(key, f"holds {word!r}, which is not known", nearest(word, known))
        return words

    def path(self, key: Key, value: Any) -> str:
        """An absolute path, or an empty text."""
        path = self.text(key, value)
        if path and not path.startswith("/"):
            self.wrong(key, f"{path!r} is not an absolute path", "Paths inside the container begin with a slash.")
        return path

    def paths(self, key: Key, value: Any) -> tuple[str, ...]:
        """A list of such paths."""
        return tuple(self.path(key, word) for word in self.words(key, value))


def _shown(value: str | bool) -> str:
    return repr(value) if isinstance(value, str) else str(value).lower()
