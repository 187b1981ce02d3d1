"""Copies of a runtime against cp(1): hard-linked ones, and those of what was unpacked before."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.pairs import Report, Row, at_most, measure
from pytest_vessel import sources
from pytest_vessel.system.sysroot import Builder, Layout, copy_hard_linked

FOLDERS = 20
LINKED, COPIED = 15_000, 2_000
"""Files: as many as the root of a small distribution has; fewer where their content is copied, too."""
CP_LINKS, CP = "cp -al", "cp -a"


def report() -> Report:
    with tempfile.TemporaryDirectory() as name:
        rows = [hard_linked(Path(name, "linked")), handed_out(Path(name, "copied"))]
    goals = [at_most(f"x {CP_LINKS}", 1.1, rows[0].ratio[CP_LINKS]), at_most(f"x {CP}", 1.3, rows[1].ratio[CP])]
    return Report(machine.describe(), rows, goals)


def hard_linked(top: Path) -> Row:
    runtime, target = made(top / "runtime", LINKED), top / "target"
    return measure(
        f"hard-linked copy of {LINKED} files",
        lambda: copy_hard_linked(runtime, target),
        {CP_LINKS: lambda: cp("-al", runtime, target)},
        between=lambda: shutil.rmtree(target),
    )


def handed_out(top: Path) -> Row:
    """The first runtime of an archive is unpacked and kept; each further one is a copy, its archive looked at again."""
    runtime, target = made(top / "runtime", COPIED), top / "target"
    with tarfile.open(top / "runtime.tar", "w") as tar:
        tar.add(runtime, ".")
    os.environ["XDG_CACHE_HOME"] = str(top)
    builder, source = Builder(top), sources.archive(top / "runtime.tar")
    return measure(
        f"runtime of {COPIED} files that was unpacked before",
        lambda: builder.build(target, Layout.MERGED_USR, source),
        {CP: lambda: cp("-a", runtime, target)},
        between=lambda: shutil.rmtree(target),
    )


def made(top: Path, count: int) -> Path:
    for folder in range(FOLDERS):
        (top / f"share/{folder}").mkdir(parents=True)
    for number in range(count):
        (top / f"share/{number % FOLDERS}/{number}.txt").write_text(f"file {number}\n" * 200)
    return top


def cp(how: str, source: Path, target: Path) -> None:
    subprocess.run(["cp", how, source, target], check=True)
