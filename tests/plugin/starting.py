"""One pytest that ran to its end, and what can be read from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QUICK = ("--vessel-clause", "LOCK-092,LOCK-094")
"""The cheapest clauses: three rows, a tenth of a second each."""


class Started:
    """One pytest that ran to its end; its files are read at once, for another run may replace them."""

    def __init__(self, result: pytest.RunResult, folder: Path) -> None:
        self.result, self.folder = result, folder
        self.status = int(result.ret)
        self.out, self.err = result.stdout.str(), result.stderr.str()
        report, record = folder / "report" / "report.json", folder / "report" / "run.jsonl"
        self.report: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
        self.lines: list[dict[str, Any]] = []
        if self.report:
            self.lines = [json.loads(line) for line in record.read_text().splitlines()]

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def last_line(self) -> str:
        return self.out.rstrip().splitlines()[-1]

    @property
    def verdicts(self) -> dict[str, str]:
        """By clause and case, in the record's order of arrival: `LOCK-092[create]`."""
        return {_label(line): line["verdict"] for line in self.lines if line["line"] == "case"}

    @property
    def reasons(self) -> dict[str, str]:
        return {_label(line): line["reason"] for line in self.lines if line["line"] == "case" and line["reason"]}

    def line_of(self, label: str) -> dict[str, Any]:
        (found,) = (line for line in self.lines if line["line"] == "case" and _label(line) == label)
        return found


def _label(line: dict[str, Any]) -> str:
    row = line["row"]
    return f"{row['clause']}[{row['case']}]" if row["case"] else str(row["clause"])


Start = Callable[..., Started]
Suite = Callable[..., tuple[str, ...]]
