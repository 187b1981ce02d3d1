"""Other programs that say which libraries a file loads, as far as they are here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.pairs import Way
from benchmarks.subjects import Work

LIBTREE, CAPSULE, LDD, LDDTREE = "libtree", "capsule-capture-libs", "ldd", "lddtree"
EACH = "libtree, once a file"
"""Asked about several files at once, libtree tells of each library once, and not what each file loads."""
CAPSULE_VARIABLE = "VESSEL_CAPSULE_CAPTURE_LIBS"
COMMANDS = {
    LIBTREE: ("libtree", "-vv", "--path"),
    CAPSULE: (os.environ.get(CAPSULE_VARIABLE, "x86_64-linux-gnu-capsule-capture-libs"),),
    LDD: ("ldd",),
    LDDTREE: ("lddtree",),
}
"""libtree leaves out libc and some more, unless it is told not to (-vv)."""
MOST_FILES = {CAPSULE: 1000, LDD: 1000, LDDTREE: 1, EACH: 1000}
"""Those that would take minutes are not asked about more."""

Peers = Mapping[str, Sequence[str]]


def installed() -> Peers:
    """The commands of those that are here; the others are named on stderr."""
    found = {name: command for name, command in COMMANDS.items() if shutil.which(command[0])}
    for name in COMMANDS.keys() - found:
        print(f"left out: {name} is not here (tools/bootstrap --bench; {CAPSULE_VARIABLE}=FILE)", file=sys.stderr)
    return found


def ways(peers: Peers, work: Work, scratch: Path) -> dict[str, Way]:
    """How each of those that can do it does the work; links are made below `scratch`."""
    chosen = {name: argv for name, argv in peers.items() if len(work.paths) <= MOST_FILES.get(name, len(work.paths))}
    found: dict[str, Way] = {
        name: partial(capture, argv, work, scratch) if name == CAPSULE else partial(run, [*argv, *work.paths])
        for name, argv in chosen.items()
    }
    if LIBTREE in found and 1 < len(work.paths) <= MOST_FILES[EACH]:
        found[EACH] = lambda: [run([*peers[LIBTREE], path]) for path in work.paths]
    return found


def capture(argv: Sequence[str], work: Work, scratch: Path) -> None:
    """All links that a container without libraries would get."""
    container, links = tempfile.mkdtemp(dir=scratch), tempfile.mkdtemp(dir=scratch)
    patterns = [f"only-dependencies:path:{path}" for path in work.paths]
    status = run([*argv, f"--container={container}", f"--dest={links}", *patterns])
    assert status == 0, "a capture that fails makes no link"


def run(argv: Sequence[str]) -> int:
    """The status: most tell in it that something is missing, which is no matter here."""
    nothing = subprocess.DEVNULL
    return subprocess.run(argv, stdin=nothing, stdout=nothing, stderr=nothing).returncode
