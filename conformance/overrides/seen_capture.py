"""What the tests of captures saw. No opinion in it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.observation.process import Ending


@dataclass(frozen=True)
class Link:
    """One entry of a folder of links; `target` is what the link holds, empty where the entry is no link."""

    name: str
    target: str


@dataclass(frozen=True)
class Capture:
    """One capture.

    Attributes:
        patterns: what was asked for.
        wanted: the links that the roots were built for, or that the loader asks for; None: it cannot be had.
        ending: how the capture ended.
        links: what lies at DEST, by name; None where nothing is there.
        witness: where no link is due: another capture, of a library of the same provider that can be had. Who never
            captures anything would seem right otherwise.
    """

    patterns: tuple[str, ...]
    wanted: tuple[Link, ...] | None
    ending: Ending
    links: tuple[Link, ...] | None
    witness: Capture | None = None
