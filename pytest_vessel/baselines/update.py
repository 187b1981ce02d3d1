"""A file of known failures, written anew from a complete run, with as few changed lines as can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.baselines.chosen import applies
from pytest_vessel.baselines.file import Listed, read, text_of
from pytest_vessel.clause import Catalogue, Level
from pytest_vessel.errors import BaselineError
from pytest_vessel.judge.baseline import UNEXPLAINED, Known, codes, fingerprint
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Decision, Verdict
from pytest_vessel.record.write import write_aside
from pytest_vessel.row import Row
from pytest_vessel.toml_text import Block, blocks, dotted, quoted, with_value

_HEAD = """\
# Known failures, one table for each case (pytest-vessel, docs/baselines.md).
# Write into `reason` why it fails; `owner`, `expires` and `when` are up to you.
"""


@dataclass(frozen=True)
class Update:
    """What became of a file: keys of its tables, and how many stayed as they were."""

    text: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int
    unexplained: tuple[str, ...]

    def __str__(self) -> str:
        done = f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed, {self.kept} kept"
        return done + (f"; {len(self.unexplained)} to be explained" if self.unexplained else "")


def update(
    path: Path, seen: Mapping[Row, Decision], *, catalogue: Catalogue, offers: Sequence[Offer], kernel: str
) -> Update:
    """Write the file anew: aside, then renamed. A file in which nothing changes is left alone.

    Args:
        seen: what became of each case of the run, which was complete.

    Raises:
        BaselineError: the file cannot be read or written, or a line would have to be changed by hand.
    """
    path = path.resolve()
    old = text_of(path) if path.exists() else ""
    done = updated(old, path, seen, catalogue=catalogue, offers=offers, kernel=kernel)
    if done.text == old:
        return done
    try:
        write_aside(path, done.text, mode=path.stat().st_mode & 0o777 if path.exists() else None)
    except OSError as problem:
        mend = "Name a file that you may write."
        raise BaselineError(f"cannot be written: {problem.strerror}", where=str(path), mend=mend) from None
    return done


def updated(
    text: str,
    path: Path,
    seen: Mapping[Row, Decision],
    *,
    catalogue: Catalogue,
    offers: Sequence[Offer],
    kernel: str,
) -> Update:
    """The new text.

    A case that failed gets its fingerprint; one that passed loses its table; one that was not decided, or belongs to
    another implementation, keeps it byte by byte. Where the fingerprint changes, the reason has to be written anew.

    Raises:
        BaselineError: a case fails here, and its line is about other conditions.
    """
    editor = _Editor(text or _HEAD, read(text, path, catalogue), catalogue)
    versions = {offer.name: offer.version for offer in offers}
    for row, decision in seen.items():
        line = editor.listed.get(_key(row))
        if line is not None and not applies(line, catalogue, versions, kernel):
            if decision.verdict is Verdict.FAIL:
                what = "fails here too, but its `when` does not hold here"
                raise BaselineError(what, where=f"{line.known.place}: {_name(row)}", mend="Change `when` by hand.")
            continue
        if decision.verdict is Verdict.FAIL and catalogue[row.clause].level is not Level.FACT:
            editor.fails(row, line.known if line else None, codes(decision.findings))
        elif decision.verdict is Verdict.PASS and line is not None:
            editor.passes(row)
    done = editor.done()
    _check(done, path, catalogue, seen)
    return done


def _key(row: Row) -> tuple[str, str]:
    return row.implementation, row.label


def _name(row: Row) -> str:
    return _header((row.implementation, row.label))


def _header(key: tuple[str, str]) -> str:
    return f"{dotted(key[0])}.{quoted(key[1])}"


def _check(done: Update, path: Path, catalogue: Catalogue, seen: Mapping[Row, Decision]) -> None:
    """What was written says what was meant: an unusual file is refused rather than spoilt."""
    now = {(one.known.implementation, one.known.label): one.known for one in read(done.text, path, catalogue)}
    names = {*done.added, *done.changed}
    for row, decision in seen.items():
        wanted = fingerprint(codes(decision.findings)) if _name(row) in names else ""
        known = now.get((row.implementation, row.label))
        if (wanted and (known is None or known.fingerprint != wanted)) or (_name(row) in done.removed and known):
            mend = "Write each known failure as a table of its own, one key a line."
            raise BaselineError(f"{_name(row)} cannot be updated in place", where=str(path), mend=mend)


class _Editor:
    """The blocks of one file while cases are taken in."""

    def __init__(self, text: str, listed: Iterable[Listed], catalogue: Catalogue) -> None:
        self.blocks = blocks(text)
        self.end_of_line = "\r\n" if "\r\n" in text else "\n"
        self.listed = {(one.known.implementation, one.known.label): one for one in listed}
        names = [(clause.id, case.name) for clause in catalogue for case in clause.cases]
        self.order = {Row("", *name).label: place for place, name in enumerate(names)}
        self.added: list[str] = []
        self.changed: list[str] = []
        self.removed: list[str] = []

    def fails(self, row: Row, known: Known | None, found: tuple[str, ...]) -> None:
        if known is None:
            self.added.append(_name(row))
            self._insert(row, self._new(row, found))
        elif known.fingerprint != fingerprint(found):
            self.changed.append(_name(row))
            key = _key(row)
            self.blocks = [_changed(one, known, found) if one.path == key else one for one in self.blocks]

    def passes(self, row: Row) -> None:
        self.removed.append(_name(row))
        self.blocks = [block for block in self.blocks if block.key != _key(row)]

    def _new(self, row: Row, found: tuple[str, ...]) -> Block:
        lines = [
            f"[{_name(row)}]",
            f"fingerprint = {quoted(fingerprint(found))}",
            f"findings = {_listed(found)}",
            f"reason = {quoted(UNEXPLAINED)}",
            "",
        ]
        return Block(_key(row), 0, self.end_of_line.join(lines))

    def _insert(self, row: Row, new: Block) -> None:
        """Before the first later case of the same implementation, else behind its last, else at the end."""
        mine = [n for n, block in enumerate(self.blocks) if block.path[:1] == (row.implementation,)]
        later = [n for n in mine if self.order.get("".join(self.blocks[n].path[1:2]), -1) > self.order[row.label]]
        place = later[0] if later else mine[-1] + 1 if mine else len(self.blocks)
        self.blocks.insert(place, new)

    def done(self) -> Update:
        unexplained = {key for key, one in self.listed.items() if one.known.unexplained}
        names = [name for name in map(_header, unexplained) if name not in (*self.removed, *self.changed)]
        kept = len(self.listed) - len(self.changed) - len(self.removed)
        text = self._text()
        return Update(
            text,
            tuple(self.added),
            tuple(self.changed),
            tuple(self.removed),
            kept,
            (*names, *self.added, *self.changed),
        )

    def _text(self) -> str:
        """The blocks one after the other, with an empty line before and behind new ones."""
        text, was_fresh = "", False
        for block in self.blocks:
            fresh = block.line == 0
            if text and (fresh or was_fresh) and not text.endswith(2 * self.end_of_line):
                text += self.end_of_line * (1 if text.endswith("\n") else 2)
            text += block.text
            was_fresh = fresh
        return text.rstrip("\r\n") + self.end_of_line if self.removed and text.strip() else text


def _changed(block: Block, known: Known, found: tuple[str, ...]) -> Block:
    before = ", ".join(known.findings) or known.fingerprint
    old = known.reason.removeprefix(UNEXPLAINED).strip("; ")
    reason = f"{UNEXPLAINED}; before ({before}): {old}" if old else UNEXPLAINED
    block = with_value(block, "fingerprint", quoted(fingerprint(found)), after="fingerprint")
    block = with_value(block, "findings", _listed(found), after="fingerprint")
    return with_value(block, "reason", quoted(reason), after="findings")


def _listed(found: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, found))}]"
