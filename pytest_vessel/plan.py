"""Which clauses a run would decide, and which not and why, before anything of the implementation is run."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_vessel import clause as clauses
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.protocol import Adapter
from pytest_vessel.adapter.registry import resolve
from pytest_vessel.clause import Case, Clause
from pytest_vessel.judge.offer import undecidable
from pytest_vessel.judge.verdict import Decision, inconclusive
from pytest_vessel.report import escape
from pytest_vessel.row import label
from pytest_vessel.system import environment

_CASE_S = 0.1
_INSTALLING_CASE_S = 0.5
"""What a case takes on an ordinary machine, measured; an implementation that installs does so for each."""


@dataclass(frozen=True)
class PlannedCase:
    """One case; `decision` is None where its test will run, `offered` None where no implementation was asked."""

    clause: Clause
    case: str
    decision: Decision | None
    asked: bool

    @property
    def state(self) -> str:
        """In a word: `decidable`, `planned`, or the verdict that it has before it runs."""
        if self.clause.planned:
            return "planned"
        if not self.asked:
            return str(self.clause.level)
        return str(self.decision.verdict) if self.decision else "decidable"

    def __str__(self) -> str:
        why = f"  [{self.decision.text}]" if self.decision else ""
        return escape.line(f"{self.state:<15} {label(self.clause.id, self.case):<26} {self.clause.sentence}{why}")

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "id": self.clause.id,
            "case": self.case,
            "suite": self.clause.suite,
            "profile": self.clause.profile_of(self.case),
            "level": str(self.clause.level),
            "sentence": self.clause.sentence,
            "source": self.clause.source,
            "needs": list(self.clause.case(self.case).needs),
            "machine": list(self.clause.case(self.case).machine),
            "kills": list(self.clause.kills),
            "state": self.state,
            "why": self.decision.text if self.decision else None,
        }


def rows_of(address: str | None) -> list[PlannedCase]:
    """Every case of the catalogue; with an address, what that implementation on this machine makes of it.

    Raises:
        UsageProblem, AdapterError: there is no such implementation.
    """
    return rows_by(resolve(address, base=Path.cwd()) if address else None)


def rows_by(adapter: Adapter | None) -> list[PlannedCase]:
    """The same for an adapter; without one, nobody was asked."""
    return [
        PlannedCase(clause, case.name, _decision(clause, case, adapter), adapter is not None)
        for clause in clauses.load()
        for case in clause.cases
    ]


def _decision(clause: Clause, case: Case, adapter: Adapter | None) -> Decision | None:
    if adapter is None or clause.planned:
        return None
    if decision := undecidable(clause, case, adapter.offer):
        return decision
    needs = [*case.machine, *(need for verb in case.verbs for need in adapter.machine(verb))]
    lacking = environment.lacks(needs)
    return inconclusive(lacking.what, mend=lacking.mend) if lacking else None


def what_it_executes(address: str) -> Iterator[str]:
    """What an adapter that is not built in executes: it is code, and whoever runs it should see what it does.

    Raises:
        UsageProblem, AdapterError: there is no such implementation.
    """
    if address.startswith(("exec:", "py:")):
        yield escape.line(f"{address} is executed, and with it what it answers")
        return
    adapter = resolve(address, base=Path.cwd())
    if isinstance(adapter, CommandAdapter) and Path(adapter.address).is_absolute():
        for verb, words in adapter.description.verbs.items():
            yield escape.line(f"{adapter.name}: {verb} executes {shlex.join(words)}")


def plan(address: str) -> Iterator[str]:
    """What `pytest -p vessel --vessel-impl ADDRESS` would do here, line by line."""
    rows = [row for row in rows_of(address) if not row.clause.planned]
    adapter = resolve(address, base=Path.cwd())
    decidable = [row for row in rows if row.decision is None]
    others = [row for row in rows if row.decision is not None]
    yield escape.line(f"{adapter.offer.name} {adapter.offer.version}".rstrip() + f" ({adapter.offer.address})")
    yield f"as {_who()}; clauses about permissions as {_unprivileged()}"
    yield f"{len(decidable)} cases will be decided, in about {_duration_s(adapter, decidable):.0f} s"
    yield from (f"  {row}" for row in decidable)
    yield f"{len(others)} cases will not"
    for row in others:
        yield f"  {row}"
        if row.decision and row.decision.mend:
            yield escape.line(f"    {row.decision.mend}")


def _who() -> str:
    return "root" if os.geteuid() == 0 else f"uid {os.geteuid()}"


def _unprivileged() -> str:
    user = environment.unprivileged_user("nobody" if os.geteuid() == 0 else None)
    return user.name if user else "ourselves"


def _duration_s(adapter: Adapter, rows: Sequence[PlannedCase]) -> float:
    each_s = _INSTALLING_CASE_S if "install" in adapter.offer.capabilities else _CASE_S
    return max(1.0, each_s * len(rows))
