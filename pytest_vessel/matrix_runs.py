"""Conformance runs, several at once, each a pytest of its own in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pytest_vessel.errors import RecordError
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record

REFERENCE = "reference"
_ENDED = (0, 1, 5)
"""Exit statuses of a run that came to its end."""

_MUST_FAIL = ("--vessel-hasty", "--vessel-timeout", "6")
"""For a mutant that meets only what it must fail: if it hangs it fails by hanging, and need not take long."""

_NEED_NOT_EXPLORE = ("--vessel-explore", "4")
"""For the reference beside such mutants: that it holds in many schedules is for its own runs to show."""

_SEED = "0"
"""So that the same schedules are played each time."""

RUN_TIMEOUT_S = 900.0
"""How long one run may take."""


@dataclass(frozen=True)
class Plan:
    """One run: the name of a mutant, or `REFERENCE`, and the cases that it meets.

    `hasty`: it meets what rows say of it alone, and need not take long for that.
    """

    name: str
    labels: tuple[str, ...]
    hasty: bool = False

    @property
    def address(self) -> str:
        """What `--vessel-impl` takes."""
        return self.name if self.name == REFERENCE else f"mutant:{self.name}"

    @property
    def options(self) -> tuple[str, ...]:
        """What else the run is told."""
        if not self.hasty:
            return ()
        return _NEED_NOT_EXPLORE if self.name == REFERENCE else _MUST_FAIL


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
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "xdist", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", plan.address, "--vessel-report", str(folder), "--vessel-clause", ",".join(plan.labels)]
    return [*argv, "--vessel-seed", _SEED, *plan.options]


def _environment() -> dict[str, str]:
    """Ours, without what would bring other plugins: some take longer to import than all of pytest."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _in_a_line(outcome: Record | str) -> str:
    if isinstance(outcome, str):
        return outcome
    verdicts = [str(line.verdict) for line in outcome.cases]
    return ", ".join(f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "without a word"
