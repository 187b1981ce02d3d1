"""Verdicts, findings and decisions: what a decider says of an observation. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What was decided about one case. `FACT` is no verdict: the recorded value of a fact row."""

    PASS = "pass"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    NOT_APPLICABLE = "not_applicable"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"
    ERROR = "error"
    FACT = "fact"

    @property
    def decided(self) -> bool:
        """Whether it says something about the implementation."""
        return self in (Verdict.PASS, Verdict.FAIL)


@dataclass(frozen=True)
class Finding:
    """One difference: `where` and `code` are stable words (never paths, pids, times); the rest is for people.

    `observed` may have several lines, such as one for each entry of a folder that differs.
    """

    where: str
    code: str
    expected: str
    observed: str


@dataclass(frozen=True)
class Decision:
    """A verdict with its reason: `evidence` of a pass or value of a fact, `findings` of a fail, `why` of the rest."""

    verdict: Verdict
    evidence: str = ""
    findings: tuple[Finding, ...] = ()
    why: str = ""
    mend: str = ""

    @property
    def text(self) -> str:
        """The reason in one line."""
        if self.findings:
            return "; ".join(f"{one.where}: {'; '.join(one.observed.splitlines())}" for one in self.findings)
        return self.evidence or self.why


def passed(evidence: str) -> Decision:
    """A pass; `evidence` must not be empty."""
    if not evidence.strip():
        raise ValueError("a pass needs a line of evidence")
    return Decision(Verdict.PASS, evidence=evidence)


def fail(where: str, code: str, *, expected: str, observed: str) -> Decision:
    """A fail with one finding."""
    return failed(Finding(where, code, expected, observed))


def failed(*findings: Finding) -> Decision:
    """A fail with these findings, at least one."""
    if not findings:
        raise ValueError("a fail needs a finding")
    return Decision(Verdict.FAIL, findings=findings)


def inconclusive(why: str, *, mend: str = "") -> Decision:
    """This environment cannot decide; `mend` says how to change that."""
    return Decision(Verdict.INCONCLUSIVE, why=why, mend=mend)


def not_applicable(why: str) -> Decision:
    """The clause's condition does not hold for this implementation."""
    return Decision(Verdict.NOT_APPLICABLE, why=why)


def unsupported(why: str) -> Decision:
    """The adapter lacks a capability that the clause needs."""
    return Decision(Verdict.UNSUPPORTED, why=why)


def fact(value: str) -> Decision:
    """The value of a fact row."""
    return Decision(Verdict.FACT, evidence=value)


_WORST_FIRST = (Verdict.ERROR, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NOT_RUN, Verdict.PASS, Verdict.FACT)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a clause from those of its cases: `unsupported` and `not_applicable` only if all are.

    Raises:
        ValueError: no verdict was given.
    """
    seen = set(verdicts)
    for verdict in _WORST_FIRST:
        if verdict in seen:
            return verdict
    if not seen:
        raise ValueError("a clause needs at least one case")
    return Verdict.UNSUPPORTED if Verdict.UNSUPPORTED in seen else Verdict.NOT_APPLICABLE
