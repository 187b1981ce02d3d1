"""Commands in bubblewrap over a runtime: the command line, and whether bwrap can be used here (bwrap(1))."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system.sysroot import TOP_LINKS, Layout

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
"""What a command has where its test gives it no environment."""

_TRIAL = ("--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
_TIMEOUT_S = 20.0
_MEND = (
    "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, "
    "kernel.apparmor_restrict_unprivileged_userns=0), or run as root; `pytest-vessel doctor` looks again."
)


@dataclass(frozen=True)
class Sandbox:
    """What a command sees.

    Attributes:
        src: the runtime.
        layout: whether `src` is shown as `/usr`, on an otherwise empty root, or as `/`.
        writable: whether the runtime itself may be written.
        ro_bind, bind: files and folders of this machine, by their places inside: read-only, and writable.
        env: the whole environment inside.
        cwd: folder inside to start in.
        network: whether it shares this machine's network; otherwise it has none but a loopback of its own.
        options: more words for bwrap, after all others.
    """

    src: Path
    layout: Layout = Layout.MERGED_USR
    writable: bool = False
    ro_bind: Mapping[str, Path] = field(default_factory=dict)
    bind: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: ENVIRONMENT)
    cwd: str = "/"
    network: bool = False
    options: Sequence[str] = ()

    def command(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The whole command line. Its first word is a path; the environment is set inside, and not bwrap's own.

        Raises:
            Inconclusive: bwrap is not installed, or cannot be used here.
            ValueError: nothing to run, or a place inside is no absolute path.
        """
        if not argv:
            raise ValueError("an empty command")
        return (program(), *self._words(), "--", *argv)

    def _words(self) -> Iterator[str]:
        yield from ("--unshare-all", "--die-with-parent")
        if self.network:
            yield "--share-net"
        yield from self._root()
        for word, binds in (("--ro-bind", self.ro_bind), ("--bind", self.bind)):
            for inside, outside in binds.items():
                if not inside.startswith("/"):
                    raise ValueError(f"{inside!r}: a place inside the container is an absolute path")
                yield from (word, str(Path(outside).absolute()), inside)
        yield "--clearenv"
        for name, value in self.env.items():
            yield from ("--setenv", name, value)
        yield from ("--chdir", self.cwd, *self.options)

    def _root(self) -> Iterator[str]:
        """The runtime, and what every command needs around it where the layout leaves room for it."""
        word, src = "--bind" if self.writable else "--ro-bind", self.src.absolute()
        if self.layout is Layout.COMPLETE_ROOT:
            yield from (word, str(src), "/")
            for kind, name in (("--dev", "dev"), ("--proc", "proc"), ("--tmpfs", "tmp")):
                if (src / name).is_dir():
                    yield from (kind, f"/{name}")
            return
        yield from (word, str(src), "/usr")
        for name in TOP_LINKS:
            if (src / name).is_dir():
                yield from ("--symlink", f"usr/{name}", f"/{name}")
        yield from ("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--dir", "/run", "--dir", "/var")


def program() -> str:
    """The path of a bwrap that works.

    Raises:
        Inconclusive: it is not installed, or cannot be used here.
    """
    if (found := shutil.which("bwrap")) is None:
        raise Inconclusive("bubblewrap is not installed", mend="apt install bubblewrap")
    if why := _trouble(os.path.realpath(found)):
        raise Inconclusive(f"bubblewrap cannot make a container here: {why}", where=found, mend=_MEND)
    return found


@functools.cache
def _trouble(bwrap: str) -> str:
    """What goes wrong in the smallest container; empty where nothing does. Tried once in a process."""
    try:
        done = subprocess.run(
            [bwrap, *_TRIAL, "--", "/proc/self/exe", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return (done.stderr.strip() or f"status {done.returncode}") if done.returncode else ""
