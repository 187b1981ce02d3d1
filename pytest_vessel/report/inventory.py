"""What there is to run: implementations, suites, profiles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_vessel.clause import Catalogue, Clause
from pytest_vessel.judge.offer import Offer


@dataclass(frozen=True)
class Inventory:
    """What `list` shows.

    Attributes:
        offers: the implementations that have a name: built in, or of other distributions.
        known: how many known failures are built in, by implementation.
        mutants: how many there are.
    """

    offers: tuple[Offer, ...]
    known: Mapping[str, int]
    mutants: int
    catalogue: Catalogue


@dataclass(frozen=True)
class Count:
    """Clauses with tests, their cases, and clauses that are planned."""

    clauses: int
    cases: int
    planned: int

    def __str__(self) -> str:
        planned = f", {self.planned} planned" if self.planned else ""
        return f"{_some(self.clauses, 'clause')} ({_some(self.cases, 'case')}){planned}"


def _some(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def counted(clauses: Iterable[Clause], profile: str = "") -> Count:
    """How many of these clauses there are, or of their cases in one profile; retired ones do not count."""
    clauses = list(clauses)
    cases = [
        (clause, case)
        for clause in clauses
        if clause.until is None
        for case in clause.cases
        if profile in ("", clause.profile_of(case.name))
    ]
    due = [(clause.id, case) for clause, case in cases if clause.due]
    planned = {clause.id for clause, _ in cases if clause.planned}
    return Count(len({clause for clause, _ in due}), len(due), len(planned))


def profiles_of(clauses: Iterable[Clause]) -> dict[str, Count]:
    """The profiles of these clauses, planned ones too, in their order."""
    clauses = list(clauses)
    names = dict.fromkeys(clause.profile_of(case.name) for clause in clauses for case in clause.cases)
    return {name: counted(clauses, name) for name in names}


def verbs_of(offer: Offer) -> tuple[str, ...]:
    """What it can be asked to do."""
    return tuple(name for name in offer.capabilities if "." not in name)


def _suites(catalogue: Catalogue) -> dict[str, list[Clause]]:
    suites: dict[str, list[Clause]] = {}
    for clause in catalogue:
        suites.setdefault(clause.suite, []).append(clause)
    return suites


def lines(inventory: Inventory) -> Iterator[str]:
    """What people read. Not escaped."""
    yield "implementations (--vessel-impl)"
    for offer in inventory.offers:
        yield f"  {offer.address:<18} {_state(offer)}"
        yield f"  {'':<18} {_details(offer, inventory.known)}"
    yield f"  {'mutant:NAME':<18} {_some(inventory.mutants, 'variant')} of the reference, one known defect each"
    yield f"  {'./my.toml':<18} any program, by an adapter file"
    yield "suites (--vessel-suite) and their profiles"
    for suite, clauses in _suites(inventory.catalogue).items():
        yield f"  {suite:<18} {counted(clauses)}"
        for profile, count in profiles_of(clauses).items():
            yield f"    {profile:<16} {count}"


def _state(offer: Offer) -> str:
    if offer.absent:
        return f"not found: {offer.absent}" + (f" ({offer.mend})" if offer.mend else "")
    return f"found: {offer.version or 'no version'}"


def _details(offer: Offer, known: Mapping[str, int]) -> str:
    count = known.get(offer.name)
    failures = f"; {_some(count, 'known failure')} (--vessel-baseline builtin)" if count is not None else ""
    return f"verbs: {', '.join(verbs_of(offer)) or 'none'}{failures}"


def as_json(inventory: Inventory) -> dict[str, Any]:
    """The same for programs."""
    return {
        "schema": 1,
        "implementations": [_offer_as_json(offer, inventory.known) for offer in inventory.offers],
        "mutants": inventory.mutants,
        "suites": [
            {
                "name": suite,
                **vars(counted(clauses)),
                "profiles": [{"name": name, **vars(count)} for name, count in profiles_of(clauses).items()],
            }
            for suite, clauses in _suites(inventory.catalogue).items()
        ],
    }


def _offer_as_json(offer: Offer, known: Mapping[str, int]) -> dict[str, Any]:
    verbs: Sequence[str] = verbs_of(offer)
    return {
        "name": offer.name,
        "address": offer.address,
        "found": not offer.absent,
        "version": offer.version or None,
        "why_not": offer.absent or None,
        "mend": offer.mend or None,
        "verbs": list(verbs),
        "known_failures": known.get(offer.name),
    }
