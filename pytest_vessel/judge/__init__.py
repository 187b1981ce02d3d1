"""Judging: verdicts, findings, deciders, profiles. Pure: no processes, no files, no pytest."""

from pytest_vessel.judge.decider import decider_of, decides
from pytest_vessel.judge.verdict import (
    Decision,
    Finding,
    Verdict,
    fact,
    fail,
    failed,
    inconclusive,
    not_applicable,
    passed,
    unsupported,
    worst,
)

__all__ = [
    "Decision",
    "Finding",
    "Verdict",
    "decider_of",
    "decides",
    "fact",
    "fail",
    "failed",
    "inconclusive",
    "not_applicable",
    "passed",
    "unsupported",
    "worst",
]
