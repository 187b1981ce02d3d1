"""`pytest-vessel mutants`: the kill matrix."""

from __future__ import annotations

import argparse
import sys
from typing import Any

_EPILOG = "Exit status: 0 no fault, 1 a fault, 4 unusable input. See docs/mutants.md."


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser(
        "mutants", help="run the known-bad implementations: which clauses catch which", epilog=_EPILOG
    )
    parser.add_argument("--suite", metavar="NAME,..", type=_words, default=(), help="only clauses of these suites")
    parser.add_argument("--clause", metavar="ID,..", type=_words, default=(), help="only these clauses, or cases")
    parser.add_argument("--mutant", metavar="NAME,..", type=_words, default=(), help="only these mutants")
    parser.add_argument("--all", action="store_true", help="each meets all that it can touch, not what names it alone")
    parser.add_argument("--json", action="store_true", help="the matrix as JSON")
    parser.add_argument("--records", metavar="DIR", default="", help="keep the run records in DIR, a new folder")
    parser.add_argument("--read", metavar="DIR", help="run nothing: the matrix of the records in DIR")
    parser.add_argument("--update", metavar="FILE", help="write what was seen into the `kills` of a clauses.toml")
    parser.add_argument("-n", type=int, default=0, metavar="N", help="so many runs at once (one on each processor)")
    parser.set_defaults(command=_mutants)


def _mutants(arguments: argparse.Namespace) -> int:
    import signal
    from pathlib import Path

    from pytest_vessel.matrix import Wanted, made, read, update
    from pytest_vessel.report.matrix import shown

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the runs end with us, however we are asked to end
    wanted = Wanted(arguments.suite, arguments.clause, arguments.mutant, every_clause=arguments.all)
    if arguments.read:
        found = read(wanted, Path(arguments.read))
    else:
        found = made(
            wanted,
            at_once=arguments.n,
            records=arguments.records,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
    if arguments.update:
        update(Path(arguments.update), found)
    if arguments.json:
        import json

        print(json.dumps(found.as_json(), indent=1))
    else:
        print("\n".join(shown(found)))
    return 0 if found.sound else 1


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise argparse.ArgumentTypeError("names nothing")
    return words
