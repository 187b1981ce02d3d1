"""A folder with all that is below it, as it was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MARKS = MISSING, ADDED, OTHER = "- ", "+ ", "! "
"""What a line of `differences` begins with: it is missing, it should not be there, it is something else."""

_TEXT_WIDTH = 400


class Kind(StrEnum):
    """What an entry is; links are never followed."""

    FOLDER = "folder"
    LINK = "link"
    FILE = "file"
    OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """One entry. `path`: below the folder; `text`: where a link leads, or the beginning of a file."""

    path: str
    kind: Kind
    text: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder that it is in; empty at the top."""
        return self.path.rpartition("/")[0]

    def __str__(self) -> str:
        if self.kind is Kind.LINK:
            return f"{self.path} -> {self.text}"
        return f"{self.path}/" if self.kind is Kind.FOLDER else self.path


@dataclass(frozen=True)
class Tree:
    """All entries, ordered by their paths. `left_out`: how many more there were."""

    entries: tuple[Entry, ...]
    left_out: int = 0

    def of_kind(self, kind: Kind) -> tuple[Entry, ...]:
        """The entries of one kind."""
        return tuple(entry for entry in self.entries if entry.kind is kind)

    @property
    def links(self) -> Mapping[str, str]:
        """Path to target, of each link."""
        return {entry.path: entry.text for entry in self.of_kind(Kind.LINK)}

    @property
    def files(self) -> Mapping[str, str]:
        """Path to text, of each regular file."""
        return {entry.path: entry.text for entry in self.of_kind(Kind.FILE)}

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.entries)) or "empty"
        return f"{shown} and {self.left_out} more" if self.left_out else shown


def differences(wanted: Tree, seen: Tree) -> Iterator[str]:
    """A line for each entry that differs, with its mark."""
    expected, found = ({entry.path: entry for entry in tree.entries} for tree in (wanted, seen))
    for path in sorted(expected.keys() | found.keys()):
        one, other = expected.get(path), found.get(path)
        if one == other:
            continue
        if other is None:
            yield f"{MISSING}{one}"
        elif one is None:
            yield f"{ADDED}{other}"
        else:
            yield f"{OTHER}{other} (expected {_short(one.text) or one})"


def _short(text: str) -> str:
    """A file may hold anything."""
    return text if len(text) <= _TEXT_WIDTH else text[: _TEXT_WIDTH - 3] + "..."
