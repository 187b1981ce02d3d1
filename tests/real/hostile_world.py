"""True conformance runs against programs that misbehave, and everything that they must not have done."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from polling import wait_until

from pytest_vessel.system.work import remove

TIMEOUT_S = 20.0
SHORT_TIMEOUT_S = 6.0
"""Where something hangs beside a payload that must have the time to start on a busy machine."""
HANGING_TIMEOUT_S = 1.5
"""Where nothing is expected to start."""
GONE_TIMEOUT_S = 5.0
A_MOMENT_S = 20.0
STARTUP_S = 60.0
"""Far more than a run of no cases takes on a busy machine; what is left is counted in time-outs of a call."""

PEAK_BOUND_KIB = 300 << 10

Programs = Mapping[str, str | Path]
"""By name: the text of a script, or a program."""

_ADAPTER = """
[implementation]
name = "{name}"
version = ["./{name}", "version"]
[verbs]
lock = ["./{name}", "lock", "{{file}}", "{{argv}}"]
run = ["./{name}", "run", "{{runtime}}", "{{argv}}"]
remove = ["./{name}", "remove", "{{runtime}}"]
copy = ["./{name}", "copy", "{{runtime}}", "{{parent}}", "{{argv}}"]
{verbs}
[choices]
mode = {{ shared = [], exclusive = [] }}
wait = {{ no = [], yes = [] }}
create = {{ no = [], yes = [] }}
[environment]
VESSEL_MARK = "{mark}"
VESSEL_WORK = "{{work}}"
PYTHON = "{{python}}"
CANARY = "{canary}"
[layout]
src = "{src}"
ref = "{{src}}/.ref"
parent_ref = "{{parent}}/.ref"
copies = "{{parent}}/tmp-*"
copy_ref = "{{copy}}/.ref"
copy_tree = {{ merged-usr = "{{copy}}/usr", complete-root = "{{copy}}" }}
ref_inside = {{ merged-usr = ["/.ref", "/usr/.ref"], complete-root = ["/.ref"] }}
"""

_MEASURE = """
import os, re
from pathlib import Path

