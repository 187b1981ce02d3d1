"""Running the known-bad implementations, each as its user would, and reading what that came to from the run records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import RecordError, UsageProblem
from pytest_vessel.matrix_runs import REFERENCE, Plan, Runner
from pytest_vessel.nearest import nearest
from pytest_vessel.quickest import enough, known
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record
from pytest_vessel.record.write import RECORD_NAME
from pytest_vessel.report.kill_rows import rewritten
from pytest_vessel.report.matrix import Matrix, against, matrix
from pytest_vessel.row import label
from pytest_vessel.selection import find

if TYPE_CHECKING:
    from pytest_vessel.mutant import Mutant


@dataclass(frozen=True)
class Wanted:
    """What to run. `clauses`: ids, or ids with a case; empty for all. `mutants`: names, empty for all."""

    suites: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    mutants: tuple[str, ...] = ()
    every_clause: bool = False


def plans(wanted: Wanted, catalogue: Catalogue) -> list[Plan]:
    """The runs that are to be made: the reference first, then each mutant that has something to meet.

    A mutant meets cases of the clauses whose rows name it: those that suffice, as far as that is known. With
    `every_clause` it meets all cases that need a verb which it has changed: in all others it is the reference. One that
    does nothing meets all cases.

    Raises:
        UsageProblem: there is no such suite, clause or mutant.
    """
    from pytest_vessel.mutant import MUTANTS

    for name in wanted.mutants:
        if name not in MUTANTS:
            raise UsageProblem(f"unknown mutant {name!r}", where="--mutant", mend=nearest(name, MUTANTS))
    cases = _cases(wanted, catalogue)
    mutants = [MUTANTS[name] for name in wanted.mutants or sorted(MUTANTS)]
    found: dict[str, list[str]] = {REFERENCE: [], **{one.name: [] for one in mutants}}
    for clause, each in cases:
        for name, met in ((REFERENCE, each), *_met(clause, each, mutants, wanted)):
            found[name] += [label(clause.id, case) for case in met]
    return [Plan(name, tuple(labels), hasty=not wanted.every_clause) for name, labels in found.items() if labels]


def _met(
    clause: Clause, cases: Sequence[str], mutants: Sequence[Mutant], wanted: Wanted
) -> Iterator[tuple[str, Sequence[str]]]:
    """The cases of a clause, of these, that each mutant meets."""
    yield from ((one.name, cases) for one in mutants if one.does_nothing)
    others = [one for one in mutants if not one.does_nothing and (wanted.every_clause or one.name in clause.kills)]
    touched = {one.name: {case.name for case in clause.cases if one.verbs.intersection(case.verbs)} for one in others}
    if not wanted.every_clause:  # one that can touch none of them is named by mistake: then it shows
        touched = {name: found or {*cases} for name, found in touched.items()}
    met = {name: [case for case in cases if case in found] for name, found in touched.items()}
    yield from (met if wanted.every_clause else enough(known(clause.suite).get(clause.id, {}), met)).items()


def _cases(wanted: Wanted, catalogue: Catalogue) -> list[tuple[Clause, list[str]]]:
    for suite in wanted.suites:
        if suite not in clauses.SUITES:
            raise UsageProblem(f"unknown suite {suite!r}", where="--suite", mend=nearest(suite, clauses.SUITES))
    chosen = [find(catalogue, text, where="--clause") for text in wanted.clauses]
    due = [one for one in catalogue if one.due and one.level is not Level.FACT]
    due = [one for one in due if one.suite in (wanted.suites or clauses.SUITES)]
    if wanted.mutants and not chosen and not wanted.every_clause:
        due = [one for one in due if set(wanted.mutants) & set(one.kills)]
    found = [(one, [case.name for case in one.cases if not chosen or _is_chosen(one, case, chosen)]) for one in due]
    if not any(cases for _, cases in found):
        raise UsageProblem("there is nothing to run", mend="Choose clauses that are neither planned nor facts.")
    return found


def _is_chosen(clause: Clause, case: Case, chosen: Sequence[tuple[Clause, str]]) -> bool:
    return any(clause.id == one.id and name in ("", case.name) for one, name in chosen)


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
