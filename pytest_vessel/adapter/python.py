"""A Python object that answers: `py:package.module:attribute`, or an entry point of `pytest_vessel.adapters`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pytest_vessel.adapter.asked import Answers, Values
from pytest_vessel.errors import AdapterError

GROUP = "pytest_vessel.adapters"
_MEND = "Mend it, or the address: py:package.module:attribute."


def named(name: str) -> EntryPoint | None:
    """The entry point of that name, of any installed distribution."""
    return next(iter(entry_points(group=GROUP, name=name)), None)


class PythonObject:
    """The answers of an object, or of an instance of a class. See `Answers`.

    What it raises becomes an `AdapterError`. Not guaranteed: a bound on time, for it runs in this process.

    Args:
        value: `package.module:attribute`.
        address: what errors call it.
        base: a folder that is on `sys.path` while the module is imported.
    """

    def __init__(self, value: str, address: str, base: Path) -> None:
        self._address = address
        module, _, attribute = value.partition(":")
        if not module or not attribute:
            raise AdapterError("names no module and attribute", where=address, mend=_MEND)
        with self._errors("import"), _importable(base):
            found = getattr(importlib.import_module(module), attribute)
            self._answers: Answers = found() if isinstance(found, type) else found
        for method in ("describe", "command"):
            if not callable(getattr(self._answers, method, None)):
                raise AdapterError(f"has no method {method}()", where=address, mend="See docs/adapters.md.")

    @contextmanager
    def _errors(self, where: str) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            what = f"raises {type(problem).__name__}: {problem}"
            raise AdapterError(what, where=f"{self._address} {where}", mend=_MEND) from problem

    def describe(self) -> Mapping[str, Any]:
        """See `Answers.describe`."""
        with self._errors("describe"):
            return self._answers.describe()

    def command(self, verb: str, values: Values) -> Mapping[str, Any]:
        """See `Answers.command`."""
        with self._errors(f"command {verb}"):
            return self._answers.command(verb, values)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
