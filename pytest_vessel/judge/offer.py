"""What an implementation offers, and which cases that makes decidable. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_vessel.clause import Case, Clause, ways
from pytest_vessel.judge.verdict import Decision, inconclusive, not_applicable, unsupported


@dataclass(frozen=True)
class Offer:
    """One implementation as its adapter describes it.

    Attributes:
        name: short name, part of node ids.
        version: first line that its version command prints; empty where it cannot be had.
        address: what `--vessel-impl` takes from any folder.
        binary_digest: `sha256:...` of the program, or empty.
        capabilities: verbs (`run`), choices (`choices.wait.no`) and roles (`layout.ref`) that it offers.
        empty: roles declared empty: there is no such file in this implementation.
        exceptions: clause or case (`LOCK-047`) to reason, see `judge.exception`.
        absent: why it cannot be used on this machine at all; empty where it can.
        mend: how to change that.
    """

    name: str
    version: str = ""
    address: str = ""
    binary_digest: str = ""
    capabilities: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    exceptions: Mapping[str, str] = field(default_factory=dict)
    absent: str = ""
    mend: str = ""

    def meets(self, need: str) -> bool:
        """Whether it offers what a case needs."""
        return any(way in self.capabilities for way in ways(need))


def undecidable(clause: Clause, case: Case, offer: Offer) -> Decision | None:
    """Why this case cannot be decided for this implementation, or None where its test should run.

    The test of a declared exception runs too: one that holds nevertheless is stale.
    """
    for need in case.needs:
        if offer.meets(need):
            continue
        if empty := [way for way in ways(need) if way in offer.empty]:
            return not_applicable(f"{offer.name} has no {empty[0].removeprefix('layout.')}")
        return unsupported(f"the adapter of {offer.name} offers no {' or '.join(ways(need))}")
    if offer.absent:
        return inconclusive(offer.absent, mend=offer.mend)
    return None
