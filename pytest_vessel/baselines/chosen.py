"""The known failures of a run: which files, and which of their lines apply here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from pytest_vessel.baselines.file import Listed, read, text_of
from pytest_vessel.clause import Catalogue
from pytest_vessel.errors import BaselineError, UsageProblem
from pytest_vessel.judge.baseline import Baseline
from pytest_vessel.judge.offer import Offer
from pytest_vessel.settings import Settings

BUILT_IN = "builtin"
"""What `--vessel-baseline` takes for the files that are part of the package."""

_OPTION = "--vessel-baseline"


def built_in() -> tuple[str, ...]:
    """Names of the implementations whose known failures are part of the package."""
    found = files("pytest_vessel.baselines").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


def built_in_lines(name: str, catalogue: Catalogue) -> tuple[Listed, ...]:
    """Those of one implementation.

    Raises:
        BaselineError: they do not fit the catalogue.
    """
    with as_file(files("pytest_vessel.baselines") / f"{name}.toml") as path:
        return read(text_of(path), path, catalogue)


def baseline_of(settings: Settings, catalogue: Catalogue, offers: Sequence[Offer], *, kernel: str) -> Baseline:
    """The known failures that the settings ask for; none where they ask for none.

    Raises:
        UsageProblem: there is no built-in file for any of these implementations.
        BaselineError: a file cannot be read or does not fit, or could not be updated.
    """
    if settings.baseline is None:
        return Baseline()
    if settings.baseline == BUILT_IN:
        names = _known_here([offer.name for offer in offers])
        listed = [line for name in names for line in built_in_lines(name, catalogue)]
        return _applying(listed, tuple(f"built-in {name}.toml" for name in names), catalogue, offers, kernel)
    path = Path(settings.baseline)
    lines = updatable(path, catalogue) if settings.baseline_update else read(text_of(path), path, catalogue)
    return _applying(lines, (str(path),), catalogue, offers, kernel, updates=settings.baseline_update)


def _known_here(names: Sequence[str]) -> list[str]:
    found = [name for name in names if name in built_in()]
    if not found:
        raise UsageProblem(
            f"nothing is built in about {', '.join(names)}",
            where=f"{_OPTION} {BUILT_IN}",
            mend=f"Known: {', '.join(built_in())}. Or name a file.",
        )
    return found


def updatable(path: Path, catalogue: Catalogue) -> tuple[Listed, ...]:
    """The lines of a file that is to be written anew; none where there is no such file yet.

    Raises:
        BaselineError: it cannot be read or written, or has lines that cannot be changed in place.
    """
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise BaselineError("its folder cannot be written", where=str(path), mend="Name a file that you may write.")
    if not path.exists():
        return ()
    lines = read(text_of(path), path, catalogue)
    for line in lines:
        if not line.own_table:
            name, label = line.known.implementation, line.known.label
            mend = f'Write it as a table of its own: [{name}."{label}"].'
            raise BaselineError(f"{label} cannot be updated in place", where=str(path), mend=mend)
    return lines


def _applying(
    listed: Sequence[Listed],
    names: tuple[str, ...],
    catalogue: Catalogue,
    offers: Sequence[Offer],
    kernel: str,
    *,
    updates: bool = False,
) -> Baseline:
    versions = {offer.name: offer.version for offer in offers}
    ours = [line for line in listed if line.known.implementation in versions]
    met = [line.known for line in ours if applies(line, catalogue, versions, kernel)]
    return Baseline(tuple(met), names, len(ours) - len(met), updates)


def applies(line: Listed, catalogue: Catalogue, versions: dict[str, str], kernel: str) -> bool:
    """Whether the condition of a line holds for this kernel and this version of its implementation."""
    known = line.known
    profile = catalogue[known.clause].profile_of(known.case)
    return line.when.met(kernel=kernel, version=versions[known.implementation], profile=profile)
