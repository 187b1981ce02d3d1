"""Lines of a log: which of them are arguments of a program, and what differs from run to run and may. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import ndiff

_PREFIX = re.compile(r"^\S+: (?:[A-Z]: )?")
_NOISE = (
    (re.compile(r"\[\d+\]"), "[PID]"),
    (re.compile(r"\bpid \d+"), "pid PID"),
    (re.compile(r"\b\d+\.\d+ ?m?s\b"), "TIME"),
)


def is_argument(line: str) -> bool:
    """Whether a line is one item of a list of arguments: behind the name of the program, one text in quotes.

    Of a container tool's arguments there can be hundreds, and each is to be in the log as it is.
    """
    text = _PREFIX.sub("", line).strip()
    return len(text) > 1 and text[0] == text[-1] == "'" and "' '" not in text


def messages(log: str) -> list[str]:
    """The lines that are no arguments."""
    return [line for line in log.splitlines() if not is_argument(line)]


def quiet(log: str, names: Mapping[str, str]) -> Iterator[str]:
    """The lines without noise: process ids, times, and those `names`, which are other ones in each run."""
    for line in log.splitlines():
        for name, word in names.items():
            line = line.replace(name, word)
        for noise, word in _NOISE:
            line = noise.sub(word, line)
        yield line


def differences(first: list[str], second: list[str]) -> tuple[str, ...]:
    """What is in one of two logs alone, in order."""
    return tuple(line for line in ndiff(first, second) if line[0] in "-+")
