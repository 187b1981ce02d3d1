"""What a loader itself says: its trace, run in a sandbox without network where nothing can be written.

A root may hold code that a trace runs (DT_AUDIT), so it is never traced outside.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pytest_vessel.libraries.found import Closure, Loaded

TIMEOUT_S = 500.0
_VDSO = re.compile(r"linux-(vdso|gate)\.so\.1 ")
_ADDRESS = re.compile(r" \(0x[0-9a-f]+\)$")

_DRIVER = """
import json, os, resource, subprocess, sys
outside = os.open("/", os.O_RDONLY)
nothing = open("/dev/null")
resource.setrlimit(resource.RLIMIT_STACK, (1 << 18, 1 << 20))  # filters in a circle are followed until it is full
def enter(root, cwd):
    os.fchdir(outside)
    os.chroot(".")
    os.chroot("/mnt/root" + root)
    os.chdir(cwd)
def run(argv, environ):
    with subprocess.Popen(argv, env=environ, stdin=nothing, stdout=-1, stderr=-1) as process:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (1, 1))
        out, err = process.communicate()
    return process.returncode, os.fsdecode(out), os.fsdecode(err)
for line in sys.stdin:
    one = json.loads(line)
    enter(one["root"], one["cwd"])
    try:
        answer = run(one["argv"], one["environ"])
    except OSError as problem:
        answer = 127, "", str(problem)
    print(json.dumps(answer), flush=True)
"""


@dataclass(frozen=True)
class Request:
    """A file of a root, and the loader to ask; `root` is below the folder that is shown to the sandbox."""

    root: str
    argv: tuple[str, ...]
    cwd: str = "/"
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str] | None:
        """As `shown` gives them; None where the loader gave up."""
        if self.status:
            return None
        found = [line[1:] for line in self.out.splitlines() if line.startswith("\t") and not _VDSO.match(line[1:])]
        return [] if found == ["statically linked"] else [_ADDRESS.sub("", line) for line in found]


def glibc(root: str, loader: str, path: str, *, cwd: str = "/", library_path: str = "", emulator: str = "") -> Request:
    environ = {"LD_TRACE_LOADED_OBJECTS": "1"} | ({"LD_LIBRARY_PATH": library_path} if library_path else {})
    argv = (f"/{emulator}", loader, path) if emulator else (loader, path)
    return Request(root, argv, cwd, environ)


def ask(folder: Path, requests: Sequence[Request]) -> list[Answer]:
    """The answers to all, from one sandbox."""
    shown = ["--ro-bind", "/", "/", "--tmpfs", "/mnt", "--ro-bind", str(folder), "/mnt/root", "--dev", "/dev"]
    rights = ["--unshare-all", "--uid", "0", "--gid", "0", "--cap-add", "CAP_SYS_CHROOT", "--die-with-parent"]
    done = subprocess.run(
        ["bwrap", *shown, *rights, sys.executable, "-S", "-I", "-c", _DRIVER],
        input="".join(f"{json.dumps(asdict(one))}\n" for one in requests),
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return [Answer(*json.loads(line)) for line in done.stdout.splitlines()]


def shown(closure: Closure) -> list[str]:
    """Our answer, in the words of the trace."""
    return [
        f"{entry.name} => not found"
        if not isinstance(entry, Loaded)
        else entry.path
        if entry.path == entry.name
        else f"{entry.name} => {entry.path}"
        for entry in closure.entries
    ]
