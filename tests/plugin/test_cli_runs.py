"""`pytest-vessel diff` and `list`, as their users run them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from starting import Start, Suite

from pytest_vessel import clause
from pytest_vessel.adapter.python import GROUP

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(pytester: pytest.Pytester) -> Script:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [str(Path(sys.executable).with_name("pytest-vessel")), *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=120)

    return run


@pytest.fixture
def two_runs(start: Start, made_up_suite: Suite) -> tuple[str, str]:
    """One in which `MADE-001` and `MADE-003[first]` fail, and one in which `MADE-002` fails instead of the former."""
    for folder, words in (("before", {"one": "ill"}), ("after", {"two": "ill"})):
        start(*made_up_suite(first="ill", **words))
        Path("report").rename(folder)
    return "before", "after"


def test_diff(script: Script, two_runs: tuple[str, str]) -> None:
    done = script("diff", *two_runs)
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[2:] == [
        "worse   MADE-002: pass -> fail (unexpected)",
        "          was: it is well",
        "          now: thing: not-well",
        "better  MADE-001: fail (unexpected) -> pass",
        "          was: thing: not-well",
        "          now: it is well",
        "1 worse, 1 better, 0 other, 4 the same",
    ]
    assert done.stdout.startswith("- careless (careless 1.0), seed ")
    same = script("diff", "before/run.jsonl", "before")
    assert (same.returncode, same.stdout.splitlines()[-1]) == (0, "0 worse, 0 better, 0 other, 6 the same")


def test_diff_for_programs(script: Script, two_runs: tuple[str, str]) -> None:
    done = script("diff", "--json", *two_runs)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(one["change"], one["clause"]) for one in found["changes"]] == [
        ("worse", "MADE-002"),
        ("better", "MADE-001"),
    ]


def test_diff_of_nothing(script: Script, two_runs: tuple[str, str]) -> None:
    for words, what in (
        (("before", "none"), "none: cannot be read"),
        (("none", "before"), "none: cannot be read"),
        (("before",), "usage:"),
        ((), "usage:"),
    ):
        done = script("diff", *words)
        assert done.returncode == 4
        assert what in done.stderr
        assert "Traceback" not in done.stderr


def test_list(script: Script) -> None:
    done = script("list")
    assert done.returncode == 0, done.stderr
    assert "\n  reference          found: vessel-reference " in done.stdout
    assert "\n  locking            " in done.stdout
    assert "(--vessel-baseline builtin)\n" in done.stdout


def test_list_for_programs(script: Script) -> None:
    found = json.loads(script("list", "--json").stdout)
    by_name = {one["name"]: one for one in found["implementations"]}
    names = {"bubblewrap", "capsule-capture-libs", "flatpak", "pressure-vessel", "reference", "systemd-nspawn"}
    assert set(by_name) == names
    assert by_name["reference"]["found"] is True
    assert "run" in by_name["reference"]["verbs"]
    assert by_name["reference"]["known_failures"] is None
    assert by_name["bubblewrap"]["known_failures"] > 0
    assert sum(suite["clauses"] for suite in found["suites"]) == sum(one.due for one in clause.load())
    assert found["mutants"] > 0


def test_list_shows_adapters_of_other_distributions(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nacme-rt = acme:Acme\nno-acme = acme:NoAcme\n")
    (tmp_path / "acme.py").write_text(
        "class Acme:\n"
        "    def describe(self): return {'implementation': {'name': 'acme', 'version': ['echo', 'acme 1.0']},"
        " 'verbs': ['lock'], 'choices': {'mode': ['shared']}}\n"
        "    def command(self, verb, values): return {}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = script("list")
    assert done.returncode == 0, done.stderr
    assert "\n  acme-rt            found: acme 1.0\n                     verbs: lock\n" in done.stdout
    assert "\n  no-acme            not found: no-acme describe: says: it raises AttributeError: " in done.stdout
    by_address = {one["address"]: one for one in json.loads(script("list", "--json").stdout)["implementations"]}
    assert by_address["acme-rt"]["found"]
    assert not by_address["no-acme"]["found"]


def test_list_says_what_is_missing(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    done = script("list")
    assert done.returncode == 0
    assert "  flatpak            not found: flatpak is not installed (apt install flatpak)\n" in done.stdout
