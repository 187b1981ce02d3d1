"""The `kills` of a clause file, as a matrix has them. Pure: texts in, text out."""

from __future__ import annotations

import re

from pytest_vessel.report.matrix import Kills, Matrix

_KILLS = re.compile(r"^kills = \[[^\]]*\]$", re.M)


def rewritten(text: str, matrix: Matrix) -> str:
    """A `clauses.toml` whose `kills` are those of the matrix; everything else stays as it is, to the byte.

    Rows that agree, and clauses that the file does not have, are passed over.
    """
    for row in matrix.rows:
        if row.unexpected or row.missed:
            text = _with_kills(text, row)
    return text


def _with_kills(text: str, row: Kills) -> str:
    head = re.search(rf"^\[{re.escape(row.clause.id)}\]$", text, re.M)
    if head is None:
        return text
    following = re.search(r"^(\[|#)", text[head.end() :], re.M)
    end = head.end() + following.start() if following else len(text)
    section, line = text[head.end() : end], f"kills = {row.line}"
    if _KILLS.search(section):
        section = _KILLS.sub(lambda _: line, section, count=1)
    else:
        section = section.rstrip("\n") + f"\n{line}\n" + "\n" * (len(section) - len(section.rstrip("\n")) - 1)
    return text[: head.end()] + section + text[end:]
