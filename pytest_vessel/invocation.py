"""What stands on the command line: is this a conformance run, and of what.

Only the command line decides, never addopts, ini keys or the environment: plain `pytest` in somebody's
project must go on running that project's own tests. Pure, and cheap to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PREFIX = "pytest_vessel/conformance"
"""What the node ids of suites begin with, wherever the package is installed."""

_NAMES = frozenset({"vessel", "pytest_vessel.plugin"})
_CHOOSING = ("vessel_impl", "vessel_suite", "vessel_clause")
_CONFORMANCE_ONLY = (
    *("vessel_suite", "vessel_clause", "vessel_level", "vessel_strict", "vessel_report"),
    *("vessel_baseline", "vessel_baseline_update", "vessel_schedule"),
)


@dataclass(frozen=True)
class Invocation:
    """One command line.

    Attributes:
        named: `-p vessel` stands there.
        choosing: an implementation, suite or clause is chosen there.
        ours: arguments that name suites, files or tests of ours, beginning with `PREFIX`.
        others: all other paths.
        conformance_only: options there that have no meaning outside a conformance run.
    """

    named: bool = False
    choosing: bool = False
    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    conformance_only: tuple[str, ...] = ()

    @property
    def conformance(self) -> bool:
        """Whether it asks for a conformance run."""
        return bool(self.ours) or (not self.others and (self.named or self.choosing))

    @property
    def contradiction(self) -> str:
        """What in it cannot be had together; empty where all can."""
        if self.ours and self.others:
            return f"{self.ours[0]} is a conformance test, {self.others[0]} is not"
        if not self.conformance and self.conformance_only:
            option = "--" + self.conformance_only[0].replace("_", "-")
            if self.others:
                return f"{option} chooses from the conformance suites, {self.others[0]} is not one of them"
            return f"{option} has a meaning in a conformance run only"
        return ""


def concerns_us(args: tuple[str, ...]) -> bool:
    """A cheap test before anything is parsed: can this command line have to do with us at all?"""
    return any("vessel" in arg or "conformance" in arg or arg.startswith("@") for arg in args)


def read(parsed: Any, root: str, folder: str) -> Invocation:
    """Judge a command line that argparse has taken apart.

    Args:
        parsed: its namespace, made of the command line alone.
        root: absolute path of the folder that holds the suites.
        folder: where the command was given.
    """
    paths = tuple(str(path) for path in parsed.file_or_dir or ())
    canonical = [_canonical(path, root, folder) for path in paths]
    return Invocation(
        named=any(name.strip() in _NAMES for name in parsed.plugins or ()),
        choosing=any(getattr(parsed, option) for option in _CHOOSING),
        ours=tuple(path for path in canonical if path),
        others=tuple(path for path, ours in zip(paths, canonical, strict=True) if not ours),
        conformance_only=tuple(option for option in _CONFORMANCE_ONLY if getattr(parsed, option)),
    )


def _canonical(argument: str, root: str, folder: str) -> str:
    """The argument as a node id of ours, or an empty string."""
    import os.path

    path, bracket, params = argument.partition("[")
    path, colons, names = path.partition("::")
    rest = colons + names + bracket + params
    dotted = PREFIX.replace("/", ".")
    if path == dotted or path.startswith(dotted + "."):
        inner = path.removeprefix(dotted).replace(".", "/")
        return PREFIX + inner + (".py" if colons or "/test_" in inner else "") + rest
    if path.rstrip("/") == PREFIX or path.startswith(PREFIX + "/"):
        return path.rstrip("/") + rest
    absolute = os.path.realpath(os.path.join(folder, path))
    if absolute == root or absolute.startswith(root + "/"):
        return PREFIX + absolute.removeprefix(root) + rest
    return ""


def selects(choice: str, nodeid: str) -> bool:
    """Whether a choice (folder, file, test, or one case of a test) includes the item of this node id."""
    return nodeid == choice or (nodeid.startswith(choice) and nodeid[len(choice) :].startswith(("/", "::", "[")))
