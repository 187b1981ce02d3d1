"""What the tests of the reference and its mutants share: runtimes, conversations with the probe, locks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from polling import wait_until

from pytest_vessel.system import compile as probes

LIMIT_S = 20
NOBODY = 65534
LAYOUTS = ("merged-usr", "complete-root")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def command(*words: str, program: tuple[str, ...] = ("pytest_vessel.reference",)) -> list[str]:
    return [sys.executable, "-P", "-m", *program, *words]


def make_runtime(path: Path, layout: str = "merged-usr") -> str:
    """A runtime with the probe in it; returns the path of the probe inside."""
    top = path if layout == "merged-usr" else path / "usr"
    place = top / "libexec/vessel"
    place.mkdir(parents=True)
    (place / "probe").write_bytes(probes.probe().read_bytes())
    (place / "probe").chmod(0o755)
    (top / "data").write_text("content")
    (path / ".ref").touch()
    if layout == "complete-root":
        (path / "bin").symlink_to("usr/libexec")
        (path / "top.txt").write_text("top")
    return PROBE


PROBE = "/usr/libexec/vessel/probe"


class Talk:
    """A started program, and the conversation with the probe under it."""

    def __init__(self, argv: list[str], *, user: int | None = None, nonce: str = "n") -> None:
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
        )
        self.nonce = nonce

    def begin(self) -> Talk:
        """Wait until the probe has begun."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line.startswith(f"vessel-ready {self.nonce} "), line + self.errors()
        return self

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().removeprefix("= ").strip()

    def end(self) -> int:
        """End of file on stdin; returns the launcher's status."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        return self.process.wait(LIMIT_S)

    def message(self) -> str:
        """The next line of stderr."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().decode()

    def errors(self) -> str:
        assert self.process.stderr is not None
        self.process.wait(LIMIT_S)
        return self.process.stderr.read().decode()

    def close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LIMIT_S)


@contextlib.contextmanager
def talking(*words: str, user: int | None = None, wait: bool = True, program: tuple[str, ...] = ()) -> Iterator[Talk]:
    """Start a verb of the reference whose command is the probe, and talk with it."""
    talk = Talk(command(*words, program=program or ("pytest_vessel.reference",)), user=user)
    try:
        yield talk.begin() if wait else talk
    finally:
        talk.close()


def done(
    *words: str, user: int | None = None, program: tuple[str, ...] = (), argv: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a verb of the reference to its end, with nothing on stdin."""
    return subprocess.run(
        argv or command(*words, program=program or ("pytest_vessel.reference",)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
    )


def conflict(path: Path | str) -> tuple[str, int, int] | None:
    """What would refuse an exclusive lock on a file: (kind, start, length), or None where it is free."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        asked = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, start, length, pid = struct.unpack("hhqqi0q", fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return None
    family = "ofd" if pid == -1 else "posix"
    return f"{family} {'shared' if kind == fcntl.F_RDLCK else 'exclusive'}", start, length


OFD_SHARED, OFD_EXCLUSIVE = ("ofd shared", 0, 0), ("ofd exclusive", 0, 0)


def waiters(path: Path | str) -> int:
    """How many lock requests on a file are blocked now. Only for file systems whose st_dev is the kernel's own."""
    found = Path(path).stat()
    name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    return sum(" -> " in line and name in line for line in Path("/proc/locks").read_text().splitlines())


def until(condition: Callable[[], object], what: str) -> None:
    """Poll until a condition holds."""
    assert wait_until(condition, LIMIT_S), f"never: {what}"


@contextlib.contextmanager
def held(
    path: Path | str, family: str = "ofd", mode: str = "exclusive", start: int = 0, length: int = 0
) -> Iterator[None]:
    """Somebody else, a process of its own, holds a lock."""
    talk = Talk([str(probes.probe()), "talk", "n"]).begin()
    try:
        access = "r" if mode == "shared" else "rw"
        assert talk.ask(f"lock 0 {path} {access} {family} {mode} nowait {start} {length}") == "locked"
        yield
    finally:
        talk.close()


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Mode, size, time and content of all below a folder but the lock file."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        if path.name != ".ref":
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(folder))] = (status.st_mode, status.st_size, status.st_mtime_ns, content)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # the latter where it goes between open and read
        return True


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def stop_by_force(talk: Talk) -> None:
    os.kill(talk.process.pid, signal.SIGKILL)
    talk.process.wait(LIMIT_S)


def in_mounts(script: str, *words: str) -> list[str]:
    """A command line that runs the rest after `script`, in a mount namespace of its own; needs root."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script + '\nexec "$@"', "sh", *words]
