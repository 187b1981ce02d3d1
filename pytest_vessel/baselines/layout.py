"""The text of a baseline file, cut into its tables: so that an update leaves every other byte as it was. Pure."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace

_HEADER = re.compile(r"[ \t]*\[")


@dataclass(frozen=True)
class Block:
    """One table as it is written, with the comment directly above it.

    Attributes:
        path: the keys of its header; empty for what stands above the first table.
        line: number of its header's line, from 1.
        text: all of it, up to the next table; the texts of all blocks make up the file.
    """

    path: tuple[str, ...]
    line: int
    text: str

    @property
    def key(self) -> tuple[str, ...]:
        """Implementation and case that it belongs to; shorter where it belongs to none."""
        return self.path[:2]


def blocks(text: str) -> list[Block]:
    """The tables of a valid TOML text, in its order; the first is what stands above them all, perhaps nothing."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    heads = [number for number, line in enumerate(lines) if _HEADER.match(line) and _is_complete(lines[:number])]
    starts = [0, *(_with_comment(lines, head) for head in heads)]
    ends = [*starts[1:], len(lines)]
    paths = [(), *(_path(lines[head]) for head in heads)]
    numbers = [1, *(head + 1 for head in heads)]
    parts = zip(paths, numbers, starts, ends, strict=True)
    return [Block(path, number, "".join(lines[start:end])) for path, number, start, end in parts]


def _is_complete(lines: list[str]) -> bool:
    """Whether a table may begin after these lines: not within a string or list of several lines."""
    try:
        tomllib.loads("".join(lines))
    except ValueError:
        return False
    return True


def _with_comment(lines: list[str], head: int) -> int:
    """Where the comment directly above a header begins; a comment at the top of the file is about the file."""
    start = head
    while start and lines[start - 1].lstrip(" \t").startswith("#"):
        start -= 1
    return start or head


def _path(header: str) -> tuple[str, ...]:
    table, path = tomllib.loads(header), []
    while isinstance(table, dict) and table:
        ((key, table),) = table.items()
        path.append(key)
    return tuple(path)


def with_value(block: Block, key: str, value: str, *, after: str) -> Block:
    """The block with another value for a key, in its place, or else in a line of its own behind the key `after`.

    `value` is TOML of one line. What stands behind a value of one line (a comment) stays.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", block.text)
    end_of_line = "\r\n" if "\r\n" in block.text else "\n"
    found = _extent(lines, key)
    if found is not None:
        start, end = found
        tail = _tail(lines[start]) if end == start + 1 else ""
        lines[start:end] = [f"{key} = {value}{tail}{end_of_line}"]
    else:
        place = (_extent(lines, after) or (0, len(lines)))[1]
        lines[place:place] = [f"{key} = {value}{end_of_line}"]
    return replace(block, text="".join(lines))


def _extent(lines: list[str], key: str) -> tuple[int, int] | None:
    """First line and line behind the last of the value of a key."""
    named = re.compile(rf"""[ \t]*["']?{key}["']?[ \t]*=""")
    for start, line in enumerate(lines):
        if named.match(line) and _is_complete(lines[:start]):
            end = next(end for end in range(start + 1, len(lines) + 1) if _is_complete(lines[start:end]))
            return start, end
    return None


def _tail(line: str) -> str:
    """The comment behind a string or list of strings, with the blanks before it."""
    pattern = r"""[^=]*=[ \t]*(?:\[[^\]#]*\]|"(?:[^"\\]|\\.)*"|'[^']*')(?P<tail>[ \t]*\#.*?)\r?\n?$"""
    found = re.match(pattern, line)
    return found["tail"] if found else ""
