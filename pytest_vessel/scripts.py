"""Writes the by-hand scripts of a run into its report folder, with the probe that they need."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from pytest_vessel.errors import Inconclusive
from pytest_vessel.record.line import Record
from pytest_vessel.record.write import write_aside
from pytest_vessel.report.by_hand.script import FOLDER, PROBE, SOURCE, scripts_of

_MODE = 0o755


def write_scripts(folder: Path, record: Record) -> list[Path]:
    """Write the script of each failing case that can be shown by hand; those of an earlier run are removed.

    Returns:
        The scripts. The probe and its source lie in the same folder; without a probe for this machine the source alone.
    """
    _forget(folder / FOLDER)
    written = []
    for _case, script in scripts_of(record):
        if script.text:
            path = folder / script.path
            path.parent.mkdir(parents=True, exist_ok=True)
            write_aside(path, script.text)
            path.chmod(_MODE)
            written.append(path)
    for beside in {path.parent for path in written}:
        _put_probe(beside)
    return written


def _put_probe(folder: Path) -> None:
    from pytest_vessel.system.compile import probe

    source = Path(str(resources.files("pytest_vessel.fixtures"))) / "sources" / SOURCE
    shutil.copyfile(source, folder / SOURCE)
    try:
        shutil.copy(probe(), folder / PROBE)
    except Inconclusive:
        return


def _forget(folder: Path) -> None:
    """Remove what an earlier run has put there, and nothing else."""
    for path in [*folder.glob("*.sh"), *folder.glob("*/*.sh")]:
        path.unlink()
