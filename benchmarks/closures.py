"""Libraries of programs: our resolver, which knows nothing at first, against other programs, and its rules in Python
alone, with our ELF reader and with another one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import machine, peers, subjects
from benchmarks.by_pyelftools import LibrariesByPyelftools
from benchmarks.pairs import Goal, Report, Row, at_most, measure
from benchmarks.subjects import LARGE, Work, resolved
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.ordinary import IS_BUILT

IN_PYTHON, PYELFTOOLS, FLOOR, START = "in Python", "on pyelftools", "floor: open, 3 pread", "python -I -c pass"
MOST_MEMORY_MIB, MOST_START_MS = 64, 60
COMMAND = "import sys; from pytest_vessel.cli import main; sys.exit(main())"
MEMORY = """
import re, sys
from benchmarks.subjects import resolved
from pytest_vessel.libraries.closure import Libraries
def peak_kib():
    with open("/proc/self/status") as file:  # ru_maxrss counts what was there before exec, too
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", file.read())[1])
paths, libraries = sys.stdin.read().splitlines(), Libraries()
before_kib = peak_kib()
for path in paths:
    resolved(libraries, path)
print(peak_kib() - before_kib)
"""


class LibrariesInPython(Libraries):
    ordinary = None


def report() -> Report:
    if not IS_BUILT:
        print("the compiled module was not built: ours is done in Python", file=sys.stderr)
    works = list(subjects.works())
    with tempfile.TemporaryDirectory() as scratch:
        found = peers.installed()
        rows = [of_work(work, found, Path(scratch)) for work in works]
    goals = [goal for work, row in zip(works, rows, strict=True) for goal in goals_of(work, row)]
    command = of_command(works[0].paths[0])
    goals += [
        at_most(f"MiB above base, {works[-1].label}", MOST_MEMORY_MIB, memory_mib(works[-1])),
        at_most("ms of the command above Python's start", MOST_START_MS, command.more_ms[START]),
    ]
    return Report(machine.describe(), [*rows, command], goals)


def of_work(work: Work, found: peers.Peers, scratch: Path) -> Row:
    """All three must say the same."""
    assert answers(Libraries, work) == answers(LibrariesInPython, work) == answers(LibrariesByPyelftools, work)
    ways = peers.ways(found, work, scratch) | {
        IN_PYTHON: partial(answers, LibrariesInPython, work),
        PYELFTOOLS: partial(answers, LibrariesByPyelftools, work),
        FLOOR: partial(touch, work),
    }
    return measure(work.label, partial(answers, Libraries, work), ways)


def answers(kind: Callable[[], Libraries], work: Work) -> list[tuple[str, ...]]:
    libraries = kind()
    return [resolved(libraries, path) for path in work.paths]


def touch(work: Work) -> None:
    """What no reader can do without: each file is opened, and its header, dynamic section and names are read."""
    for path in work.files:
        fd = os.open(path, os.O_RDONLY)
        for offset in (0, 4096, 8192):
            os.pread(fd, 4096, offset)
        os.close(fd)


def goals_of(work: Work, row: Row) -> Iterator[Goal]:
    if work.objects < LARGE[0]:
        return
    bounds = {peers.LIBTREE: 0.6 if work.is_whole else 1.0, peers.CAPSULE: 1 / 8, PYELFTOOLS: 1 / 25}
    for name, bound in bounds.items():
        if name in row.ratio:
            yield at_most(f"x {name}, {work.label}", bound, row.ratio[name])


def memory_mib(work: Work) -> float:
    """What resolving all of it takes at its peak, beyond what an interpreter with our modules takes."""
    argv = [sys.executable, "-c", MEMORY]
    done = subprocess.run(argv, input="\n".join(work.paths), stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout) / 1024


def of_command(program: str) -> Row:
    ours, start = [sys.executable, "-I", "-c", COMMAND, "closure", program], [sys.executable, "-I", "-c", "pass"]
    return measure(f"pytest-vessel closure {program}", partial(peers.run, ours), {START: partial(peers.run, start)})
