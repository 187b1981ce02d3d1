"""The kill matrix: which clause caught which known-bad implementation, told by run records alone. Pure.

A clause *kills* a mutant when one of its cases fails. A clause that binds the reference and kills nobody is unproven:
for all we know it passes whatever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_vessel.clause import Catalogue, Clause
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.report import escape
from pytest_vessel.row import label


@dataclass(frozen=True)
class Kills:
    """One clause and the mutants that were run against it.

    Attributes:
        named: those that its row says it kills, of the mutants that were asked for.
        killed: those that failed it, and those that did not in `survived`; in the order of the runs.
        cases: for each case that the reference passed, the mutants that failed it.
    """

    clause: Clause
    named: tuple[str, ...]
    killed: tuple[str, ...]
    survived: tuple[str, ...]
    cases: Mapping[str, tuple[str, ...]]

    @property
    def unexpected(self) -> tuple[str, ...]:
        """Mutants that it killed, and its row does not say so."""
        return tuple(name for name in self.killed if name not in self.named)

    @property
    def missed(self) -> tuple[str, ...]:
        """Mutants that its row names, and it did not kill."""
        return tuple(name for name in self.named if name not in self.killed)

    @property
    def line(self) -> str:
        """What the row's `kills` would have to be, in TOML: those that it kills, and those that were not asked for."""
        unasked = [name for name in self.clause.kills if name not in self.named]
        return "[" + ", ".join(f'"{name}"' for name in sorted({*self.killed, *unasked})) + "]"


@dataclass(frozen=True)
class Matrix:
    """All of it. Labels are those of cases (`LOCK-019[fifo]`).

    Attributes:
        rows: the clauses with a verdict, in the order of the catalogue.
        whole: every mutant was asked for; else nothing can be said to be unproven.
        every_clause: mutants met all clauses that they can touch, not only those that name them.
        reference_failures: cases that the reference fails, or that broke.
        undecided: cases that this machine cannot decide about the reference.
        broken: `mutant: why` for runs and cases that ended in an error of ours.
        vacuous: cases that an implementation passed which does nothing, by its name.
        idle: mutants that no row names.
    """

    rows: tuple[Kills, ...]
    whole: bool
    every_clause: bool
    reference_failures: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    vacuous: Mapping[str, tuple[str, ...]] | None = None
    idle: tuple[str, ...] = ()

    @property
    def unproven(self) -> tuple[str, ...]:
        """Clauses that the reference passes, and that killed nobody."""
        return tuple(row.clause.id for row in self.rows if self.whole and row.cases and not row.killed)

    @property
    def unproven_cases(self) -> tuple[str, ...]:
        """Cases that the reference passes and no mutant fails, though another case of their clause catches one."""
        return tuple(
            label(row.clause.id, case)
            for row in self.rows
            for case, killed in row.cases.items()
            if self.whole and row.killed and not killed
        )

    @property
    def differs(self) -> bool:
        """Whether the rows say something else."""
        return any(row.unexpected or row.missed for row in self.rows)

    @property
    def sound(self) -> bool:
        """Whether there is nothing to mend. Unproven cases and idle mutants are told, and are no fault."""
        passed = any(self.vacuous.values()) if self.vacuous else False
        faults = (self.unproven, self.reference_failures, self.undecided, self.broken, passed, self.differs)
        return not any(faults)

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        rows = {row.clause.id: {"killed_by": [*row.killed], "survived": [*row.survived]} for row in self.rows}
        return {
            "clauses": rows,
            "unproven": [*self.unproven],
            "reference_failures": [*self.reference_failures],
            "undecided": [*self.undecided],
            "broken": [*self.broken],
            "vacuous": {name: [*labels] for name, labels in (self.vacuous or {}).items()},
            "differences": {
                row.clause.id: {"unexpected": [*row.unexpected], "missed": [*row.missed]}
                for row in self.rows
                if row.unexpected or row.missed
            },
            "unproven_cases": [*self.unproven_cases],
            "idle": [*self.idle],
            "every_clause": self.every_clause,
            "whole": self.whole,
            "sound": self.sound,
        }


