"""The host: the machine where the implementation runs, reached through testinfra. This machine alone, so far."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from pytest_vessel.errors import Inconclusive, UsageProblem
from pytest_vessel.nearest import nearest

LOCAL = "local://"
PLANNED = ("ssh", "podman", "chroot")
"""Schemes that the option will take; a test that asks for one of them is told so."""


class CommandResult(Protocol):
    """What `Host.run` gives back."""

    rc: int
    stdout: str
    stderr: str

    @property
    def succeeded(self) -> bool:
        """Whether the exit status is 0."""


class Host(Protocol):
    """The part of testinfra's host that its users need most; `testinfra.host.Host` has more, by its own document."""

    def run(self, command: str, *args: str) -> CommandResult:
        """Run a shell command; `%s` in it stand for `args`, quoted."""

    def check_output(self, command: str, *args: str) -> str:
        """Its output without the last newline; AssertionError where its exit status is not 0."""

    def exists(self, command: str) -> bool:
        """Whether there is a command of that name."""

    def __getattr__(self, name: str) -> Any:
        """Modules of testinfra: `file`, `package`, `process`, `mount_point`, ..."""


def checked(spec: str) -> str:
    """The same, where it can be used.

    Raises:
        UsageProblem: no host, or of a kind that cannot be reached yet.
    """
    scheme, separator, rest = spec.partition("://")
    if spec == LOCAL:
        return spec
    if separator and scheme == "local":
        raise UsageProblem(f"{spec!r}: this machine has no name here: {rest!r}", where="--vessel-host", mend=_USE)
    if separator and scheme in PLANNED:
        raise UsageProblem(f"{spec!r}: {scheme} hosts cannot be reached yet", where="--vessel-host", mend=_USE)
    known = [f"{each}://" for each in ("local", *PLANNED)]
    raise UsageProblem(f"{spec!r} is no host", where="--vessel-host", mend=nearest(f"{scheme}://", known))


_USE = f"Use {LOCAL}, or run pytest on that machine."


def reach(spec: str) -> Host:
    """The host, by `testinfra.get_host`: nothing else of testinfra is used, and none of its pytest fixtures.

    Raises:
        UsageProblem: as `checked`.
        Inconclusive: testinfra is not installed.
    """
    wanted = checked(spec)
    try:
        testinfra: Any = importlib.import_module("testinfra")
    except ModuleNotFoundError as problem:
        if problem.name != "testinfra":
            raise
        raise Inconclusive(
            "testinfra is not installed: vessel_host needs it", mend="pip install 'pytest-vessel[hosts]'"
        ) from None
    host: Host = testinfra.get_host(wanted)
    return host
