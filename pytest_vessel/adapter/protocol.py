"""What an adapter is: the verbs of one implementation as commands that the harness runs under its keeper.

An adapter starts nothing by itself: it says what to start. So no call of an implementation escapes the keeper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_vessel.judge.offer import Offer


@dataclass(frozen=True)
class Command:
    """What to start: `argv` (the program as an absolute path) and what its environment adds to a clean one.

    `by_hand`: shell text that does the same where argv is a program of the adapter's own; empty: argv it is.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    by_hand: str = ""


@dataclass(frozen=True)
class Fill:
    """What the templates of a verb are filled with.

    `values`: placeholder to text; `words`: placeholder (`argv`, `patterns`) to several words; `choices`: name of a
    choice to the value wanted, the first declared one where it is not named.
    """

    values: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    choices: Mapping[str, str]


class Maker(Protocol):
    """Says what to start for a verb: from templates, or because it was asked."""

    def command(self, verb: str, fill: Fill) -> Command:
        """What to start for a verb that is offered; the program may still be a name.

        Raises:
            AdapterError: it cannot be said.
        """


class Adapter(Protocol):
    """One implementation under test, as it is driven."""

    @property
    def offer(self) -> Offer:
        """Name, version and capabilities; runs the version command once."""

    def command(self, verb: str, fill: Fill) -> Command:
        """What to start for a verb.

        Raises:
            AdapterError: the verb is not offered, or a placeholder has no value.
        """

    def role(self, name: str, fill: Fill) -> str | None:
        """A file of the layout (`src`, `ref`); empty where it has none, None where it is not declared."""

    def inside(self, layout: str) -> tuple[str, ...]:
        """Paths inside the container that lead to the runtime's lock file, for a layout."""

    def arranged(self, layout: str) -> tuple[str, ...]:
        """Those of them that the adapter's own command line arranged."""

    def provider_inside(self, provider: Path) -> str:
        """Where the container sees a provider: a root folder of this machine, or `/`; empty where it does not say."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Programs of this machine that each of its runtimes must hold, with their libraries."""

    @property
    def files(self) -> tuple[str, ...]:
        """Files below SRC, which may be empty, that each of its runtimes must hold."""

    def machine(self, verb: str) -> tuple[str, ...]:
        """What the verb needs of the machine (`userns`)."""

    @property
    def collects_in_copy(self) -> bool:
        """Whether a clean-up pass is part of making a copy, and there is no verb for one."""

    def told_copy(self, output: str) -> str:
        """The copy that `prepare` told of on stdout (`layout.copy_from`): a name or a path, or empty."""

    @property
    def folder(self) -> Path:
        """The folder that relative programs are looked up in."""
