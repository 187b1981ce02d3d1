"""The options of the plugin: their names, and reading them into `Settings`. Errors are `UsageProblem`s."""

from __future__ import annotations

import math
import os
import pwd
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pytest_vessel import clause
from pytest_vessel.baselines.options import read_baseline, read_update
from pytest_vessel.errors import UsageProblem
from pytest_vessel.nearest import nearest
from pytest_vessel.observation.schedule import read_schedule
from pytest_vessel.settings import DEFAULT_EXPLORE, DEFAULT_IMPLEMENTATION, DEFAULT_TIMEOUT_S, Settings

_LEVELS = ("must", "should", "may")


def read_settings(
    parsed: Any, *, folder: str, configured: Sequence[str] = (), configured_in: str = "", choices: Sequence[str] = ()
) -> Settings:
    """The settings that these options ask for; draws a seed where none is given.

    Args:
        parsed: the namespace of pytest's option parser.
        folder: absolute; where the command was given.
        configured: addresses from the ini key `vessel_impl`, relative to the folder `configured_in`.
        choices: canonical node ids of ours on the command line.

    Raises:
        UsageProblem: an option has a value that it cannot have.
    """
    from_options = tuple(dict.fromkeys(parsed.vessel_impl or ()))
    given = from_options or tuple(dict.fromkeys(configured))
    suites = _suites(parsed.vessel_suite)
    return Settings(
        seed=_seed(parsed.vessel_seed),
        timeout_s=_timeout(parsed.vessel_timeout),
        user=_user(parsed.vessel_user),
        user_given=parsed.vessel_user is not None,
        keep=bool(parsed.vessel_keep),
        strict=bool(parsed.vessel_strict),
        control=bool(parsed.vessel_control),
        level=_level(parsed.vessel_level),
        report_dir=_report_dir(folder, parsed.vessel_report),
        implementations=given or (DEFAULT_IMPLEMENTATION,),
        base=folder if from_options or not configured_in else configured_in,
        suites=suites,
        explore=_explore(parsed.vessel_explore),
        hasty=bool(parsed.vessel_hasty),
        clauses=_words(parsed.vessel_clause, where="--vessel-clause", mend="Name clauses, such as LOCK-010."),
        schedule=_schedule(parsed.vessel_schedule, parsed.vessel_clause),
        choices=tuple(choices),
        baseline=read_baseline(parsed, folder),
        baseline_update=read_update(parsed, suites=suites, choices=choices),
        today=datetime.now(UTC).date(),
    )


def _words(values: Sequence[str] | None, *, where: str, mend: str) -> tuple[str, ...]:
    """The words of a repeatable, comma-separated option. Given empty (an unset variable), it never means all."""
    if values is None:
        return ()
    words = (word.strip() for value in values for word in value.split(","))
    found = tuple(dict.fromkeys(word for word in words if word))
    if not found:
        raise UsageProblem("names nothing", where=where, mend=mend)
    return found


def _report_dir(folder: str, text: str | None) -> str | None:
    if text is None:
        return None
    if not text:
        raise UsageProblem("names no folder", where="--vessel-report", mend="Name a folder, or leave the option out.")
    return os.path.join(folder, text)


def _seed(text: str | None) -> str:
    if text is None:
        return secrets.token_hex(4)
    digits = text.lower().removeprefix("0x")
    if not 1 <= len(digits) <= 16 or set(digits) - set("0123456789abcdef"):
        raise UsageProblem(
            f"{text!r} is not a seed", where="--vessel-seed", mend="Give 1 to 16 hexadecimal digits, such as 8f31c2."
        )
    return digits


def _timeout(text: str | None) -> float:
    if text is None:
        return DEFAULT_TIMEOUT_S
    try:
        timeout_s = float(text)
    except ValueError:
        timeout_s = math.nan
    if not 0 < timeout_s < math.inf:
        raise UsageProblem(
            f"{text!r} is not a time", where="--vessel-timeout", mend="Give seconds, more than 0, such as 30."
        )
    return timeout_s


def _explore(text: str | None) -> int | None:
    if text is None:
        return DEFAULT_EXPLORE
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageProblem(
            f"{text!r} is no number of schedules", where="--vessel-explore", mend="Give a number, such as 200, or all."
        )
    return int(text)


def _schedule(text: str | None, clauses: Sequence[str] | None) -> str:
    if text is None:
        return ""
    if not clauses:
        raise UsageProblem(
            "is a schedule of one clause", where="--vessel-schedule", mend="Name the clause with --vessel-clause."
        )
    try:
        read_schedule(text)
    except ValueError as problem:
        raise UsageProblem(
            str(problem),
            where="--vessel-schedule",
            mend="Moves are parted by commas: set-up@fcntl:PARENT/.ref:2,pass,set-up=kill (docs/exploration.md).",
        ) from None
    return text


def _level(text: str | None) -> str:
    if text is None:
        return "MUST"
    if text.lower() not in _LEVELS:
        raise UsageProblem(f"unknown level {text!r}", where="--vessel-level", mend=nearest(text.lower(), _LEVELS))
    return text.upper()


def _suites(values: Sequence[str] | None) -> tuple[str, ...]:
    names = _words(values, where="--vessel-suite", mend=f"Known: {', '.join(clause.SUITES)}.")
    for name in names:
        if name not in clause.SUITES:
            raise UsageProblem(
                f"unknown suite {name!r}", where="--vessel-suite", mend=nearest(name.lower(), clause.SUITES)
            )
    return tuple(name for name in clause.SUITES if name in names) or clause.SUITES


def _user(name: str | None) -> str | None:
    root = os.geteuid() == 0
    if name is None:
        return "nobody" if root else None
    try:
        entry = pwd.getpwnam(name)
    except (KeyError, ValueError):
        known = (user.pw_name for user in pwd.getpwall())
        raise UsageProblem(f"unknown user {name!r}", where="--vessel-user", mend=nearest(name, known)) from None
    if entry.pw_uid == 0:
        raise UsageProblem(
            f"{name!r} may do everything: clauses about permissions would pass for no reason",
            where="--vessel-user",
            mend="Name an unprivileged user, such as nobody.",
        )
    if not root and entry.pw_uid != os.geteuid():
        raise UsageProblem(
            f"only root can become {name!r}",
            where="--vessel-user",
            mend="Leave the option out: you are an unprivileged user already.",
        )
    return name
