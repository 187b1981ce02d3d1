"""Captures of libraries: the roots that they are tried with, and what is seen of the links."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_vessel.check.attempts import FIRST, SECOND, Attempt, libraries, listed, over, soname
from pytest_vessel.check.bench import Bench
from pytest_vessel.conformance.overrides import roots
from pytest_vessel.fixtures.running import Running
from pytest_vessel.system.made_elf import Made

A_LINK, NO_LINK = "a link to the library", "no link to the library"
_OLD, _NEW = "1.2.0", "1.9.0"


def _root(bench: Bench, name: str, versions: dict[str, str]) -> Path:
    """A root with a library for each of these names, of that version."""
    files: dict[str, Made | bytes | str] = {}
    for word, version in versions.items():
        files |= roots.versioned(soname(word), version)
    return roots.write(bench.implementation.work / "trees" / name, files)


def begun(bench: Bench, provider: Path, container: Path, dest: Path, names: Iterable[str]) -> Running:
    """Start a capture of the libraries of these names, as far as the provider has them."""
    patterns = [f"if-exists:soname:{soname(name)}" for name in names]
    return bench.implementation.capture(provider, container, dest, patterns, "")


def usual(bench: Bench) -> Running:
    """Start a capture of one library, for a container that has another."""
    provider, container = _root(bench, "provider", {FIRST: _NEW}), _root(bench, "container", {SECOND: _OLD})
    return begun(bench, provider, container, bench.implementation.work / "work" / "links", [FIRST])


def _captured(attempt: Attempt, provider: Path, container: Path, names: Iterable[str], dest: str) -> set[str]:
    """The names of the links that one capture has made."""
    folder = attempt.implementation.work / "work" / f"{attempt.value}-{dest}"
    over(begun(attempt.bench, provider, container, folder, names))
    return set(os.listdir(folder)) if folder.is_dir() else set()


def _roots(attempt: Attempt, tried: str) -> tuple[Path, Path]:
    """A provider with two libraries and a container with none of them, for one attempt."""
    word = f"{tried}-{attempt.value}"
    provider = _root(attempt.bench, f"provider-{word}", {FIRST: _NEW, SECOND: _NEW})
    return provider, _root(attempt.bench, f"container-{word}", {"other": _OLD})


def provider_seen(attempt: Attempt) -> str:
    """The provider, by which library there is."""
    provider = _root(attempt.bench, f"only-{attempt.value}", {attempt.value: _NEW})
    names = _captured(attempt, provider, _roots(attempt, "provider")[1], (FIRST, SECOND), "provider")
    return f"a link to {libraries(names)}"


def patterns_seen(attempt: Attempt) -> str:
    """The patterns, by which library is linked."""
    names = _captured(attempt, *_roots(attempt, "patterns"), (attempt.value,), "patterns")
    return f"a link to {libraries(names)}"


def container_seen(attempt: Attempt) -> str:
    """The container, by what its own copy does: that of the second is newer."""
    provider = _root(attempt.bench, f"older-{attempt.value}", {FIRST: _OLD})
    own = {FIRST: _NEW} if attempt.value == SECOND else {"other": _OLD}
    container = _root(attempt.bench, f"own-{attempt.value}", own)
    return A_LINK if soname(FIRST) in _captured(attempt, provider, container, (FIRST,), "container") else NO_LINK


def dest_seen(attempt: Attempt) -> str:
    """The folder of links, by where it appears."""
    folders = {name: attempt.implementation.work / "work" / f"dest-{name}" for name in (FIRST, SECOND)}
    before = {name for name, folder in folders.items() if folder.exists()}
    over(begun(attempt.bench, *_roots(attempt, "dest"), folders[attempt.value], (FIRST,)))
    return f"links in {listed(name for name, folder in folders.items() if folder.exists() and name not in before)}"
