"""What the tests of the plugin share: pytest as a user starts it, in folders of its own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import made_up
import pytest
from starting import Start, Started, Suite

_TIMEOUT_S = 120


@pytest.fixture
def start(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, quiet_options: str) -> Start:
    """Start `python -m pytest ARGS` in the test's folder, and wait for its end."""
    monkeypatch.setenv("PYTEST_ADDOPTS", quiet_options)  # which pytester has taken away
    for name in list(os.environ):
        if name.startswith("PYTEST_XDIST"):
            monkeypatch.delenv(name)

    def run(*args: str, program: tuple[str, ...] = ("-m", "pytest"), cwd: Path | None = None) -> Started:
        folder = cwd or pytester.path
        if cwd is not None:
            monkeypatch.chdir(cwd)
        return Started(pytester.run(sys.executable, *program, *args, timeout=_TIMEOUT_S), folder)

    return run


@pytest.fixture(autouse=True, scope="session")
def _one_cache() -> None:
    """pytester moves HOME; the probe is built once all the same."""
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))


@pytest.fixture
def adapters(pytester: pytest.Pytester) -> Path:
    """A folder with the adapter files `careless.toml`, `leaky.toml`, `absent.toml`."""
    for name in ("careless", "leaky", "absent"):
        (pytester.path / f"{name}.toml").write_text(getattr(made_up, name.upper()))
    return pytester.path


@pytest.fixture
def made_up_suite(pytester: pytest.Pytester, adapters: Path) -> Suite:
    """Write the made-up suite; call with what each test is to see; gives the options that choose it.

    `one="raise"`: test_one raises. Other words: `well`, `unclear`, `skip`, `assert`, `nothing`, `twice`, `exit`,
    `broken decider`; any other word is a fail.
    """

    def write(implementation: str = "careless.toml", **words: str) -> tuple[str, ...]:
        folder = pytester.path / "suites" / "made_up"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text("")
        (folder / "clauses.toml").write_text(made_up.CLAUSES)
        (folder / "decide.py").write_text(made_up.DECIDE)
        (folder / "test_made_up.py").write_text(made_up.TESTS)
        (folder / "words.json").write_text(json.dumps(words))
        (pytester.path / "made_up_suite.py").write_text(made_up.SUITE_PLUGIN)
        return ("-p", "vessel", "-p", "made_up_suite", "--vessel-impl", implementation, "--vessel-report", "report")

    return write
