"""`python -m benchmarks closure|copy|imports [--json]`."""

from __future__ import annotations

import argparse
import json

from benchmarks import closures, copies, imports

SUBJECTS = {"closure": closures.report, "copy": copies.report, "imports": imports.report}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Compares with other programs.")
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments = parser.parse_args()
    found = SUBJECTS[arguments.subject]()
    print(json.dumps(found.as_json(), indent=1) if arguments.json else "\n".join(found.lines()))


if __name__ == "__main__":
    main()
