"""Whether we say of files what their own loader says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from random_roots import WIDE, Platform, RandomRoot
from tracing import Request, ask, glibc, shown

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries


@dataclass(frozen=True)
class Case:
    """A file, our answer (None: the loader refuses something), and how to ask for the other."""

    ours: list[str] | None
    request: Request


def answer(libraries: Libraries, path: str) -> list[str] | None:
    try:
        return shown(libraries.closure(path))
    except LibraryError:
        return None


def disagreements(folder: Path, cases: Sequence[Case]) -> list[str]:
    """One text for each case where the loader says something else."""
    answers = ask(folder, [case.request for case in cases])
    assert len(answers) == len(cases)
    return [
        f"{case.request}\n  loader: {answer.lines} {answer.err}\n  ours:   {case.ours}"
        for case, answer in zip(cases, answers, strict=True)
        if answer.lines != case.ours
    ]


def cases_of_random_root(folder: Path, seed: str, *, filters: bool, platform: Platform = WIDE) -> list[Case]:
    made = RandomRoot(folder / seed, seed, filters=filters, platform=platform)
    libraries = Libraries(folder / seed, cwd=made.cwd, library_path=made.library_path)
    return [
        Case(
            answer(libraries, path),
            glibc(f"/{seed}", platform.interpreter, path, cwd=made.cwd, library_path=made.library_path),
        )
        for path in made.mains
    ]


def cases_of_files(
    root: str, libraries: Libraries, paths: Sequence[str], loader_of: Callable[[str], str]
) -> list[Case]:
    return [Case(answer(libraries, path), glibc(root, loader_of(path), path)) for path in paths]
