"""The reference as an adapter that is asked: as an object, and as a child process that answers on its streams."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

Values = dict[str, Any]


class Reference:
    """Answers with what its TOML file says; fills the templates in a way of its own."""

    def __init__(self) -> None:
        self._told = tomllib.loads((files("pytest_vessel.adapter") / "reference.toml").read_text())
        self._own = {"python": sys.executable, "package": str(files("pytest_vessel"))}

    def describe(self) -> dict[str, Any]:
        choices = {name: list(choice) for name, choice in self._told["choices"].items()}
        return self._told | {"verbs": list(self._told["verbs"]), "choices": choices}

    def command(self, verb: str, values: Values) -> dict[str, Any]:
        words = self._told["verbs"][verb]
        return {"argv": list(self._filled(words, values | self._own))}

    def _filled(self, words: Sequence[str], values: Values) -> Iterator[str]:
        for word in words:
            name = word.strip("{}")
            if name in self._told["choices"]:
                yield from self._told["choices"][name][values[name]]
            elif name == "argv":
                yield from values[name]
            else:
                yield re.sub(r"\{(\w+)\}", lambda found: values[found[1]], word)


def main() -> None:
    reference = Reference()
    for line in sys.stdin:
        ((question, about),) = json.loads(line).items()
        answer = reference.describe() if question == "describe" else reference.command(**about)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
