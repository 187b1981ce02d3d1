"""Where a known failure is known: conditions on kernel, version and profile. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest

Version = tuple[int, ...]

_COMPARISON = re.compile(r"(>=|<=|==|!=|>|<)\s*v?(\d+(?:\.\d+)*)")
_NUMBER = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)*)")
_HOLDS: dict[str, Callable[[int], bool]] = {
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
}


@dataclass(frozen=True)
class When:
    """Conditions that must all hold; an empty one always does.

    `kernel` and `version`: comparisons (`>=5.15, <6.9`), or a pattern (`0.8*`) of the whole text or of one of its
    words. `profile`: a pattern of a profile's name.
    """

    kernel: str = ""
    version: str = ""
    profile: str = ""

    def met(self, *, kernel: str, version: str, profile: str) -> bool:
        """Whether all of them hold; `version` is the line that the implementation prints of itself."""
        return (
            holds(self.kernel, kernel)
            and holds(self.version, version)
            and (not self.profile or fnmatchcase(profile, self.profile))
        )


def understood(condition: str) -> bool:
    """Whether a condition is a pattern, or comparisons throughout."""
    return not re.search(r"[<>=!]", condition) or all(map(_COMPARISON.fullmatch, _parts(condition)))


def holds(condition: str, text: str) -> bool:
    """Whether a condition that is `understood` holds for this text. Where no number can be read, no comparison does."""
    if not condition:
        return True
    comparisons = [_COMPARISON.fullmatch(part) for part in _parts(condition)]
    if not all(comparisons):
        return any(fnmatchcase(word, condition) for word in (text, *text.split()))
    number = _NUMBER.search(text)
    if number is None:
        return False
    return all(_HOLDS[one[1]](_order(number[1], one[2])) for one in comparisons if one)


def _parts(condition: str) -> list[str]:
    return [part.strip() for part in condition.split(",")]


def _order(one: str, other: str) -> int:
    """-1, 0 or 1; missing numbers count as 0."""
    for mine, theirs in zip_longest(_numbers(one), _numbers(other), fillvalue=0):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0


def _numbers(text: str) -> Version:
    return tuple(int(number) for number in text.split("."))
