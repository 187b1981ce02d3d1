"""A row: the one verdict that a run owes for one implementation, clause and case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One due verdict; `case` is empty for a clause that names no cases."""

    implementation: str
    clause: str
    case: str

    @property
    def label(self) -> str:
        """Clause and case as options and reports spell them: `LOCK-019[fifo]`."""
        return label(self.clause, self.case)

    @property
    def item_id(self) -> str:
        """What stands in brackets in a node id: `reference-LOCK-019-fifo`."""
        return "-".join(part for part in (self.implementation, self.clause, self.case) if part)


def label(clause: str, case: str) -> str:
    """Clause and case in one word: `LOCK-010`, `LOCK-019[fifo]`."""
    return f"{clause}[{case}]" if case else clause


def unlabel(text: str) -> tuple[str, str]:
    """The reverse of `label`; the case is empty where none is named."""
    clause, _, case = text.partition("[")
    return clause, case.removesuffix("]")
