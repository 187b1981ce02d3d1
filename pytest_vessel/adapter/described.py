"""What an adapter says of its implementation: `docs/adapters.md` is the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_vessel.adapter.template import Choice


@dataclass(frozen=True)
class Description:
    """What an adapter says, checked. `folder`: where programs with a slash count from."""

    folder: Path
    name: str
    version: tuple[str, ...]
    mend: str
    home: str
    verbs: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, Choice] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    behaviour: Mapping[str, str | bool] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arranged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    copy_tree: Mapping[str, str] = field(default_factory=dict)
    provider_inside: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    machine: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_hand: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