def matrix(
    reference: Record,
    mutants: Mapping[str, Record],
    *,
    harmless: Iterable[str] = (),
    broken: Iterable[str] = (),
    known: Iterable[str] = (),
    whole: bool = True,
    every_clause: bool = False,
) -> Matrix:
    """What these runs come to.

    Args:
        reference: a run of the reference; its clauses are the rows.
        mutants: a run of each mutant, by its name.
        harmless: those of them that do nothing: they prove nothing by failing, and must not pass.
        broken: what is wrong with runs that left no record.
        known: all mutants that there are.
    """
    harmless = set(harmless)
    lines = {name: {line.row.label: line for line in record.cases} for name, record in mutants.items()}
    bad = {name: found for name, found in lines.items() if name not in harmless}
    judged = [line for line in reference.cases if line.verdict is not Verdict.FACT]
    ids = dict.fromkeys(line.row.clause for line in judged)
    catalogue = [reference.started.clause(clause_id) for clause_id in ids]
    return Matrix(
        rows=tuple(_kills(clause, [one for one in judged if one.row.clause == clause.id], bad) for clause in catalogue),
        whole=whole,
        every_clause=every_clause,
        reference_failures=_labels(judged, Verdict.FAIL, Verdict.ERROR),
        undecided=_labels(judged, Verdict.INCONCLUSIVE, Verdict.NOT_RUN),
        broken=(*broken, *_errors(lines)),
        vacuous={name: _labels(lines[name].values(), Verdict.PASS) for name in sorted(harmless & lines.keys())},
        idle=tuple(
            sorted(set(known) - harmless - {name for clause in reference.started.clauses for name in clause.kills})
        ),
    )


def against(matrix: Matrix, catalogue: Catalogue) -> Matrix:
    """The same runs, compared with these rows instead of those that the runs were made with."""
    rows = [(row, catalogue[row.clause.id]) for row in matrix.rows if row.clause.id in catalogue.ids]
    return replace(matrix, rows=tuple(replace(row, clause=new, named=_named(new, row)) for row, new in rows))


def _named(clause: Clause, row: Kills) -> tuple[str, ...]:
    return tuple(name for name in clause.kills if name in row.killed or name in row.survived)


def _kills(clause: Clause, of_reference: list[CaseLine], mutants: Mapping[str, Mapping[str, CaseLine]]) -> Kills:
    labels = [line.row.label for line in of_reference]
    met = {name: {one: lines[one] for one in labels if one in lines} for name, lines in mutants.items()}
    met = {name: lines for name, lines in met.items() if lines}
    failed = {name: {one for one, line in lines.items() if line.verdict is Verdict.FAIL} for name, lines in met.items()}
    passed = [line.row for line in of_reference if line.verdict is Verdict.PASS]
    return Kills(
        clause=clause,
        named=tuple(name for name in clause.kills if name in mutants),
        killed=tuple(name for name in met if failed[name]),
        survived=tuple(name for name in met if not failed[name]),
        cases={row.case: tuple(name for name in met if row.label in failed[name]) for row in passed},
    )


def _labels(lines: Iterable[CaseLine], *verdicts: Verdict) -> tuple[str, ...]:
    return tuple(line.row.label for line in lines if line.verdict in verdicts)


def _errors(lines: Mapping[str, Mapping[str, CaseLine]]) -> Iterator[str]:
    for name, cases in lines.items():
        yield from (f"{name}: {one.row.label}: {one.why}" for one in cases.values() if one.verdict is Verdict.ERROR)


def shown(matrix: Matrix) -> Iterator[str]:
    """The matrix for people, line by line, escaped."""
    for row in matrix.rows:
        yield f"{row.clause.id}  killed by {', '.join(row.killed) or 'nobody'}"
        if row.missed:
            yield f"          survived: {', '.join(row.missed)}, which its row names"
        if row.unexpected:
            yield f"          its row does not name {', '.join(row.unexpected)}"
        if row.unexpected or row.missed:
            yield f"          to agree: kills = {row.line}"
    yield ""
    for word, labels in _findings(matrix):
        yield from escape.lines(f"{word}: {', '.join(labels) if labels else 'none'}")
    for name, labels in (matrix.vacuous or {}).items():
        yield f"{name} passes {', '.join(labels) or 'nothing'}"
    yield "the rows agree" if not matrix.differs else "the rows do not agree: see above"
    yield _extent(matrix)


def _findings(matrix: Matrix) -> Iterator[tuple[str, tuple[str, ...]]]:
    if matrix.whole:
        yield "unproven", matrix.unproven
        yield "cases that no mutant fails", matrix.unproven_cases
    yield "reference failures", matrix.reference_failures
    if matrix.undecided:
        yield "undecided on this machine, so unproven here", matrix.undecided
    if matrix.broken:
        yield "broken", matrix.broken
    if matrix.idle:
        yield "mutants that no clause names", matrix.idle


def _extent(matrix: Matrix) -> str:
    what = "every clause that it can touch" if matrix.every_clause else "the clauses whose rows name it alone"
    more = "" if matrix.every_clause else "; --all shows what else it breaks"
    less = "" if matrix.whole else "; not all mutants were asked for, so nothing is called unproven"
    return f"each mutant met {what}{more}{less}"
