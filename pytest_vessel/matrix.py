"""Running the known-bad implementations, each as its user would, and reading what that came to from the run records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import RecordError, UsageProblem
from pytest_vessel.matrix_runs import REFERENCE, Plan, Runner
from pytest_vessel.nearest import nearest
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record
from pytest_vessel.record.write import RECORD_NAME
from pytest_vessel.report.kill_rows import rewritten
from pytest_vessel.report.matrix import Matrix, against, matrix
from pytest_vessel.row import label
from pytest_vessel.selection import find


@dataclass(frozen=True)
class Wanted:
    """What to run. `clauses`: ids, or ids with a case; empty for all. `mutants`: names, empty for all."""

    suites: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    mutants: tuple[str, ...] = ()
    every_clause: bool = False


def plans(wanted: Wanted, catalogue: Catalogue) -> list[Plan]:
    """The runs that are to be made: the reference first, then each mutant that has something to meet.

    A mutant meets the cases of the clauses whose rows name it. With `every_clause` it meets all cases that need a verb
    which it has changed: in all others it is the reference. One that does nothing meets all cases.

    Raises:
        UsageProblem: there is no such suite, clause or mutant.
    """
    from pytest_vessel.mutant import MUTANTS

    for name in wanted.mutants:
        if name not in MUTANTS:
            raise UsageProblem(f"unknown mutant {name!r}", where="--mutant", mend=nearest(name, MUTANTS))
    cases = _cases(wanted, catalogue)
    found = [Plan(REFERENCE, REFERENCE, tuple(label(clause.id, case.name) for clause, case in cases))]
    for name in wanted.mutants or sorted(MUTANTS):
        one = MUTANTS[name]
        meets = [
            label(clause.id, case.name)
            for clause, case in cases
            if one.does_nothing
            or (wanted.every_clause and _needs(case) & one.verbs)
            or (name in clause.kills and (_needs(case) & one.verbs or not _touches(clause, one.verbs)))
        ]
        if meets:
            found.append(Plan(name, f"mutant:{name}", tuple(meets), hasty=not wanted.every_clause))
    return found


def _needs(case: Case) -> set[str]:
    return {need for need in case.needs if "." not in need}


def _touches(clause: Clause, verbs: frozenset[str]) -> bool:
    return any(_needs(case) & verbs for case in clause.cases)


def _cases(wanted: Wanted, catalogue: Catalogue) -> list[tuple[Clause, Case]]:
    for suite in wanted.suites:
        if suite not in clauses.SUITES:
            raise UsageProblem(f"unknown suite {suite!r}", where="--suite", mend=nearest(suite, clauses.SUITES))
    chosen = [find(catalogue, text, where="--clause") for text in wanted.clauses]
    found = [
        (clause, case)
        for clause in catalogue
        if clause.due and clause.level is not Level.FACT and clause.suite in (wanted.suites or clauses.SUITES)
        for case in clause.cases
        if not chosen or any(clause.id == one.id and name in ("", case.name) for one, name in chosen)
    ]
    if wanted.mutants and not chosen and not wanted.every_clause:
        found = [(clause, case) for clause, case in found if set(wanted.mutants) & set(clause.kills)]
    if not found:
        raise UsageProblem("there is nothing to run", mend="Choose clauses that are neither planned nor facts.")
    return found


@contextmanager
def _folder(records: str) -> Iterator[Path]:
    if records:
        folder = Path(records).absolute()
        try:
            folder.mkdir(parents=True)
        except OSError as problem:
            raise UsageProblem(
                f"{records}: {problem.strerror}", where="--records", mend="Name a folder that does not exist yet."
            ) from None
        yield folder
        return
    with TemporaryDirectory(prefix="vessel-mutants-") as name:
        os.chmod(name, 0o755)  # clauses about permissions run as another user
        yield Path(name)


def made(wanted: Wanted, *, at_once: int = 0, records: str = "", tell: Callable[[str], None] = print) -> Matrix:
    """Run all that is wanted, and give the matrix.

    Args:
        at_once: how many runs at a time; 0 for one on each processor.
        records: a folder for the run records, which must not exist; empty: they are thrown away.
        tell: gets a line for each run that has ended.

    Raises:
        UsageProblem: something is wanted that does not exist.
        RecordError: the reference left no record, so there is nothing to compare with.
    """
    todo = plans(wanted, clauses.load())
    with _folder(records) as folder:
        found, wrong = Runner(folder, tell).all_of(todo, at_once or len(os.sched_getaffinity(0)))
    if REFERENCE not in found:
        raise RecordError(
            next(line for line in wrong if line.startswith(REFERENCE)), mend="pytest-vessel run reference"
        )
    return _matrix(wanted, found, wrong)


def read(wanted: Wanted, folder: Path) -> Matrix:
    """The matrix of records that an earlier call of `made` has kept; mutants that left none are passed over.

    They are compared with the rows of now. Of what is wanted only the mutants count, and how they were run.

    Raises:
        RecordError: the folder holds no record of the reference.
    """
    found = {REFERENCE: read_record(folder / REFERENCE)}
    for one in sorted(folder.iterdir()):
        if (one / RECORD_NAME).exists() and (not wanted.mutants or one.name in wanted.mutants):
            with suppress(RecordError):
                found.setdefault(one.name, read_record(one))
    return against(_matrix(wanted, found, []), clauses.load())


def _matrix(wanted: Wanted, found: dict[str, Record], wrong: list[str]) -> Matrix:
    from pytest_vessel.mutant import MUTANTS

    return matrix(
        found.pop(REFERENCE),
        found,
        harmless=[name for name, one in MUTANTS.items() if one.does_nothing],
        broken=wrong,
        known=MUTANTS,
        whole=not wanted.mutants,
        every_clause=wanted.every_clause,
    )


def update(file: Path, found: Matrix) -> None:
    """Write what was seen into the `kills` of a clause file. Whoever commits that has to agree with each difference.

    Raises:
        UsageProblem: the file cannot be read or written, or the matrix does not show all that a mutant breaks.
    """
    if not found.every_clause or found.broken or found.reference_failures:
        raise UsageProblem(
            "a matrix with other faults, or not of every clause, says nothing about rows",
            where="--update",
            mend="Give --all, and mend what is broken first.",
        )
    try:
        text = file.read_text(encoding="utf-8")
        file.with_name(f".{file.name}.new").write_text(rewritten(text, found), encoding="utf-8")
        file.with_name(f".{file.name}.new").rename(file)
    except OSError as problem:
        raise UsageProblem(f"{file}: {problem.strerror}", where="--update", mend="Name a clauses.toml.") from None
