"""`pytest-vessel closure PATH...`: which libraries a loader would load for a program, and why."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_vessel.libraries.closure import Libraries
    from pytest_vessel.libraries.found import Closure

_EPILOG = (
    "Nothing of the root is run. Exit status: 0 everything is found, 1 a library is missing, "
    "4 a file is refused, as its loader would refuse it."
)


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("closure", help="list the libraries that a program would load", epilog=_EPILOG)
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a program or library; inside the root, where one is named"
    )
    parser.add_argument(
        "--root", default="/", metavar="DIR", help="the top folder of another system (default: this one)"
    )
    parser.add_argument(
        "--library-path", default="", metavar="LIST", help="the program's LD_LIBRARY_PATH (default: none)"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one JSON object a line for each PATH")
    shape.add_argument("--why", metavar="LIB", help="only this library: who needs it, and what else was looked at")
    parser.set_defaults(command=_closure)


def _closure(arguments: argparse.Namespace) -> int:
    """Each file by itself: one that is refused does not keep the others from being told."""
    import os

    from pytest_vessel.errors import LibraryError, UsageProblem
    from pytest_vessel.libraries.closure import Libraries
    from pytest_vessel.report import escape

    try:
        here = os.getcwd() if arguments.root == "/" else "/"
    except FileNotFoundError:
        raise UsageProblem("the current folder was removed", mend="Change to one that is there.") from None
    libraries = Libraries(arguments.root, library_path=arguments.library_path, cwd=here)
    statuses = [0]
    for path in arguments.paths:
        try:
            statuses.append(_tell(libraries, os.path.join(here, path), arguments))
        except LibraryError as problem:
            print(escape.block(f"pytest-vessel: {problem}"), file=sys.stderr)
            statuses.append(4)
    return max(statuses)


def _tell(libraries: Libraries, path: str, arguments: argparse.Namespace) -> int:
    from pytest_vessel.libraries import shown
    from pytest_vessel.report import escape

    found = libraries.closure(path, explain=bool(arguments.why))
    if arguments.json:
        import json

        print(json.dumps(shown.as_json(found)))
    else:
        for line in _why(found, arguments.why) if arguments.why else shown.tree(found):
            print(escape.line(line))
    return 1 if found.missing else 0


def _why(found: Closure, wanted: str) -> Iterator[str]:
    from pytest_vessel.libraries import shown

    lines = list(shown.why(found, wanted))
    yield from lines or [f"{found.main}: nothing needs {wanted}"]
