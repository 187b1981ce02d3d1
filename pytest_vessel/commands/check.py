"""`pytest-vessel check ADDRESS`: an adapter tried out, verb by verb."""

from __future__ import annotations

import argparse
import sys
from typing import Any

_EPILOG = (
    "Exit status: 0 every verb could be driven, 1 something was noticed that makes verdicts wrong, 4 unusable input. "
    "See docs/check.md."
)


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser(
        "check", help="try an adapter out: each verb once, each placeholder and choice", epilog=_EPILOG
    )
    parser.add_argument("address", help="as for run: an adapter file (./my.toml), or the name of a known one")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command=_check)


def _check(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from pytest_vessel.adapter.registry import resolve
    from pytest_vessel.check.checked import check
    from pytest_vessel.plan import what_it_executes

    for line in what_it_executes(arguments.address):
        print(line, flush=True, file=sys.stderr if arguments.json else sys.stdout)
    found = check(resolve(arguments.address, base=Path.cwd()))
    if arguments.json:
        import json

        from pytest_vessel.observation.codec import to_json

        print(json.dumps(to_json(found), indent=1))
    else:
        from pytest_vessel.check.shown import shown
        from pytest_vessel.report import escape

        for line in shown(found):
            print(escape.line(line))
    return 0 if found.sound else 1
