"""Commands that a reader can paste anywhere: run one case again, judge it again."""

from __future__ import annotations

import shlex

from pytest_vessel.judge.offer import Offer
from pytest_vessel.row import label
from pytest_vessel.settings import DEFAULT_EXPLORE, DEFAULT_TIMEOUT_S, Settings


def reproduce(settings: Settings, offer: Offer, clause: str, case: str, schedule: str = "") -> str:
    """The command that runs this case again, from any folder; with a schedule that one alone."""
    words = ["pytest", "-p", "vessel", "--vessel-impl", offer.address or offer.name]
    words += ["--vessel-clause", label(clause, case), "--vessel-seed", settings.seed]
    if settings.user_given and settings.user:
        words += ["--vessel-user", settings.user]
    if settings.timeout_s != DEFAULT_TIMEOUT_S:
        words += ["--vessel-timeout", f"{settings.timeout_s:g}"]
    if settings.explore != DEFAULT_EXPLORE:
        words += ["--vessel-explore", "all" if settings.explore is None else str(settings.explore)]
    if schedule or settings.schedule:
        words += ["--vessel-schedule", schedule or settings.schedule]
    if settings.baseline:
        words += ["--vessel-baseline", settings.baseline]
    if settings.control:
        words.append("--vessel-control")
    return shlex.join(words)


def replay_command(settings: Settings, clause: str, case: str) -> str:
    """The command that judges this case again without the runtime; empty where no record is kept."""
    if not settings.report_dir:
        return ""
    return shlex.join(["pytest-vessel", "replay", f"{settings.report_dir}/run.jsonl", label(clause, case)])
