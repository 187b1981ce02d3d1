"""`pytest-vessel diff A B`: what changed between two runs."""

from __future__ import annotations

import argparse
from typing import Any

_EPILOG = "Exit status: 0 nothing is worse, 1 something is worse, 4 a record cannot be read."


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("diff", help="say what changed between two runs", epilog=_EPILOG)
    parser.add_argument("before", help="run.jsonl, or the folder that holds it")
    parser.add_argument("after", help="the same of the later run")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command=_diff)


def _diff(arguments: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from pytest_vessel.record.read import read_record
    from pytest_vessel.report import difference, escape

    before, after = (read_record(Path(path)) for path in (arguments.before, arguments.after))
    found = difference.compare(before, after)
    if arguments.json:
        print(json.dumps(difference.as_json(found), indent=1))
    else:
        for line in difference.lines(found):
            print(escape.line(line))
    return 1 if found.count(difference.Change.WORSE) else 0
