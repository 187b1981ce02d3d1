"""Which cases of a clause a mutant is known to fail, and how soon: so it need not meet all of them to be caught.

`python -m pytest_vessel.quickest DIR SUITE > conformance/SUITE/quickest.json` writes the file, from the records that
`pytest-vessel mutants --all --records DIR` has kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record

Known = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Clause, mutant and case to the seconds until it failed. Clauses with one case are left out: there is no choice."""


@cache
def known(suite: str) -> Known:
    """What the file of a suite says; one without a file says nothing."""
    source = files(f"pytest_vessel.conformance.{suite}") / "quickest.json"
    found: Known = json.loads(source.read_text()) if source.is_file() else {}
    return found


def enough(seconds: Mapping[str, Mapping[str, float]], met: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Of the cases of one clause that mutants could meet, those that suffice.

    Each mutant meets the case that it fails soonest, and each case that some mutant fails is met by one that does. A
    mutant of which nothing is known meets all of its cases.

    Args:
        seconds: what is known of the clause.
        met: mutant to the names of the cases that it could meet.
    """
    failed = {
        name: sorted(set(cases) & set(seconds.get(name, ())), key=lambda case: seconds[name][case])
        for name, cases in met.items()
    }
    chosen = {name: failed[name][:1] or list(cases) for name, cases in met.items()}
    taken = {case for cases in chosen.values() for case in cases}
    for case in sorted({case for cases in failed.values() for case in cases} - taken):
        chosen[min((name for name in failed if case in failed[name]), key=lambda name: seconds[name][case])].append(
            case
        )
    return chosen


def seen(records: Mapping[str, Record], suite: str) -> dict[str, dict[str, dict[str, float]]]:
    """What runs of mutants, by name, say of a suite's clauses with several cases."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, record in sorted(records.items()):
        for line in record.cases:
            clause = record.started.clause(line.row.clause)
            if (
                clause.suite == suite
                and len(clause.cases) > 1
                and line.verdict is Verdict.FAIL
                and name in clause.kills
            ):
                found.setdefault(clause.id, {}).setdefault(name, {})[line.row.case] = round(line.duration_s, 1)
    return dict(sorted(found.items()))


def text(found: Known) -> str:
    """The file: JSON, a line for each clause and mutant."""
    return "{\n" + ",\n".join(f"{json.dumps(clause)}: {{\n{_lines(met)}\n}}" for clause, met in found.items()) + "\n}\n"


def _lines(met: Mapping[str, Mapping[str, float]]) -> str:
    return ",\n".join(f" {json.dumps(name)}: {json.dumps(cases)}" for name, cases in met.items())


def _records(folder: Path) -> Iterator[tuple[str, Record]]:
    yield from ((one.name, read_record(one)) for one in sorted(folder.iterdir()))


if __name__ == "__main__":
    print(text(seen(dict(_records(Path(sys.argv[1]))), sys.argv[2])), end="")
