"""Capturing from roots that are built for one question, and looking at what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_vessel.conformance.overrides import roots
from pytest_vessel.conformance.overrides.seen_capture import Capture, Link
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import Running

WITNESS = "libwitness.so.1"
"""A library of every provider that no container has: it can always be had."""


@dataclass(frozen=True)
class Recipe:
    """One question.

    Attributes:
        provider: its files.
        patterns: what is asked for.
        taken: the name of each link that is due, with the file of the provider that it leads to, as a key of
            `provider`; None: the capture must fail.
        container: its files; None: a folder with nothing in it.
        knowledge: text of a knowledge file; empty: there is none.
        listed: patterns in a file that is named by one more pattern, behind the others.
    """

    provider: roots.Files
    patterns: tuple[str, ...]
    taken: Mapping[str, str] | None
    container: roots.Files | None = None
    knowledge: str = ""
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """Who captures, from where, for whom."""

    implementation: Implementation
    provider: Path
    container: Path


def scene(
    implementation: Implementation, provider: roots.Files, container: roots.Files | None = None, *, cached: bool = True
) -> Scene:
    """Build the roots; without files the container is a folder with nothing in it."""
    made = Scene(implementation, implementation.work / "provider", implementation.work / "container")
    roots.write(made.provider, {**provider, WITNESS: roots.library(WITNESS)}, cached=cached)
    made.container.mkdir()
    if container is not None:
        roots.write(made.container, container)
    return made


def capture(implementation: Implementation, recipe: Recipe) -> Capture:
    """Ask the question of a recipe. Where no link is due it is also seen whether anything is captured at all."""
    here = scene(implementation, recipe.provider, recipe.container)
    patterns = recipe.patterns
    if recipe.listed:
        listed = implementation.work / "files" / "list"
        listed.write_text("\n".join(recipe.listed))
        patterns += (f"from:{listed}",)
    wanted = None if recipe.taken is None else {name: roots.place(file) for name, file in recipe.taken.items()}
    seen = captured(here, patterns, wanted, knowledge=recipe.knowledge)
    return seen if wanted else replace(seen, witness=_witness(here))


def captured(
    here: Scene,
    patterns: tuple[str, ...],
    wanted: Mapping[str, str] | None,
    *,
    knowledge: str = "",
    dest: str = "links",
) -> Capture:
    """Capture, and look; `wanted`: the files of the provider by the names of the links that are due."""
    folder = here.implementation.work / "work" / dest
    running = here.implementation.capture(here.provider, here.container, folder, patterns, knowledge)
    ending = running.finish()
    links = {entry.name: _target(entry) for entry in os.scandir(folder)} if folder.is_dir() else None
    prefix = str(here.implementation.provider_inside(here.provider))
    due = None if wanted is None else {name: prefix + path for name, path in wanted.items()}
    return Capture(tuple(map(running.shown, patterns)), _as_links(due, running), ending, _as_links(links, running))


def _witness(here: Scene) -> Capture:
    return captured(here, (f"soname:{WITNESS}",), {WITNESS: roots.place(WITNESS)}, dest="witness")


def _target(entry: os.DirEntry[str]) -> str:
    return os.readlink(entry.path) if entry.is_symlink() else ""


def _as_links(targets: Mapping[str, str] | None, running: Running) -> tuple[Link, ...] | None:
    """By name, and the same in every run."""
    if targets is None:
        return None
    return tuple(Link(name, running.shown(target)) for name, target in sorted(targets.items()))
