"""What the tests of mutable copies share: programs that pause at a step, and what is found in PARENT."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from reference_world import PROBE, Talk, conflict, done, make_runtime, snapshot

NAME = re.compile(r"tmp-[0-9a-f]{12}")
ABOVE_OVERRIDES = re.compile("overrides|usr|(usr/)?lib(/vessel(/overrides)?)?")

PROGRAM = """
import errno, fcntl, os, sys
from pytest_vessel.reference import collect, container, kernel, lock, mutable, remove, run, tree
from pytest_vessel.mutant import MUTANTS, candidates, cleaner, handover
from pytest_vessel.reference.program import Program, end_with

def pause(owner, step, after=False):
    sound = getattr(owner, step)
    def paused(*given, **named):
        result = sound(*given, **named) if after else None
        os.write(1, b"paused\\n")
        os.read(0, 1)
        return result if after else sound(*given, **named)
    setattr(owner, step, paused)

{change}
end_with({program}.main(sys.argv[1:]))
"""
"""The reference, or a mutant, in which something was changed: `pause(owner, step)` waits there for a byte on stdin."""

NO_LOCKS_FOR_DELETION = """
def failing(self, descriptor, kind, *, wait):
    raise OSError(errno.ENOLCK, "no locks available")
remove.RemovalLocking.set_lock = failing
"""

SETTING_UP = "pause(mutable.MutableCopy, 'fill')"

POSIX_ONLY = """
def posix(self, descriptor, kind, *, wait):
    fcntl.fcntl(descriptor, fcntl.F_SETLKW if wait else fcntl.F_SETLK, self.range(kind))
lock.Locking.set_lock = posix
"""


def altered(change: str, *words: str, mutant: str = "") -> list[str]:
    program = f"MUTANTS[{mutant!r}].program()" if mutant else "Program()"
    return [sys.executable, "-P", "-c", PROGRAM.replace("{change}", change).replace("{program}", program), *words]


class Paused(Talk):
    """A program that has arrived at its pause."""

    def arrive(self) -> Paused:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        while line.startswith(b"vessel-ready "):  # a payload that runs already
            line = self.process.stdout.readline()
        assert line == b"paused\n", self.errors()
        return self

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def paused(change: str, *words: str, user: int | None = None, mutant: str = "") -> Iterator[Paused]:
    talk = Paused(altered(change, *words, mutant=mutant), user=user)
    try:
        yield talk.arrive()
    finally:
        talk.close()


def copies(parent: Path) -> list[Path]:
    """All of PARENT but its lock file; each must be a copy by its name."""
    found = sorted(path for path in parent.iterdir() if path.name != ".ref")
    assert all(NAME.fullmatch(path.name) for path in found), found
    return found


def tree(copy: Path) -> Path:
    """Where the content of SRC lies."""
    return copy / "usr" if (copy / ".ref").is_symlink() else copy


def content(folder: Path) -> dict[str, tuple[object, ...]]:
    """What SRC and a copy of it have in common: all but the overrides, and the folders that lead to them."""
    return {name: facts for name, facts in snapshot(folder).items() if not ABOVE_OVERRIDES.fullmatch(name)}


def lock_file(path: Path) -> tuple[object, ...] | None:
    """What holds a lock, or that there is no such file."""
    return conflict(path) if os.path.exists(path) else ("missing",)


def prepared(parent: Path, layout: str = "merged-usr") -> Path:
    """A copy that nobody uses."""
    source = parent.parent / f"source-{layout}"
    if not source.exists():
        make_runtime(source, layout)
    result = done("prepare", "--no-collect", str(source), str(parent))
    assert result.returncode == 0, result.stderr
    return parent / result.stdout.removeprefix("copy: ").rstrip("\n")


def copying(runtime, parent, *options):
    return ("copy", *options, str(runtime), str(parent), "--", PROBE, "talk", "n")
