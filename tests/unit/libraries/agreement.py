"""Whether we say of files what their own loader says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from both_ways import BothWays
from random_roots import Platform, RandomRoot, Sort
from tracing import Answer, Request, ask, glibc, shown

from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.closure import Libraries


@dataclass(frozen=True)
class Case:
    """A file, our answer (None: the loader refuses something), and how to ask for the other."""

    ours: list[str] | None
    request: Request


@dataclass(frozen=True)
class Compared:
    """A case, and what the loader said."""

    case: Case
    said: Answer

    @property
    def agrees(self) -> bool:
        return self.said.lines == self.case.ours

    def __str__(self) -> str:
        return f"{self.case.request}\n  loader: {self.said.lines} {self.said.err}\n  ours:   {self.case.ours}"


def answer(libraries: Libraries, path: str) -> list[str] | None:
    try:
        return shown(libraries.closure(path))
    except LibraryError:
        return None


def compared(folder: Path, cases: Sequence[Case]) -> list[Compared]:
    answers = ask(folder, [case.request for case in cases])
    return [Compared(*pair) for pair in zip(cases, answers, strict=True)]


def disagreements(folder: Path, cases: Sequence[Case]) -> list[str]:
    """One text for each case where the loader says something else."""
    return [str(one) for one in compared(folder, cases) if not one.agrees]


def cases_of_random_root(folder: Path, seed: str, *, sort: Sort, platform: Platform, system: Path) -> list[Case]:
    made = RandomRoot(folder / seed, seed, sort=sort, platform=platform, system=system)
    libraries = BothWays(folder / seed, cwd=made.cwd, library_path=made.library_path, chosen=platform.processor)
    return [
        Case(
            answer(libraries, path),
            glibc(
                f"/{seed}",
                platform.interpreter,
                path,
                cwd=made.cwd,
                library_path=made.library_path,
                emulator=platform.emulator,
            ),
        )
        for path in made.mains
    ]
