"""What is a conformance run and what is not: only the command line decides."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from starting import Start

ONLY = ("--vessel-clause", "LOCK-094", "-q")
OURS = "pytest_vessel/conformance/locking/test_tool.py"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """A project with one test of its own."""
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    return pytester.path


@pytest.mark.parametrize(
    "args",
    [
        ("-p", "vessel", *ONLY),
        ("-pvessel", *ONLY),
        ONLY,
        ("--vessel-impl", "careless.toml", *ONLY),
        ("--vessel-impl=careless.toml", "--vessel-suite=locking", *ONLY),
        ("-p", "vessel", "--vessel-impl", "careless.toml", "-k", "LOCK-094", "-q"),
    ],
)
def test_conformance_run(start: Start, project: Path, adapters: Path, args: tuple[str, ...]) -> None:
    run = start(*args)
    assert run.status == 0
    assert "\npass           LOCK-094 " in run.out
    assert "own" not in run.out


@pytest.mark.parametrize("args", [("-p", "vessel"), ("--vessel-suite", "locking"), ("--vessel-impl", "careless.toml")])
def test_what_alone_starts_one(start: Start, project: Path, adapters: Path, args: tuple[str, ...]) -> None:
    run = start(*args, "--collect-only", "-q")
    assert run.status == 0
    assert f"\n{OURS}::test_descriptors_of_the_command[" in "\n" + run.out
    assert "test_own" not in run.out


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("test_own.py",),
        ("-p", "vessel", "."),
        ("-p", "vessel", "test_own.py::test_own"),
        ("--vessel-impl", "reference", "test_own.py"),
        ("-p", "xdist"),
    ],
)
def test_run_of_the_projects_own_tests(start: Start, project: Path, args: tuple[str, ...]) -> None:
    assert_own(start(*args, "-v"))


def assert_own(run: object) -> None:
    assert run.status == 0  # type: ignore[attr-defined]
    out = run.out  # type: ignore[attr-defined]
    assert "test_own.py::test_own PASSED" in out
    assert "1 passed" in out
    assert "LOCK-" not in out
    assert "vessel: " not in out


@pytest.mark.parametrize("key", ["addopts", "addopts_impl", "environment", "vessel_impl", "PYTEST_PLUGINS"])
def test_what_is_configured_starts_none(
    start: Start, project: Path, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester, key: str
) -> None:
    """`addopts = -p vessel` is usual where plugins do not load themselves."""
    if key == "environment":
        monkeypatch.setenv("PYTEST_ADDOPTS", "-p vessel --vessel-impl reference")
    elif key == "PYTEST_PLUGINS":
        monkeypatch.setenv("PYTEST_PLUGINS", "vessel")
    else:
        line = {"addopts": "addopts = -p vessel", "addopts_impl": "addopts = --vessel-impl reference"}
        pytester.makeini(f"[pytest]\n{line.get(key, 'vessel_impl = reference')}\n")
    assert_own(start("-v"))


def test_plain_pytest_says_nothing_of_us(start: Start, project: Path) -> None:
    run = start()
    other = start("-p", "no:vessel")
    seen, expected = ([line for line in one.out.splitlines() if "plugins: " not in line] for one in (run, other))
    assert [line.partition(" in ")[0] for line in seen] == [line.partition(" in ")[0] for line in expected]


def test_empty_folder_is_nothing_to_run(start: Start) -> None:
    run = start()
    assert run.status == 5
    assert "vessel" not in run.out.replace("vessel-0", "")


def test_plugin_can_be_switched_off(start: Start, project: Path) -> None:
    run = start("-p", "no:vessel", "--vessel-clause", "LOCK-094")
    assert run.status == 4
    assert "unrecognized arguments: --vessel-clause" in run.err


def test_without_plugins_that_load_themselves(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert start("-p", "pytest_vessel.plugin", *ONLY).status == 0
    alone = start("-p", "vessel", "-n2", *ONLY)
    assert alone.status == 4
    assert start("-p", "vessel", "-p", "xdist", "-n2", *ONLY).status == 0


def test_ini_key_chooses_the_implementation(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvessel_impl = careless.toml\n")
    folder = pytester.mkdir("below")
    run = start("-p", "vessel", *ONLY, cwd=folder)
    assert run.status == 0
    assert "-- careless (careless 1.0, " in run.out


def test_command_line_outweighs_the_ini_key(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvessel_impl = careless.toml\n")
    run = start("-p", "vessel", "--vessel-impl", "leaky.toml", *ONLY)
    assert "-- leaky (leaky 1.0, " in run.out
    assert "careless" not in run.out


def test_console_script(start: Start, pytester: pytest.Pytester) -> None:
    script = shutil.which("pytest", path=str(Path(sys.executable).parent))
    assert script is not None
    result = pytester.run(script, "-p", "vessel", "-p", "no:hypothesispytest", *ONLY)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["pass *LOCK-094 *"])


def test_arguments_from_a_file(start: Start, project: Path) -> None:
    (project / "args").write_text("\n".join(["-p", "vessel", *ONLY]))
    assert "pass           LOCK-094" in start("@args").out
    (project / "own").write_text("test_own.py\n-v\n")
    assert_own(start("@own"))


def test_own_folders_named_like_ours(start: Start, pytester: pytest.Pytester) -> None:
    """A project may have a folder `conformance`, or one named vessel."""
    for name in ("conformance", "vessel"):
        folder = pytester.mkdir(name)
        (folder / f"test_{name}.py").write_text("def test_it():\n    pass\n")
    run = start("-v", "conformance", "vessel")
    assert run.status == 0
    assert "conformance/test_conformance.py::test_it PASSED" in run.out
    assert "vessel/test_vessel.py::test_it PASSED" in run.out
