"""Clauses: the numbered requirements of a suite, read from its `clauses.toml`.

Pure data: reading the files is the only thing here that touches the system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Any

from pytest_vessel import promise, tables
from pytest_vessel.errors import CatalogueError

SUITES = ("locking", "overrides")
"""Suites that are shipped, in the order in which they run."""


CONTROLS = ("locks",)
"""The kinds of control that a clause can ask for."""
NO_CONTROL = "none"


class Level(StrEnum):
    """How strong a clause is (RFC 2119); a `FACT` is recorded without a verdict."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"
    FACT = "FACT"


@dataclass(frozen=True)
class Case:
    """A named instance of a clause.

    `needs`: capabilities of the implementation (`run`, `choices.wait.yes`, `layout.ref`); of `copy|overlay` one is
    enough.
    `machine`: what this machine must offer (`gate`, `user`, `mounts`), see `system.environment`.
    `profile`: the profile that it is part of, where that is not the clause's.
    `control`: the same for its control; `none`: it has none, though the clause's other cases do.
    """

    name: str
    needs: tuple[str, ...]
    machine: tuple[str, ...]
    profile: str = ""
    control: str = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs that may be called."""
        return tuple(dict.fromkeys(way for need in self.needs for way in ways(need) if "." not in way))


def ways(need: str) -> tuple[str, ...]:
    """The capabilities of which one meets a need."""
    return tuple(need.split("|"))


@dataclass(frozen=True)
class Clause:
    """One requirement; `cases` holds one case with an empty name where the clause names none."""

    id: str
    suite: str
    level: Level
    sentence: str
    source: str
    profile: str
    cases: tuple[Case, ...]
    kills: tuple[str, ...] = ()
    planned: bool = False
    may_declare: bool = False
    control: str | None = None
    until: str | None = None

    def case(self, name: str) -> Case:
        """The case of that name; `KeyError` where there is none."""
        for case in self.cases:
            if case.name == name:
                return case
        raise KeyError(name)

    def profile_of(self, name: str) -> str:
        """The profile that the case of that name is part of; `KeyError` where there is none."""
        return self.case(name).profile or self.profile

    def control_of(self, name: str) -> str | None:
        """The control of the case of that name (`locks`), or None; `KeyError` where there is no such case."""
        control = self.case(name).control or self.control
        return None if control == NO_CONTROL else control

    @property
    def promises(self) -> tuple[str, ...]:
        """The promises that it comes from; none where its source is something else."""
        return promise.cited(self.source)

    @property
    def due(self) -> bool:
        """Whether a run owes a verdict for it: neither planned nor retired."""
        return not self.planned and self.until is None


@dataclass(frozen=True)
class Catalogue:
    """The clauses of all suites, in the order of their files."""

    clauses: tuple[Clause, ...]
    digests: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Clause]:
        return iter(self.clauses)

    def __getitem__(self, clause_id: str) -> Clause:
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """All clause ids, planned ones too."""
        return tuple(clause.id for clause in self.clauses)


def load(suites: tuple[str, ...] | None = None) -> Catalogue:
    """Read the catalogue of these suites, or of all of `SUITES`.

    Each suite is the package `pytest_vessel.conformance.NAME`, wherever that lies.

    Raises:
        CatalogueError: a file is missing, is not TOML, a row lacks a key, or its source is a promise that nobody made.
    """
    clauses: list[Clause] = []
    digests: dict[str, str] = {}
    for suite in SUITES if suites is None else suites:
        source = files(f"pytest_vessel.conformance.{suite}") / "clauses.toml"
        rows, digest = tables.read(source)
        digests[suite] = digest
        promised = promise.load(suite)
        for clause_id, row in rows.items():
            where = f"{source}: [{clause_id}]"
            clauses.append(parse(suite, clause_id, row, where=where))
            promise.check(clauses[-1].source, promised, where=where)
    return Catalogue(tuple(clauses), digests)


_KEYS = {"level", "sentence", "source", "profile", "needs", "machine", "cases", "kills"} | {
    "planned",
    "may_declare",
    "control",
    "until",
}


def parse(suite: str, clause_id: str, row: Mapping[str, Any], *, where: str) -> Clause:
    """One row of a clause file.

    Raises:
        CatalogueError: a key is missing, unknown or of the wrong type.
    """
    if not isinstance(row, Mapping):
        raise CatalogueError("is not a table", where=where, mend="Write it as [LOCK-001] with keys below.")
    if unknown := set(row) - _KEYS:
        raise CatalogueError(f"unknown key {sorted(unknown)[0]!r}", where=where, mend=f"Known: {sorted(_KEYS)}")
    try:
        needs, machine = tuple(row.get("needs", ())), tuple(row.get("machine", ()))
        named = row.get("cases", {"": {}})
        cases = tuple(
            Case(
                name,
                (*needs, *of_case.get("needs", ())),
                (*machine, *of_case.get("machine", ())),
                of_case.get("profile", ""),
                _control(of_case.get("control", "")),
            )
            for name, of_case in named.items()
        )
        return Clause(
            id=clause_id,
            suite=suite,
            level=Level(row["level"]),
            sentence=row["sentence"],
            source=row["source"],
            profile=row["profile"],
            cases=cases,
            kills=tuple(row.get("kills", ())),
            planned=row.get("planned", False),
            may_declare=row.get("may_declare", False),
            control=_control(row.get("control")) or None,
            until=row.get("until"),
        )
    except KeyError as problem:
        raise CatalogueError(f"lacks the key {problem}", where=where, mend="Add it.") from None
    except (ValueError, AttributeError, TypeError) as problem:
        raise CatalogueError(f"does not fit: {problem}", where=where, mend="Compare it with another row.") from None


def _control(name: str | None) -> str:
    if name and name not in (*CONTROLS, NO_CONTROL):
        raise ValueError(f"unknown control {name!r}; known: {', '.join((*CONTROLS, NO_CONTROL))}")
    return name or ""