def pytest_unconfigure():
    Path(f"peak-{os.getpid()}").write_text(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@dataclass(frozen=True)
class Run:
    """One run that is over.

    `verdicts`: by implementation and label (`LOCK-090[shared]`); `lines`: of the record; `shown`: on the terminal;
    `peak_kib`: the most memory that pytest or one of its workers had.
    """

    status: int
    shown: str
    lines: tuple[dict[str, Any], ...]
    wall_s: float
    peak_kib: int

    @property
    def cases(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["line"] == "case" and line["reason"] != "deselected"]

    @property
    def verdicts(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for line in self.cases:
            found.setdefault(line["row"]["implementation"], {})[label(line)] = line["verdict"]
        return found

    def case(self, implementation: str, wanted: str) -> dict[str, Any]:
        (found,) = (
            line for line in self.cases if (line["row"]["implementation"], label(line)) == (implementation, wanted)
        )
        return found

    def said(self, implementation: str, wanted: str) -> str:
        """What the verdict of a case rests on, in one text."""
        line = self.case(implementation, wanted)
        findings = [f"{one['expected']}: {one['observed']}" for one in line["findings"]]
        return "; ".join([line["evidence"], line["why"], *findings])


def label(line: dict[str, Any]) -> str:
    row = line["row"]
    return f"{row['clause']}[{row['case']}]" if row["case"] else str(row["clause"])


class World:
    """A folder with hostile programs, their adapters, and a canary tree that nobody may touch."""

    def __init__(self, folder: Path, programs: Programs, *, verbs: str = "", src: str = "{runtime}") -> None:
        self.folder, self.names = folder, tuple(programs)
        self.mark = f"{folder.name}-{os.getpid()}"
        self.canary = folder / "canary"
        (self.canary / "below").mkdir(parents=True)
        for name in (".ref", "precious", "below/precious"):
            (self.canary / name).write_text("must survive")
            (self.canary / name).chmod(0o600)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        for name, program in programs.items():
            self._write(name, program, verbs.replace("NAME", name), src)
        (folder / "measure.py").write_text(_MEASURE)

    def _write(self, name: str, program: str | Path, verbs: str, src: str) -> None:
        target = self.folder / name
        if isinstance(program, Path):
            shutil.copy(program, target)
        else:
            target.write_text(program)
        target.chmod(0o755)
        text = _ADAPTER.format(name=name, verbs=verbs, mark=self.mark, canary=self.canary, src=src)
        (self.folder / f"{name}.toml").write_text(text)

    def run(self, clauses: str, *options: str, user: int | None = None, timeout_s: float = TIMEOUT_S) -> Run:
        """Run these clauses, and hold all that must hold of every run."""
        before, mounts = snapshot(self.folder), mounted(self.folder)
        run = self._run(clauses, options, user, timeout_s)
        changed = {path for path, _seen in before.items() ^ snapshot(self.folder).items()}
        assert not changed, "outside of the work folder"
        assert mounted(self.folder) == mounts
        assert self.nothing_runs(), self.running()
        assert self.left() == [], "work folders that stay"
        assert_sane_terminal(run.shown)
        assert run.peak_kib < PEAK_BOUND_KIB
        assert run.wall_s < STARTUP_S + len(run.cases) * 8 * timeout_s
        for line in run.cases:
            assert line["duration_s"] < 4 * timeout_s + A_MOMENT_S, label(line)
        return run

    def _run(self, clauses: str, options: Sequence[str], user: int | None, timeout_s: float) -> Run:
        home = self.folder / "home"
        home.mkdir()
        if user is not None:
            os.chown(home, user, user)
        argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-p", "measure"]
        argv += [word for name in self.names for word in ("--vessel-impl", str(self.folder / f"{name}.toml"))]
        argv += ["--vessel-clause", clauses, "--color=yes", "-rA", "-n", str(min(2, len(self.names)))]
        argv += ["--vessel-timeout", str(timeout_s), "--vessel-report", "report", *options]
        began = time.monotonic()
        done = subprocess.run(
            argv,
            cwd=home,
            env=self._environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            **({} if user is None else {"user": user, "group": user, "extra_groups": []}),
        )
        wall_s = time.monotonic() - began
        shown = done.stdout.decode("utf-8")  # strictly: nothing else may come out
        record = home / "report" / "run.jsonl"
        assert record.exists(), shown
        peak_kib = max(int(path.read_text()) for path in home.glob("peak-*"))
        run = Run(done.returncode, shown, read_record(record), wall_s, peak_kib)
        assert remove(str(home)) == []
        return run

    def _environment(self, home: Path) -> dict[str, str]:
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return {
            "PATH": os.environ["PATH"],
            "PYTEST_ADDOPTS": os.environ["PYTEST_ADDOPTS"],
            "HOME": str(home),
            "XDG_CACHE_HOME": cache if os.geteuid() == 0 else str(home),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
        }

    def running(self) -> list[int]:
        """Pids of processes that the hostile program has started, or that use this folder."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and entry.name != str(os.getpid()):
                    words = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                    if self.mark.encode() in words or os.fsencode(self.folder) in words:
                        found.append(int(entry.name))
        return found

    def nothing_runs(self) -> bool:
        return wait_until(lambda: not self.running(), GONE_TIMEOUT_S)

    def left(self) -> list[Path]:
        return list((self.folder / "tmp").glob("pytest-vessel-[0-9]*/*"))

    def close(self) -> None:
        for pid in self.running():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.nothing_runs()
        assert remove(str(self.folder)) == []


@contextmanager
def opened(programs: Programs, **words: str) -> Iterator[World]:
    """A world in a folder that every user may enter; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="vessel-hostile-"))
    folder.chmod(0o755)
    world = World(folder, programs, **words)
    try:
        yield world
    finally:
        world.close()


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder but our temporary files, with all that stat(2) tells of it but the access times."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] != "tmp":
            seen = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(seen.st_mode) else b""
            found[str(path)] = (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_nlink, seen.st_mtime_ns, content)
    return found


def mounted(folder: Path) -> list[str]:
    """The mount table, as far as it is about this folder or the places that a hostile program mounts on."""
    watched = {"/", "/proc", "/mnt", "/tmp", "/usr", "/etc"}
    lines = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [" ".join(line) for line in lines if line[4] in watched or line[4].startswith(str(folder))]


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((files("pytest_vessel.fixtures") / "schemas" / "record.json").read_text()))


def read_record(path: Path) -> tuple[dict[str, Any], ...]:
    """The lines of a record, each of which fits the schema."""
    data = path.read_bytes()
    assert data.isascii()
    lines = tuple(json.loads(line) for line in data.splitlines())
    for line in lines:
        _schema().validate(line)
    assert lines[-1]["line"] == "finished"
    return lines


_OUR_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def assert_sane_terminal(shown: str) -> None:
    """No control but line ends and our own colours, no direction change, no line that a CI log obeys."""
    plain = _OUR_COLOURS.sub("", shown)
    for character in plain:
        if character != "\n":
            assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp"), repr(character)
            assert unicodedata.bidirectional(character) not in _BIDI, repr(character)
    for line in plain.split("\n"):
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line, line
        assert "##vso[" not in line, line
