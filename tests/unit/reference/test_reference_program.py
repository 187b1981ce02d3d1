"""The command line of the reference."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from reference_world import command, done


@pytest.mark.parametrize("verb", ["run", "copy", "prepare", "collect", "lock", "remove", "capture"])
def test_help(verb):
    assert verb in done("--help").stdout
    result = done(verb, "--help")
    assert result.returncode == 0
    assert f"usage: vessel-reference {verb} [" in result.stdout


def test_version_is_the_first_line_of_stdout():
    result = done("--version")
    assert (result.returncode, result.stdout) == (0, f"vessel-reference {version('pytest-vessel')}\n")


WRONG = """

walk
run
run a b -- c
copy r p
copy r -- c
prepare r
prepare r p -- c
collect
lock f
remove
remove --wait r
capture --provider p --container c --dest d
capture --provider p --container c x
"""


@pytest.mark.parametrize("words", WRONG.splitlines()[1:])
def test_wrong_usage(words):
    result = done(*words.split())
    assert result.returncode == 2
    assert "usage: vessel-reference" in result.stderr
    assert "Traceback" not in result.stderr


STARTUP = (
    "import sys; before = set(sys.modules); import pytest_vessel.reference.program; print(*set(sys.modules) - before)"
)


def test_it_starts_fast_because_it_imports_little():
    imported = set(done(argv=[command()[0], "-I", "-c", STARTUP]).stdout.split())
    ours = {name for name in imported if name.startswith("pytest_vessel")}
    assert all(name == "pytest_vessel" or name.startswith("pytest_vessel.reference") for name in ours)
    assert "pytest_vessel.reference.run" in ours
    assert not {"subprocess", "typing", "tempfile", "dataclasses", "shutil", "pathlib"} & imported
