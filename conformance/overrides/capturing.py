"""Capturing from roots that are built for one question, and looking at what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_vessel.conformance.overrides import roots
from pytest_vessel.conformance.overrides.seen_capture import Capture, Link
from pytest_vessel.fixtures.implementations import Implementation

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
    ending = implementation.capture(provider, container, dest, patterns, knowledge).finish()
    prefix = implementation.provider_inside
    due = None if wanted is None else tuple(Link(name, prefix + path) for name, path in sorted(wanted.items()))
    return Capture(patterns, due, ending, _links(dest))


def _links(dest: Path) -> tuple[Link, ...] | None:
    if not dest.is_dir():
        return None
    entries = sorted(os.scandir(dest), key=lambda entry: entry.name)
    return tuple(Link(one.name, os.readlink(one.path) if one.is_symlink() else "") for one in entries)
