"""What the installed plugin costs a project that does not use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import json, sys
import pytest
sys.argv[0] = "pytest"
pytest.main(sys.argv[1:])
print()
print(json.dumps(sorted(sys.modules)))
"""

OURS = {
    "pytest_vessel",
    "pytest_vessel.fixtures",
    "pytest_vessel.fixtures.bubblewrap",
    "pytest_vessel.fixtures.gates",
    "pytest_vessel.fixtures.captures",
    "pytest_vessel.fixtures.holders",
    "pytest_vessel.fixtures.hosts",
    "pytest_vessel.fixtures.programs",
    "pytest_vessel.fixtures.runtimes",
    "pytest_vessel.fixtures.subjects",
    "pytest_vessel.fixtures.traces",
    "pytest_vessel.fixtures.workshops",
    "pytest_vessel.invocation",
    "pytest_vessel.plugin",
}
QUIET = ("-p", "no:benchmark", "-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cacheprovider")


def modules(folder: Path, *args: str) -> set[str]:
    command = [sys.executable, "-c", LOADED, *QUIET, *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)


def test_plain_pytest_imports_next_to_nothing(tmp_path: Path) -> None:
    with_us, without = modules(tmp_path), modules(tmp_path, "-p", "no:vessel")
    found = {name for name in with_us - without if not name.startswith("__editable__")}
    assert found == OURS
    heavy = {"cattrs", "attr", "jsonschema", "ctypes", "tomllib", "hypothesis", "subprocess", "multiprocessing"}
    assert not heavy & (with_us - without)


def test_another_conformance_word_imports_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "vessel").mkdir()
    assert not any(name.startswith("pytest_vessel.hooks") for name in modules(tmp_path, "vessel"))
