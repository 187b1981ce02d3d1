"""`pytest-vessel list`: what there is to run, and whether it is there."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_vessel.judge.offer import Offer
    from pytest_vessel.report.inventory import Inventory


def add_to(commands: Any) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("list", help="list implementations, suites and profiles")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(command=_list)


def _list(arguments: argparse.Namespace) -> int:
    import json

    from pytest_vessel.report import escape, inventory

    found = _inventory()
    if arguments.json:
        print(json.dumps(inventory.as_json(found), indent=1))
    else:
        for line in inventory.lines(found):
            print(escape.line(line).rstrip())
    return 0


def _inventory() -> Inventory:
    from pytest_vessel import clause
    from pytest_vessel.adapter import registry
    from pytest_vessel.baselines import chosen
    from pytest_vessel.mutant import NAMES
    from pytest_vessel.report.inventory import Inventory

    catalogue = clause.load()
    offers = tuple(map(_offer, registry.names()))
    known = {name: len(chosen.built_in_lines(name, catalogue)) for name in chosen.built_in()}
    return Inventory(offers, known, len(NAMES), catalogue)


def _offer(name: str) -> Offer:
    """What it offers; an adapter of another distribution that is broken offers nothing, and says why."""
    from pathlib import Path

    from pytest_vessel.adapter.registry import resolve
    from pytest_vessel.errors import AdapterError
    from pytest_vessel.judge.offer import Offer

    try:
        return resolve(name, base=Path("/")).offer
    except AdapterError as problem:
        return Offer(name, address=name, absent=f"{problem.where}: {problem.what}", mend=problem.mend)
