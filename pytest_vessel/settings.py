"""What a run was asked to do: the options, checked and made absolute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_EXPLORE = 24
DEFAULT_IMPLEMENTATION = "reference"


@dataclass(frozen=True)
class Settings:
    """The options of one run, equal on the controller and on every worker.

    Attributes:
        seed: hexadecimal, 1 to 16 digits; everything random derives from it.
        timeout_s: bound on one call of an implementation.
        user: the unprivileged user for clauses about permissions; None where we are not root.
        user_given: whether that user was named by an option.
        keep: keep the work folders of failed cases.
        strict: a MUST clause that stayed inconclusive fails the run.
        control: run the control of each pass whose clause has one.
        level: failures at this level or above fail the run: `MUST`, `SHOULD` or `MAY`.
        report_dir: absolute folder for reports, or None.
        implementations: addresses, as given.
        base: absolute folder to which relative addresses refer.
        suites: names of the chosen suites.
        clauses: chosen clauses (`LOCK-010`, `LOCK-019[fifo]`); empty for all.
        explore: how many schedules an exploring clause plays at most; None: those of every point.
        hasty: an exploring case ends with the first schedule that breaks something, as it was found.
        schedule: the one schedule that an exploring clause plays instead, as text; empty: those of `explore`.
        choices: node ids and folders of ours on the command line; empty for all.
        baseline: absolute path of a file of known failures, `builtin`, or None.
        baseline_update: write that file anew from this run.
        today: the day of the run (UTC), drawn once by the controller.
    """

    seed: str
    timeout_s: float = DEFAULT_TIMEOUT_S
    user: str | None = None
    user_given: bool = False
    keep: bool = False
    strict: bool = False
    control: bool = False
    level: str = "MUST"
    report_dir: str | None = None
    implementations: tuple[str, ...] = (DEFAULT_IMPLEMENTATION,)
    base: str = "/"
    suites: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    explore: int | None = DEFAULT_EXPLORE
    hasty: bool = False
    schedule: str = ""
    choices: tuple[str, ...] = ()
    baseline: str | None = None
    baseline_update: bool = False
    today: date = date(1970, 1, 1)
