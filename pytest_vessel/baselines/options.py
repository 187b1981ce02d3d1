"""The options about known failures: read, made absolute, and refused where they make no sense."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from pytest_vessel import clause
from pytest_vessel.baselines.chosen import BUILT_IN
from pytest_vessel.errors import UsageProblem

_UPDATE = "--vessel-baseline-update"
_NARROWING = {
    "vessel_clause": "--vessel-clause",
    "keyword": "-k",
    "markexpr": "-m",
    "maxfail": "-x or --maxfail",
    "deselect": "--deselect",
    "lf": "--lf",
    "stepwise": "--sw",
    "collectonly": "--collect-only",
}
"""Options with which a run may leave out cases, by their names in the namespace."""


def read_baseline(parsed: Any, folder: str) -> str | None:
    """`builtin`, the absolute path of a file, or None.

    Raises:
        UsageProblem: the option names nothing.
    """
    text: str | None = parsed.vessel_baseline
    if text is None or text == BUILT_IN:
        return text
    if not text:
        mend = f"Name a file, or {BUILT_IN}; or leave the option out."
        raise UsageProblem("names no file", where="--vessel-baseline", mend=mend)
    return os.path.normpath(os.path.join(folder, text))


def read_update(parsed: Any, *, suites: Sequence[str], choices: Sequence[str]) -> bool:
    """Whether the file is to be written anew: only by a run of everything.

    Raises:
        UsageProblem: there is no file to write, or the options leave out cases.
    """
    if not parsed.vessel_baseline_update:
        return False
    if parsed.vessel_baseline in (None, BUILT_IN):
        mend = "Name the file: --vessel-baseline FILE."
        raise UsageProblem("there is no file to write", where=_UPDATE, mend=mend)
    narrowing = next((option for name, option in _NARROWING.items() if getattr(parsed, name, None)), "")
    narrowing = narrowing or ("--vessel-suite" if tuple(suites) != tuple(clause.SUITES) else "")
    narrowing = narrowing or next(iter(choices), "")
    if narrowing:
        what = f"{narrowing} may leave out cases, of which the file would lose what it knows"
        raise UsageProblem(what, where=_UPDATE, mend="Update with a run of all clauses: leave it out.")
    return True
