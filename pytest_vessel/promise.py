"""Promises: what the documents that a suite was made from promise, numbered (`S002-07`) and in our own words.

The source of a clause names promises, man pages or an experiment: `S002-14: words; fcntl(2): words`. Pure data:
reading the files is the only thing here that touches the system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pytest_vessel import tables
from pytest_vessel.errors import CatalogueError

_ID = re.compile(r"S\d{3}-\d{2}")
_ORIGIN = re.compile(r"(S\d{3}-\d{2}|[a-z][\w.+-]*\(\d\w*\)|experiment)(: \S.*)?")
_MEND = "Name a promise (S002-14), a man page (fcntl(2)) or `experiment`, with words after a colon, parted by `; `."


@dataclass(frozen=True)
class Promise:
    """One promise; `short` is what the sources of clauses repeat of it."""

    id: str
    short: str
    sentence: str


def cited(source: str) -> tuple[str, ...]:
    """The promises that the source of a clause names, each once."""
    return tuple(dict.fromkeys(origin for origin in origins(source) if _ID.fullmatch(origin)))


def origins(source: str) -> tuple[str, ...]:
    """What a source names: promises, man pages, `experiment`; parts that name none of these are left out."""
    found = (_ORIGIN.fullmatch(part) for part in source.split("; "))
    return tuple(part[1] for part in found if part)


def load(suite: str) -> dict[str, Promise]:
    """The promises of a suite by id; none where it has no file of them.

    Raises:
        CatalogueError: the file cannot be read, or a row does not fit.
    """
    source = files(f"pytest_vessel.conformance.{suite}") / "promises.toml"
    if not source.is_file():
        return {}
    rows, _digest = tables.read(source)
    return {name: _parse(name, row, where=f"{source}: [{name}]") for name, row in rows.items()}


def _parse(name: str, row: Any, *, where: str) -> Promise:
    if not _ID.fullmatch(name):
        raise CatalogueError(f"{name!r} is no id of a promise", where=where, mend="Write it as [S002-07].")
    fits = isinstance(row, Mapping) and set(row) == {"short", "promise"}
    if not fits or not all(isinstance(text, str) and text for text in row.values()):
        raise CatalogueError("is not `short` and `promise`, two texts", where=where, mend="Compare it with another.")
    return Promise(name, row["short"], row["promise"])


def check(source: str, promises: Mapping[str, Promise], *, where: str) -> None:
    """Make sure that a source names nothing that was never promised.

    Raises:
        CatalogueError: it does.
    """
    for name in cited(source):
        if name not in promises:
            raise CatalogueError(f"its source names {name}, which is no promise", where=where, mend=_MEND)


def check_origin(source: str, *, where: str) -> None:
    """Make sure that every part of a source says where it comes from.

    Raises:
        CatalogueError: one does not.
    """
    for part in source.split("; "):
        if not _ORIGIN.fullmatch(part):
            raise CatalogueError(f"its source is not traceable: {part!r}", where=where, mend=_MEND)
