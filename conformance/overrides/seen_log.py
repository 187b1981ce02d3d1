"""What was seen of the log of a copy's making: a few of its lines, and their number. No opinion in them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.conformance.overrides.seen_fdio import Made


@dataclass(frozen=True)
class Log:
    """One log.

    Attributes:
        made: the copy.
        lines: how many there are.
        overrides: those that hold the absolute path of OVR and are no argument of a list.
        copy: those that hold the path of the copy.
    """

    made: Made
    lines: int
    overrides: tuple[str, ...]
    copy: tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """Two runs alike. `differences`: `-` is in the first alone, `+` in the second; without what is noise."""

    first: Made
    second: Made
    lines: int
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Lengthened:
    """Two runs, the second with a PARENT whose path is so many characters `further`; sizes of logs in characters."""

    short: Made
    long: Made
    further: int
    log_sizes: tuple[int, int]
