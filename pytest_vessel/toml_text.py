"""TOML as it is written: its tables, the lines of its keys; an update leaves every other byte as it was. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
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
    lines = _lines(text)
    heads: list[int] = []
    for number, line in enumerate(lines):
        if _HEADER.match(line) and _is_complete(lines[heads[-1] if heads else 0 : number]):
            heads.append(number)
    starts = [0, *(_with_comment(lines, head) for head in heads)]
    ends = [*starts[1:], len(lines)]
    paths = [(), *(_path(lines[head]) for head in heads)]
    numbers = [1, *(head + 1 for head in heads)]
    parts = zip(paths, numbers, starts, ends, strict=True)
    return [Block(path, number, "".join(lines[start:end])) for path, number, start, end in parts]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


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


def line_of(text: str, key: Sequence[str]) -> int:
    """The line, from 1, where a key of a valid TOML text gets its value, else its nearest table; 0 where neither is.

    What an inline table or a list holds has the line where that begins.
    """
    above = [block for block in blocks(text) if tuple(key[: len(block.path)]) == block.path]
    block = max(above, key=lambda one: len(one.path))
    lines, rest = _lines(block.text), key[len(block.path) :]
    for count in range(len(rest), 0, -1):
        if (start := _start(lines, rest[:count])) is not None:
            return block.line - _header_of(lines, block) + start
    return block.line if block.path else 0


def _header_of(lines: list[str], block: Block) -> int:
    return next(number for number, line in enumerate(lines) if _HEADER.match(line)) if block.path else 0


def with_value(block: Block, key: str, value: str, *, after: str) -> Block:
    """The block with another value for a key, in its place, or else in a line of its own behind the key `after`.

    `value` is TOML of one line. What stands behind a value of one line (a comment) stays.
    """
    lines = _lines(block.text)
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
    if (start := _start(lines, (key,))) is None:
        return None
    return start, next(end for end in range(start + 1, len(lines) + 1) if _is_complete(lines[start:end]))


def _start(lines: list[str], key: Sequence[str]) -> int | None:
    """The first line of the value of a key, or of a key below it."""
    spelt = r"[ \t]*\.[ \t]*".join(rf"""["']?{re.escape(one)}["']?""" for one in key)
    named = re.compile(rf"[ \t]*{spelt}[ \t]*[.=]")
    found = (number for number, line in enumerate(lines) if named.match(line) and _is_complete(lines[:number]))
    return next(found, None)


def _tail(line: str) -> str:
    """The comment behind a string or list of strings, with the blanks before it."""
    pattern = r"""[^=]*=[ \t]*(?:\[[^\]#]*\]|"(?:[^"\\]|\\.)*"|'[^']*')(?P<tail>[ \t]*\#.*?)\r?\n?$"""
    found = re.match(pattern, line)
    return found["tail"] if found else ""


def dotted(*key: str) -> str:
    """A key as TOML spells it: `bubblewrap."LOCK-012[held]".reason`."""
    return ".".join(one if re.fullmatch(r"[A-Za-z0-9_-]+", one) else quoted(one) for one in key)


def quoted(text: str) -> str:
    """A TOML basic string of one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace").decode()
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
