"""One case while it runs: what was judged, what went wrong, and what that makes of it. Knows no test runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_vessel.clause import Case, Clause
from pytest_vessel.context import Context
from pytest_vessel.errors import AdapterError, HarnessError, Inconclusive
from pytest_vessel.judge.conclusion import concluded
from pytest_vessel.judge.control import after_control
from pytest_vessel.judge.judging import judged
from pytest_vessel.judge.offer import undecidable
from pytest_vessel.judge.verdict import Decision, Verdict, inconclusive
from pytest_vessel.observation.codec import to_json
from pytest_vessel.record.line import CaseLine, ControlLine
from pytest_vessel.record.scene import Scene
from pytest_vessel.row import Row

if TYPE_CHECKING:
    from pytest_vessel.system.sabotage import Sabotage


@dataclass
class CaseRun:
    """The state of one case; `settled` is its decision where it need not run."""

    context: Context
    row: Row
    nodeid: str
    settled: Decision | None = None
    decision: Decision | None = None
    observation: Any = None
    judgements: int = 0
    trouble: Decision | None = None
    traceback: str = ""
    did: Sequence[str] = ()
    scene: Callable[[], Scene] | None = None
    doubt: Callable[[], Inconclusive | None] = lambda: None
    """Asked about a pass: why it would prove nothing."""
    duration_s: float = 0.0
    phases: set[str] = field(default_factory=set)
    is_control: bool = False
    sabotage: Sabotage | None = None
    control: ControlLine | None = None

    @property
    def wants_control(self) -> bool:
        """Whether a control is due: it was asked for, and there is a pass so far whose clause has one."""
        wanted = self.context.settings.control and self.clause.control_of(self.row.case) is not None
        return wanted and not self.is_control and self.verdict().verdict is Verdict.PASS

    def as_control(self) -> CaseRun:
        """The same case, to be run with the implementation sabotaged."""
        return CaseRun(self.context, self.row, self.nodeid, is_control=True)

    def controlled(self, control: CaseRun) -> None:
        """Take in what came of the control."""
        self.control = ControlLine(
            decision=control.verdict(),
            calls=control.sabotage.calls if control.sabotage else 0,
            observation=control.observation,
            judged=control.is_judged,
            duration_s=round(control.duration_s, 6),
            traceback=control.traceback,
        )

    @property
    def clause(self) -> Clause:
        """The clause that is decided."""
        return self.context.catalogue[self.row.clause]

    @property
    def case(self) -> Case:
        """The case of it."""
        return self.clause.case(self.row.case)

    def settle(self) -> None:
        """Ask whether this case can be decided here at all."""
        from pytest_vessel.system.environment import lacks

        self.settled = undecidable(self.clause, self.case, self.context.offer(self.row.implementation))
        needs = (*self.case.machine, *(("gate",) if self.is_control else ()))
        if self.settled is None and (missing := lacks(needs, user=self.context.settings.user)):
            self.settled = inconclusive(missing.what, mend=missing.mend)

    def judge(self, observation: object) -> None:
        """Hand over what was seen. Never raises for a fail.

        The decider sees the observation as a replay would: after a way through JSON.

        Raises:
            HarnessError: it was called before, or the decider cannot be had.
            Inconclusive: it would be a pass that proves nothing.
        """
        self.judgements += 1
        if self.judgements > 1:
            raise HarnessError("judge was called twice", where=self.nodeid, mend="One item, one observation.")
        self.observation = to_json(observation)
        self.decision = judged(self.clause.suite, self.clause.id, self.row.case, self.observation)
        if self.decision.verdict is Verdict.PASS and (doubt := self.doubt()):
            raise doubt

    def troubled(self, problem: BaseException, traceback: str) -> None:
        """Something was raised, in whatever phase: an `error` outweighs an `inconclusive`, the first one stays."""
        if isinstance(problem, Inconclusive):
            where = f"{problem.where}: " if problem.where else ""
            found = inconclusive(where + problem.what, mend=problem.mend)
        else:
            found = Decision(Verdict.ERROR, why=_in_a_line(problem), mend=getattr(problem, "mend", ""))
        if self.trouble is None or (found.verdict is Verdict.ERROR and self.trouble.verdict is not Verdict.ERROR):
            self.trouble = found
            explained = isinstance(problem, AdapterError) and problem.__cause__ is None
            self.traceback = traceback if found.verdict is Verdict.ERROR and not explained else ""

    @property
    def failed(self) -> bool:
        """Whether somebody will want to look at what is left of it."""
        return self.verdict().verdict in (Verdict.FAIL, Verdict.ERROR)

    def verdict(self) -> Decision:
        """What all of this comes to."""
        if self.trouble is not None:
            return self.trouble
        if self.settled is not None:
            return self.settled
        if self.decision is None:
            return Decision(
                Verdict.ERROR, why="the test ended without a judgement", mend="Call judge(observation) once."
            )
        if self.control is not None:
            return after_control(self.decision, self.control.decision, self.control.calls)
        return self.decision

    @property
    def is_judged(self) -> bool:
        """Whether the verdict is what the decider says of what was seen."""
        return self.trouble is None and self.settled is None and self.decision is not None

    def line(self) -> CaseLine:
        """The line for the record, without its number and worker."""
        seen = self.verdict()
        context = self.context
        decision, standing = concluded(
            seen,
            self.row,
            clause=self.clause,
            offer=context.offer(self.row.implementation),
            baseline=context.baseline,
            today=context.settings.today,
        )
        line = CaseLine(row=self.row, level=self.clause.level, verdict=decision.verdict)
        return replace(
            line.expected(standing),
            evidence=decision.evidence,
            findings=decision.findings,
            why=decision.why,
            mend=decision.mend,
            observation=self.observation,
            judged=self.is_judged,
            duration_s=round(self.duration_s, 6),
            nodeid=self.nodeid,
            did=tuple(str(step) for step in self.did),
            traceback=self.traceback,
            scene=self.scene() if self.scene else None,
            control=self.control,
        )


def _in_a_line(problem: BaseException) -> str:
    if type(problem).__name__ == "Skipped" and type(problem).__module__ == "builtins":
        return f"a suite may not skip: {problem}"
    what = str(problem).strip().partition("\n")[0]
    return f"{type(problem).__name__}: {what}" if what else type(problem).__name__
