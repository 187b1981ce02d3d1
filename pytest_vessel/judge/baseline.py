"""Known failures: which fails are expected, which passes are stale. Pure: the date of today is an input."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pytest_vessel.judge.verdict import Decision, Finding, Verdict
from pytest_vessel.row import Row, label

GRACE_DAYS = 14
"""For so many days after its date an expired line is a warning; after them its failure counts."""

UNEXPLAINED = "to be explained"
"""What the reason of a line begins with until somebody has written one."""

_FINGERPRINT_DIGITS = 12


class Expectation(StrEnum):
    """How a verdict stands to what is known of the implementation."""

    NONE = "none"
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Known:
    """One known failure: a line of a baseline.

    Attributes:
        fingerprint: of the findings that are known.
        reason: why it fails, for people.
        owner: whom to ask; may be empty.
        expires: the last day on which it is expected; None for no end.
        findings: the findings behind the fingerprint, as `codes` spells them; may be empty.
        place: file and line, for messages.
    """

    implementation: str
    clause: str
    case: str
    fingerprint: str
    reason: str
    owner: str = ""
    expires: date | None = None
    findings: tuple[str, ...] = ()
    place: str = ""

    @property
    def label(self) -> str:
        """Clause and case: `LOCK-019[fifo]`."""
        return label(self.clause, self.case)

    @property
    def unexplained(self) -> bool:
        """Whether its reason is still to be written."""
        return self.reason.startswith(UNEXPLAINED)


@dataclass(frozen=True)
class Baseline:
    """The known failures that apply to a run.

    Attributes:
        known: those of its implementations whose condition holds here.
        files: where they were read.
        elsewhere: how many lines of these implementations have a condition that does not hold here.
        updates: the run writes the baseline anew, so that no known or unknown failure counts in it.
    """

    known: tuple[Known, ...] = ()
    files: tuple[str, ...] = ()
    elsewhere: int = 0
    updates: bool = False

    def of(self, row: Row) -> Known | None:
        """The line for a row, or None."""
        for known in self.known:
            if (known.implementation, known.clause, known.case) == (row.implementation, row.clause, row.case):
                return known
        return None


@dataclass(frozen=True)
class Standing:
    """What a verdict means beside what was known.

    Attributes:
        note: for people: reason, or what to do; may be empty.
        tolerated: a fail that does not count, or a stale line that is about to go.
    """

    expectation: Expectation = Expectation.NONE
    note: str = ""
    tolerated: bool = False


def codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What a fingerprint is made of: `where: class` of each finding, sorted, each once."""
    return tuple(sorted({f"{finding.where}: {finding.code}" for finding in findings}))


def fingerprint(of_codes: Iterable[str]) -> str:
    """12 hexadecimal digits of the SHA-256 of these codes, one a line, sorted, each once.

    Paths, pids, times and the seed are no part of it: findings name places and classes by stable words.
    """
    text = "\n".join(sorted(set(of_codes)))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_FINGERPRINT_DIGITS]


def standing(decision: Decision, known: Known | None, *, today: date, updates: bool = False) -> Standing:
    """How a decision stands to the line for its case.

    What was not decided (unsupported, inconclusive, not run) is neither expected nor stale: nothing was seen of it.
    An error says nothing about the implementation; no line can expect it.
    """
    if decision.verdict is Verdict.ERROR:
        return Standing(Expectation.UNEXPECTED)
    if decision.verdict is Verdict.PASS and known is not None:
        todo = f'delete [{known.implementation}."{known.label}"], {known.place}'
        return Standing(Expectation.STALE, f"passes, though listed as a known failure: {todo}", updates)
    if decision.verdict is not Verdict.FAIL:
        return Standing()
    if known is None:
        return Standing(Expectation.UNEXPECTED, tolerated=updates)
    seen = codes(decision.findings)
    if fingerprint(seen) != known.fingerprint:
        return Standing(Expectation.UNEXPECTED, _another(known, seen), updates)
    if known.expires is not None and today > known.expires:
        return _expired(known, known.expires, today, updates)
    return Standing(Expectation.EXPECTED, known.reason, True)


def _another(known: Known, seen: tuple[str, ...]) -> str:
    """The classes of both where the line names its own, else the fingerprints."""
    before, now = ", ".join(known.findings) or known.fingerprint, ", ".join(seen)
    if not known.findings:
        now = f"{fingerprint(seen)} ({now})"
    return f"another failure than the known one: known {before}, now {now} ({known.place})"


def _expired(known: Known, expires: date, today: date, updates: bool) -> Standing:
    counts_from = expires + timedelta(days=GRACE_DAYS + 1)
    grace = today < counts_from
    rest = f"counts as a failure from {counts_from} on" if grace else f"counts as a failure since {counts_from}"
    note = f"{known.reason}; expired on {expires}, {rest} ({known.place})"
    return Standing(Expectation.EXPIRED, note, grace or updates)


_WORST_FIRST = (Expectation.UNEXPECTED, Expectation.STALE, Expectation.EXPIRED, Expectation.EXPECTED)


def worst_expectation(expectations: Iterable[Expectation]) -> Expectation:
    """That of a clause from those of its cases."""
    seen = set(expectations)
    return next((one for one in _WORST_FIRST if one in seen), Expectation.NONE)
