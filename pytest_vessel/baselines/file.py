"""Reading a file of known failures: `docs/baselines.md` describes it, `fixtures/schemas/baseline.json` for editors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from pytest_vessel.baselines.layout import blocks
from pytest_vessel.clause import Catalogue, Clause, Level
from pytest_vessel.errors import BaselineError, UsageProblem
from pytest_vessel.judge.baseline import Known, fingerprint
from pytest_vessel.judge.condition import When, understood
from pytest_vessel.nearest import nearest
from pytest_vessel.selection import find

_KEYS = ("fingerprint", "findings", "reason", "owner", "expires", "when")
_CONDITIONS = ("kernel", "version", "profile")
_LIMIT_BYTES = 1 << 20


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
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise BaselineError("is larger than 1 MiB", where=str(path), mend="It holds one table for each case.")
        return path.read_bytes().decode()
    except FileNotFoundError:
        mend = "Check the path; --vessel-baseline-update writes a new file."
        raise BaselineError("there is no such file", where=str(path), mend=mend) from None
    except OSError as problem:
        raise BaselineError(f"cannot be read: {problem.strerror}", where=str(path), mend="Check the path.") from None
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise BaselineError("is not UTF-8", where=f"{path}:{line}", mend="Save the file as UTF-8.") from None


def read(text: str, path: Path, catalogue: Catalogue) -> tuple[Listed, ...]:
    """The known failures of a file, in its order.

    Raises:
        BaselineError: it is not TOML or does not fit; names file, line or key, and what is near.
    """
    try:
        raw = tomllib.loads(text)
    except ValueError as problem:
        raise _not_toml(text, path, problem) from None
    lines = {block.path: block.line for block in blocks(text)}
    reader = _Reader(path, catalogue)
    return tuple(
        reader.line(name, key, table, lines.get((name, key), 0))
        for name, cases in raw.items()
        for key, table in reader.cases(name, cases).items()
    )


def _not_toml(text: str, path: Path, problem: ValueError) -> BaselineError:
    found = re.search(r"\(at line (\d+), column \d+\)", str(problem))
    number = int(found[1]) if found else 0
    line = f": {text.split(chr(10))[number - 1].strip()[:80]}" if number else ""
    return BaselineError(
        f"is not valid TOML: {problem}", where=f"{path}:{number}{line}" if found else str(path), mend="Mend that line."
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


def dotted(*key: str) -> str:
    """A key as TOML spells it: `bubblewrap."LOCK-012[held]".reason`."""
    return ".".join(one if re.fullmatch(r"[A-Za-z0-9_-]+", one) else quoted(one) for one in key)


def quoted(text: str) -> str:
    """A TOML basic string of one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace").decode()
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
