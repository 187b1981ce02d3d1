"""The lines of a run record: one `started`, a `case` for each due row, one `finished`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_vessel.clause import Clause, Level
from pytest_vessel.judge.baseline import Baseline, Expectation, Standing
from pytest_vessel.judge.control import Control, control_of, reason
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Decision, Finding, Verdict
from pytest_vessel.record.scene import Scene
from pytest_vessel.row import Row
from pytest_vessel.settings import Settings

SCHEMA = 1
"""Raised when a line changes in a way that an older reader cannot bear."""


@dataclass(frozen=True)
class Started:
    """What the run was, known before its first case.

    Attributes:
        harness: versions of `pytest_vessel`, `pytest`, `xdist`.
        environment: `kernel`, `machine`, `python`, `uid` of this machine.
        spec: digest of each suite's clauses.
        clauses: all clauses of the catalogue, planned ones too.
        due: the rows that this run owes.
        baseline: the known failures that apply to it.
    """

    harness: Mapping[str, str]
    environment: Mapping[str, str]
    spec: Mapping[str, str]
    implementations: tuple[Offer, ...]
    clauses: tuple[Clause, ...]
    due: tuple[Row, ...]
    settings: Settings
    schema: int = SCHEMA
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def seed(self) -> str:
        """The seed of everything random."""
        return self.settings.seed

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; `KeyError` where there is none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def offer(self, name: str) -> Offer:
        """The offer of an implementation; `KeyError` where there is none of that name."""
        for offer in self.implementations:
            if offer.name == name:
                return offer
        raise KeyError(name)


@dataclass(frozen=True)
class ControlLine:
    """The control of a pass: the same case again, with the implementation's locks sabotaged.

    Attributes:
        decision: what was decided about the sabotaged implementation.
        calls: how many of its lock calls were answered without taking place.
        observation, judged, duration_s, traceback: as in `CaseLine`.
    """

    decision: Decision
    calls: int
    observation: Any = None
    judged: bool = False
    duration_s: float = 0.0
    traceback: str = ""

    @property
    def state(self) -> Control:
        """What that makes of the pass."""
        return control_of(self.decision, self.calls)

    @property
    def reason(self) -> str:
        """Why, in one line."""
        return reason(self.decision, self.calls)


@dataclass(frozen=True)
class CaseLine:
    """One due row and what became of it.

    Attributes:
        n: number of the line, 1 for the first after `started`.
        row: implementation, clause, case.
        observation: what was seen, as JSON; None where nothing was.
        judged: whether the verdict is what the decider says of that observation (and, of a pass, its control).
        control: the control that was run; None where none was.
        reason: of a row without verdict: `deselected`, `stopped`, `interrupted`, `crashed`, `not collected`, `lost`.
        did: what the harness did, step by step.
        traceback: of an error, escaped.
        worker: name of the worker process; empty without workers.
        expectation, note, tolerated: how it stands to what was known, see `judge.baseline.Standing`.
        scene: what was started, and who did what; None where nothing was.
    """

    row: Row
    level: Level
    verdict: Verdict
    evidence: str = ""
    findings: tuple[Finding, ...] = ()
    why: str = ""
    mend: str = ""
    observation: Any = None
    judged: bool = False
    reason: str = ""
    duration_s: float = 0.0
    nodeid: str = ""
    did: tuple[str, ...] = ()
    traceback: str = ""
    worker: str = ""
    scene: Scene | None = None
    control: ControlLine | None = None
    n: int = 0
    expectation: Expectation = Expectation.NONE
    note: str = ""
    tolerated: bool = False

    @property
    def decision(self) -> Decision:
        """Verdict and reasons alone."""
        return Decision(self.verdict, self.evidence, self.findings, self.why, self.mend)

    def expected(self, standing: Standing) -> CaseLine:
        """The same line, with how it stands to what was known."""
        return replace(self, expectation=standing.expectation, note=standing.note, tolerated=standing.tolerated)

    @property
    def standing(self) -> Standing:
        """How that stands to what was known."""
        return Standing(self.expectation, self.note, self.tolerated)


@dataclass(frozen=True)
class Finished:
    """How the run ended.

    Attributes:
        complete: every clause of the catalogue that is due got a verdict.
        incomplete_because: why not; empty where it is complete.
        exit_status: what the run exited with.
        lost: rows without verdict that nobody left out knowingly.
    """

    complete: bool
    incomplete_because: str
    exit_status: int
    lost: tuple[Row, ...] = ()


Line = Started | CaseLine | Finished


@dataclass(frozen=True)
class Record:
    """A whole run."""

    started: Started
    cases: tuple[CaseLine, ...]
    finished: Finished
    path: str = ""
    by_row: Mapping[Row, CaseLine] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_row", {case.row: case for case in self.cases})

    def of(self, implementation: str) -> tuple[CaseLine, ...]:
        """The cases of one implementation in the order of the catalogue."""
        rows = (row for row in self.started.due if row.implementation == implementation)
        return tuple(self.by_row[row] for row in rows if row in self.by_row)
