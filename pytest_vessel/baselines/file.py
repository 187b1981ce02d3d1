"""Reading a file of known failures: `docs/baselines.md` describes it, `fixtures/schemas/baseline.json` for editors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from pytest_vessel import toml_file
from pytest_vessel.clause import Catalogue, Clause, Level
from pytest_vessel.errors import BaselineError, UsageProblem
from pytest_vessel.judge.baseline import Known, fingerprint
from pytest_vessel.judge.condition import When, understood
from pytest_vessel.nearest import nearest
from pytest_vessel.selection import find
from pytest_vessel.toml_text import blocks, dotted

_KEYS = ("fingerprint", "findings", "reason", "owner", "expires", "when")
_CONDITIONS = ("kernel", "version", "profile")


@dataclass(frozen=True)
class Listed:
    """One line as the file has it.

    Attributes:
        when: where it is known.
        own_table: whether it is written as a table of its own, which an update can change.
    """

    known: Known
    when: When
    own_table: bool


def text_of(path: Path) -> str:
    """The text of a file of known failures.

    Raises:
        BaselineError: it cannot be read, or is not UTF-8.
    """
    return toml_file.text_of(
        path,
        BaselineError,
        limit_kib=1024,
        holds="It holds one table for each case.",
        missing="Check the path; --vessel-baseline-update writes a new file.",
    )


def read(text: str, path: Path, catalogue: Catalogue) -> tuple[Listed, ...]:
    """The known failures of a file, in its order.

    Raises:
        BaselineError: it is not TOML or does not fit; names file, line or key, and what is near.
    """
    raw = toml_file.parsed(text, path, BaselineError)
    lines = {block.path: block.line for block in blocks(text)}
    reader = _Reader(path, catalogue)
    return tuple(
        reader.line(name, key, table, lines.get((name, key), 0))
        for name, cases in raw.items()
        for key, table in reader.cases(name, cases).items()
    )


class _Reader:
    """Checks one file; every error names the file and the key."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self.path, self.catalogue = path, catalogue

    def wrong(self, what: str, mend: str, *key: str) -> NoReturn:
        raise BaselineError(what, where=f"{self.path}: {dotted(*key)}", mend=mend)

    def cases(self, name: str, cases: object) -> Mapping[str, Any]:
        if not re.fullmatch(r"[a-z][a-z0-9_.-]*", name):
            self.wrong("is not the name of an implementation", "Names have lower-case letters and digits.", name)
        if not isinstance(cases, dict):
            self.wrong("is not a table", f'Write [{name}."LOCK-012[held]"] with keys below.', name)
        return cases

    def line(self, name: str, key: str, table: object, number: int) -> Listed:
        clause, case = self.case(name, key)
        if not isinstance(table, dict):
            self.wrong("is not a table", "Write its keys below that header.", name, key)
        for one in table:
            if one not in _KEYS:
                self.wrong("is not a known key", nearest(one, _KEYS), name, key, one)
        known = Known(
            implementation=name,
            clause=clause.id,
            case=case,
            fingerprint=self.text(table, "fingerprint", name, key, required=True),
            reason=self.text(table, "reason", name, key, required=True),
            owner=self.text(table, "owner", name, key),
            expires=self.expires(table, name, key),
            findings=self.findings(table, name, key),
            place=f"{self.path}:{number}" if number else str(self.path),
        )
        self.check_fingerprint(known, name, key)
        return Listed(known, self.when(table.get("when", {}), name, key), number > 0)

    def case(self, name: str, key: str) -> tuple[Clause, str]:
        try:
            clause, case = find(self.catalogue, key)
        except UsageProblem as problem:
            self.wrong(problem.what, problem.mend, name, key)
        names = [one.name for one in clause.cases]
        if not case and "" not in names:
            self.wrong(f"{clause.id} has several cases: name one", f"Known: {', '.join(names)}", name, key)
        if not clause.due or clause.level is Level.FACT:
            why = "is planned" if clause.planned else f"was retired: {clause.until}" if clause.until else "is a fact"
            self.wrong(f"{clause.id} {why}: it cannot fail", "Delete this table.", name, key)
        return clause, case

    def text(self, table: Mapping[str, Any], word: str, *key: str, required: bool = False) -> str:
        value = table.get(word, "")
        if not isinstance(value, str):
            self.wrong("must be a string", f'Write {word} = "...".', *key, word)
        if required and not value.strip():
            self.wrong("lacks a value", f'Write {word} = "...".', *key, word)
        return value

    def expires(self, table: Mapping[str, Any], *key: str) -> date | None:
        value = table.get("expires")
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong(f"{str(value)!r} is not a date", "Write it without quotes: expires = 2027-01-31", *key, "expires")

    def findings(self, table: Mapping[str, Any], *key: str) -> tuple[str, ...]:
        value = table.get("findings", [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong("must be a list of strings", 'Write findings = ["where: class"].', *key, "findings")
        return tuple(value)

    def check_fingerprint(self, known: Known, *key: str) -> None:
        if not re.fullmatch(r"[0-9a-f]{12}", known.fingerprint):
            mend = "It is 12 hexadecimal digits; --vessel-baseline-update writes it."
            self.wrong(f"{known.fingerprint!r} is not a fingerprint", mend, *key, "fingerprint")
        if known.findings and fingerprint(known.findings) != known.fingerprint:
            what = f"is that of other findings than those listed, which have {fingerprint(known.findings)}"
            self.wrong(
                what, "Delete findings; or this table, and let --vessel-baseline-update write it.", *key, "fingerprint"
            )

    def when(self, table: object, *key: str) -> When:
        if not isinstance(table, dict):
            self.wrong("is not a table", 'Write when = { kernel = ">=6" }.', *key, "when")
        for word, value in table.items():
            if word not in _CONDITIONS:
                self.wrong("is not a known condition", nearest(word, _CONDITIONS), *key, "when", word)
            if not isinstance(value, str) or not value or not (word == "profile" or understood(value)):
                mend = 'Write comparisons (">=5.15, <6.9") or a pattern ("0.8*").'
                self.wrong(f"{value!r} is not a condition", mend, *key, "when", word)
        return When(**table)
