"""`pytest-vessel capture`: make a folder of links to the libraries that a container gets from a provider."""

from __future__ import annotations

import argparse
import sys
from typing import Any

_EPILOG = "Patterns, and which copy of a library is taken: docs/capture.md. Exit status: 0 made, 4 nothing was changed."


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("capture", help="link the libraries that a container gets", epilog=_EPILOG)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="such as if-exists:soname:libGL.so.1")
    parser.add_argument("--dest", metavar="DIR", help="the folder of links, a new or empty one; none: only say what")
    parser.add_argument("--provider", metavar="DIR", default="/", help="the root that gives libraries (/)")
    parser.add_argument("--container", metavar="DIR", help="the root that gets them; none: it has no library")
    parser.add_argument("--link-target", metavar="DIR", default="", help="where the container sees the provider")
    parser.add_argument(
        "--remap-link-prefix", metavar="FROM=TO", action="append", default=[], help="change how targets begin"
    )
    parser.add_argument("--compare-by", metavar="METHOD,..", default="", help="how copies are compared (name,provider)")
    parser.add_argument("--library-knowledge", metavar="FILE", help="how single libraries are compared")
    parser.add_argument("--arch", metavar="TUPLE", default="", help="the kind of libraries (x86_64-linux-gnu, ...)")
    parser.add_argument("--json", action="store_true", help="what was captured, as JSON")
    parser.set_defaults(command=_capture)


def _capture(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from pytest_vessel.capture.abis import abi_of
    from pytest_vessel.capture.knowledge import known
    from pytest_vessel.capture.links import Rewriting, prefix, publish, remap
    from pytest_vessel.capture.plan import planned
    from pytest_vessel.capture.stock import Stock

    rewriting = Rewriting(prefix(arguments.link_target), tuple(map(remap, arguments.remap_link_prefix)))
    abi = abi_of(arguments.arch)
    container = None if arguments.container is None else Stock(arguments.container, abi)
    knowledge = known(arguments.compare_by, arguments.library_knowledge)
    plan = planned(arguments.patterns, Stock(arguments.provider, abi), container, knowledge)
    if arguments.dest is not None:
        publish(plan.links.values(), rewriting, Path(arguments.dest))
    _show(plan, rewriting, as_json=arguments.json)
    return 0


def _show(plan: Any, rewriting: Any, *, as_json: bool) -> None:
    from pytest_vessel.report import escape

    links = [(link.name, rewriting.target(link.real_path), link.why) for link in plan.links.values()]
    if as_json:
        import json

        found = [{"name": name, "target": target, "why": why} for name, target, why in links]
        kept = [{"name": one.name, "why": one.why} for one in plan.kept.values()]
        print(json.dumps({"links": found, "kept": kept, "notes": plan.notes}, indent=1))
    else:
        for name, target, why in links:
            print(escape.line(f"{name} -> {target}  ({why})"))
        for one in plan.kept.values():
            print(escape.line(f"{one.name}: the container's is kept  ({one.why})"))
    for note in plan.notes:
        print(escape.line(f"note: {note}"), file=sys.stderr)
