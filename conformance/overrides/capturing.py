"""Capturing from roots that are built for one question, and looking at what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_vessel.conformance.overrides import roots
from pytest_vessel.conformance.overrides.seen_capture import Capture, Link
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import Running

Taken = Mapping[str, str]
"""Name of a link to the file of the provider that it leads to, as a key of `roots.Files`."""


@dataclass(frozen=True)
class Recipe:
    """One question.

    Attributes:
        provider: its files.
        patterns: what is asked for.
        taken: the links that are due; None: the capture must fail.
        container: its files; None: a folder with nothing in it.
        knowledge: text of a knowledge file; empty: there is none.
        listed: patterns in a file that is named by one more pattern, behind the others.
    """

    provider: roots.Files
    patterns: tuple[str, ...]
    taken: Taken | None
    container: roots.Files | None = None
    knowledge: str = ""
    listed: tuple[str, ...] = field(default=())


def capture(implementation: Implementation, recipe: Recipe) -> Capture:
    """Build the roots of a recipe, capture, and look."""
    provider = roots.write(implementation.work / "provider", recipe.provider)
    inside = {name: roots.place(file) for name, file in (recipe.taken or {}).items()}
    wanted = None if recipe.taken is None else inside
    container = implementation.work / "container"
    container.mkdir()
    if recipe.container is not None:
        roots.write(container, recipe.container)
    patterns = recipe.patterns
    if recipe.listed:
        listed = implementation.work / "files" / "list"
        listed.write_text("\n".join(recipe.listed))
        patterns += (f"from:{listed}",)
    return captured(implementation, provider, container, patterns, wanted, recipe.knowledge)


def captured(
    implementation: Implementation,
    provider: Path,
    container: Path,
    patterns: tuple[str, ...],
    wanted: Mapping[str, str] | None,
    knowledge: str = "",
) -> Capture:
    """Capture, and look; `wanted`: the files of the provider by the names of the links that are due."""
    dest = implementation.work / "work" / "links"
    running = implementation.capture(provider, container, dest, patterns, knowledge)
    ending = running.finish()
    links = None if not dest.is_dir() else {entry.name: _target(entry) for entry in os.scandir(dest)}
    prefix = implementation.provider_inside
    due = None if wanted is None else {name: prefix + path for name, path in wanted.items()}
    shown = tuple(map(running.shown, patterns))
    return Capture(shown, _as_links(due, running), ending, _as_links(links, running))


def _target(entry: os.DirEntry[str]) -> str:
    return os.readlink(entry.path) if entry.is_symlink() else ""


def _as_links(targets: Mapping[str, str] | None, running: Running) -> tuple[Link, ...] | None:
    """By name, and the same in every run."""
    if targets is None:
        return None
    return tuple(Link(name, running.shown(target)) for name, target in sorted(targets.items()))
