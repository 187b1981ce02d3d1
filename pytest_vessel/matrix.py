"""Running the known-bad implementations, each as its user would, and reading what that came to from the run records."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import RecordError, UsageProblem
from pytest_vessel.nearest import nearest
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record
from pytest_vessel.report.matrix import Matrix, matrix
from pytest_vessel.row import label
from pytest_vessel.selection import find

REFERENCE = "reference"
RUN_TIMEOUT_S = 900.0
"""How long one run may take."""

_CALL_TIMEOUT_S = 10
"""Of a call of a mutant that meets only what it must fail: if it hangs it fails by hanging, and need not take long."""

_ENDED = (0, 1, 5)
"""Exit statuses of a run that came to its end."""


@dataclass(frozen=True)
class Wanted:
    """What to run. `clauses`: ids, or ids with a case; empty for all. `mutants`: names, empty for all."""

    suites: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    mutants: tuple[str, ...] = ()
    every_clause: bool = False


@dataclass(frozen=True)
class Plan:
    """One run: the implementation's address, its name, and the cases that it meets.

    `hasty`: it is to fail them all, so that a call need not have much time.
    """

    name: str
    address: str
    labels: tuple[str, ...]
    hasty: bool = False


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


class Runner:
    """Makes runs, several at once, each in a folder of its own below `folder`; none outlives `all_of`."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self.folder, self._tell = folder, tell
        self._running: set[subprocess.Popen[str]] = set()
        self._lock, self._over = Lock(), False

    def all_of(self, plans: Sequence[Plan], at_once: int) -> tuple[dict[str, Record], list[str]]:
        """Records by name in the order of the plans, and what is wrong with runs that left none."""
        found: dict[str, Record] = {}
        wrong: list[str] = []
        with ThreadPoolExecutor(at_once) as pool:
            longest_first = sorted(plans, key=lambda plan: -len(plan.labels))
            futures = {pool.submit(self.run, plan): plan for plan in longest_first}
            try:
                for number, future in enumerate(as_completed(futures), 1):
                    plan, outcome = futures[future], future.result()
                    self._tell(f"[{number}/{len(plans)}] {plan.name}: {_in_a_line(outcome)}")
                    if isinstance(outcome, Record):
                        found[plan.name] = outcome
                    else:
                        wrong.append(f"{plan.name}: {outcome}")
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                self.end()
        return {plan.name: found[plan.name] for plan in plans if plan.name in found}, wrong

    def run(self, plan: Plan) -> Record | str:
        """One run; its record, or in a line why there is none."""
        folder = self.folder / plan.name
        folder.mkdir()
        try:
            status, text = self._finished(_argv(plan, folder), folder)
            return read_record(folder) if status in _ENDED else f"status {status}: {_last_line(text)}"
        except subprocess.TimeoutExpired:
            return f"did not end within {RUN_TIMEOUT_S:.0f} s"
        except RecordError as problem:
            return f"{problem.what}"

    def _finished(self, argv: list[str], folder: Path) -> tuple[int, str]:
        with self._begun(argv, folder) as process:
            try:
                text, _ = process.communicate(timeout=RUN_TIMEOUT_S)
                return process.returncode, text
            finally:
                process.kill()  # what it has started ends with it (see `system.keeper`)
                with self._lock:
                    self._running.discard(process)

    def _begun(self, argv: list[str], folder: Path) -> subprocess.Popen[str]:
        with self._lock:
            if self._over:
                raise RecordError("was not begun any more")
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=_environment(),
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self._running.add(process)
            return process

    def end(self) -> None:
        """End what still runs, and begin nothing any more."""
        with self._lock:
            self._over = True
            for process in self._running:
                process.kill()


def _argv(plan: Plan, folder: Path) -> list[str]:
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", plan.address, "--vessel-report", str(folder), "--vessel-clause", ",".join(plan.labels)]
    return [*argv, "--vessel-timeout", str(_CALL_TIMEOUT_S)] if plan.hasty else argv


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}


def _in_a_line(outcome: Record | str) -> str:
    if isinstance(outcome, str):
        return outcome
    verdicts = [str(line.verdict) for line in outcome.cases]
    return ", ".join(f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "without a word"


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
    from pytest_vessel.mutant import MUTANTS

    todo = plans(wanted, clauses.load())
    with _folder(records) as folder:
        found, wrong = Runner(folder, tell).all_of(todo, at_once or len(os.sched_getaffinity(0)))
    if REFERENCE not in found:
        raise RecordError(
            next(line for line in wrong if line.startswith(REFERENCE)), mend="pytest-vessel run reference"
        )
    return matrix(
        found.pop(REFERENCE),
        found,
        harmless=[name for name, one in MUTANTS.items() if one.does_nothing],
        broken=wrong,
        known=MUTANTS,
        whole=not wanted.mutants,
        every_clause=wanted.every_clause,
    )
