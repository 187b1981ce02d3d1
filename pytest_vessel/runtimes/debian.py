"""A Debian suite, made by mmdebstrap from the mirror that this machine's own apt uses."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.place import place_cached
from pytest_vessel.runtimes.stream import Stream
from pytest_vessel.runtimes.unpack import Layer, unpack
from pytest_vessel.system.sysroot import Layout

_WORD = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_TIMEOUT_S = 3600.0
_APT_TIMEOUT_S = _CLEANING_S = 20.0
_TARGETS = ("apt-get", "indextargets", "--format", "$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)")
_OPTIONS = ("apt-config", "dump", "--format", '%F "%v";%n', "Acquire")


@dataclass(frozen=True)
class Debian:
    """A Debian suite, as `pytest_vessel.sources.debian` describes it.

    Raises:
        SourceError: a name that no suite or package can have.
    """

    suite: str
    packages: tuple[str, ...]
    bounds: Bounds

    def __post_init__(self) -> None:
        for word in (self.suite, *self.packages):
            if not _WORD.fullmatch(word):
                raise SourceError(f"{word!r} is no name of a suite or package", mend="Name them as apt does.")

    @property
    def key(self) -> str:
        """Suite and packages."""
        return ":".join(("debian", self.suite, *sorted(self.packages)))

    def fill(self, src: Path, layout: Layout) -> None:
        """Have mmdebstrap make it, if that was not done before, and copy what the layout shows."""
        place_cached(self.key, self._make, src, layout)

    def _make(self, root: Path) -> None:
        layer = Layer(f"Debian {self.suite}", self._stream())
        unpack([layer], root, self.bounds)

    @contextmanager
    def _stream(self) -> Iterator[Stream]:
        """What mmdebstrap writes when all else is done; it ends when nobody reads that any more."""
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as process,
        ):
            output = cast(io.BufferedReader, process.stdout)
            late = threading.Timer(_TIMEOUT_S, _end, (process,))
            late.start()
            try:
                if output.peek(1):
                    yield Stream(output, self.bounds, None)
                if process.wait():
                    said.seek(0)
                    raise self._failed(process.returncode, said.read().decode(errors="replace"))
            except BaseException:
                _end(process)
                raise
            finally:
                late.cancel()

    def _failed(self, status: int, said: str) -> Inconclusive:
        errors = [line for line in said.splitlines() if line.startswith(("E:", "W:"))] or said.splitlines()
        why = errors[0] if errors else f"status {status}"
        return Inconclusive(f"mmdebstrap could not make {self.key}: {why}", mend="Check suite, packages and network.")

    def _command(self) -> list[str]:
        if (program := shutil.which("mmdebstrap")) is None:
            raise Inconclusive("mmdebstrap is not installed", mend="apt install mmdebstrap")
        argv = [program, "--quiet", "--variant=essential", "--format=tar"]
        if os.geteuid() == 0:
            argv.append("--mode=unshare")  # mounts of its own, gone with it
        if self.packages:
            argv.append(f"--include={','.join(self.packages)}")
        argv += [f"--aptopt={option}" for option in _asked(*_OPTIONS) if "::Proxy" in option.split()[0]]
        return [*argv, self.suite, "-", f"deb {mirror(self.suite)} {self.suite} main"]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Have mmdebstrap clean up and tell its children; end it where it does not."""
    process.terminate()
    try:
        process.wait(_CLEANING_S)
    except subprocess.TimeoutExpired:
        process.kill()


def mirror(suite: str) -> str:
    """Where apt of this machine gets that suite, or else another one, from.

    Raises:
        Inconclusive: it gets nothing from anywhere, or there is no apt.
    """
    found: dict[str, str] = {}
    for line in _asked(*_TARGETS):
        kind, uri, release, component = line.split()
        if (kind, component) == ("Packages", "main"):
            found.setdefault(release, uri)
    plain = {release: uri for release, uri in found.items() if not release.endswith(("-security", "-updates"))}
    if not plain:
        raise Inconclusive("apt of this machine has no mirror of Debian", mend="Add one to /etc/apt/sources.list.d.")
    return plain.get(suite) or next(iter(plain.values()))


def _asked(*argv: str) -> list[str]:
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_APT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Inconclusive(f"{argv[0]} cannot be asked: {problem}", mend="Use a machine with apt.") from None
    return done.stdout.splitlines()
