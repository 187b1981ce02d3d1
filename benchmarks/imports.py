"""What the installed plugin adds to the imports and the start of somebody else's pytest."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from benchmarks import machine
from benchmarks.pairs import Goal, Report, at_most, measure

WITHOUT = "-p no:vessel"
OTHERS = ("-p", "no:hypothesispytest", "-p", "no:benchmark", "-p", "no:xdist", "-p", "no:cacheprovider")
"""Plugins that only some environments have, and what would write into the folder."""
HEAVY = ("elftools", "jsonschema", "jinja2", "asyncio")
NO_TESTS_STATUS = 5
NAMES = """
import sys, pytest
status = pytest.main(sys.argv[1:])
print("imported:", *sys.modules)
raise SystemExit(int(status))
"""
MOST_MS = 10


def report() -> Report:
    with tempfile.TemporaryDirectory() as folder:
        start = ("-m", "pytest", *OTHERS)
        row = measure(
            "pytest in an empty folder",
            lambda: run(folder, *start),
            {WITHOUT: lambda: run(folder, *start, *WITHOUT.split())},
        )
        added = modules(folder) - modules(folder, *WITHOUT.split())
    goals = [*goals_of(added), at_most("ms more", MOST_MS, row.more_ms[WITHOUT])]
    return Report(machine.describe(), [row], goals)


def goals_of(added: set[str]) -> list[Goal]:
    """Nothing heavy, and nothing at all that is not ours."""
    tops = [name.partition(".")[0] for name in added]
    heavy = [at_most(f"modules of {name}", 0, tops.count(name)) for name in HEAVY]
    return [*heavy, at_most("modules of others", 0, len(tops) - tops.count("pytest_vessel"))]


def modules(folder: str, *options: str) -> set[str]:
    """All that is imported when pytest ends."""
    return set(run(folder, "-c", NAMES, *OTHERS, *options).rpartition("imported: ")[2].split())


def run(folder: str, *words: str) -> str:
    """What a Python prints whose pytest finds no tests."""
    done = subprocess.run([sys.executable, "-P", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == NO_TESTS_STATUS, done.stdout + done.stderr
    return done.stdout
