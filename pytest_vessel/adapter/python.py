"""A Python object that answers: `py:package.module:attribute`, or an entry point of `pytest_vessel.adapters`."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from pytest_vessel.adapter.child import ANSWER_TIMEOUT_S, adapter_of_child
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.errors import AdapterError

GROUP = "pytest_vessel.adapters"
_MEND = "Mend it, or the address: py:package.module:attribute."


def installed() -> tuple[str, ...]:
    """Names of the implementations whose adapters come with other distributions."""
    return tuple(sorted(entry_points(group=GROUP).names))


def named(name: str) -> EntryPoint | None:
    """The entry point of that name, of any installed distribution."""
    return next(iter(entry_points(group=GROUP, name=name)), None)


def adapter_of_object(value: str, address: str, base: Path, timeout_s: float = ANSWER_TIMEOUT_S) -> CommandAdapter:
    """The adapter that an object, or an instance of a class, answers for: in a child, so that its time is bounded.

    Args:
        value: `package.module:attribute`.
        address: what errors call it.
        base: a folder that comes first on `sys.path` there; the rest is as here.
        timeout_s: bound on one answer, the first with the import.

    Raises:
        AdapterError: it cannot be imported, raises something, or does not answer in time; or its answer does not fit.
    """
    module, _, attribute = value.partition(":")
    if not module or not attribute:
        raise AdapterError("names no module and attribute", where=address, mend=_MEND)
    argv = (sys.executable, "-P", "-m", "pytest_vessel.adapter.answering", value, str(base), *sys.path)
    return adapter_of_child(argv, address, base, mend=_MEND, timeout_s=timeout_s)
