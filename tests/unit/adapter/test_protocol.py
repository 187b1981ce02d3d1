"""One protocol, three forms: the reference as a TOML file, as a child process, and as a Python class."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from pytest_vessel.adapter.protocol import Adapter, Fill
from pytest_vessel.adapter.python import GROUP
from pytest_vessel.adapter.registry import resolve
from pytest_vessel.errors import AdapterError

FORMS = ("toml", "exec", "py")
CLAUSES = "LOCK-001,LOCK-042,LOCK-091"
Addressed = Callable[[str], str]


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Addressed:
    """The address of the reference in a form; relative ones count from the folder that `base` is."""
    folder = tmp_path_factory.mktemp("forms")
    (folder / "same.toml").write_text((files("pytest_vessel.adapter") / "reference.toml").read_text())
    ours = Path(__file__).parent / "asked_reference.py"
    (folder / "asked_by_path.py").write_text(ours.read_text())
    (folder / "child").write_text(f"#!/bin/sh\nexec '{sys.executable}' -P '{ours}'\n")
    (folder / "child").chmod(0o755)
    forms = {"toml": f"{folder}/same.toml", "exec": f"exec:{folder}/child", "py": "py:asked_by_path:Reference"}
    return forms.__getitem__


@pytest.fixture(params=FORMS)
def adapter(request: pytest.FixtureRequest, addressed: Addressed) -> Adapter:
    return resolve(addressed(request.param), base=Path(addressed("toml")).parent)


@pytest.fixture(scope="module")
def built_in() -> Adapter:
    return resolve("reference", base=Path("/"))


def fill(**choices: str) -> Fill:
    names = ("runtime", "name", "src", "parent", "provider", "file", "work", "copy")
    return Fill({name: f"/{name} of it" for name in names}, {"argv": ("/probe", "talk", "x y")}, choices)


def test_what_is_offered(adapter: Adapter, built_in: Adapter) -> None:
    assert adapter.offer.version
    assert dataclasses.replace(adapter.offer, address="reference") == built_in.offer


@pytest.mark.parametrize("verb", ["run", "copy", "prepare", "collect", "lock", "remove"])
def test_what_to_start(adapter: Adapter, built_in: Adapter, verb: str) -> None:
    for choices in (
        {},
        {"wait": "yes", "mode": "exclusive", "collecting": "no"},
        {"writable": "yes", "log": "comparable"},
    ):
        assert adapter.command(verb, fill(**choices)) == built_in.command(verb, fill(**choices))


def test_what_is_not_offered(adapter: Adapter) -> None:
    with pytest.raises(AdapterError, match="offers no verb 'install'"):
        adapter.command("install", fill())
    with pytest.raises(AdapterError, match=r"choices\.wait has no 'perhaps'"):
        adapter.command("run", fill(wait="perhaps"))


def test_roles(adapter: Adapter, built_in: Adapter) -> None:
    for role in ("src", "ref", "parent_ref", "copies", "copy_ref", "copy_tree", "overrides"):
        for layout in ("merged-usr", "complete-root"):
            assert adapter.role(role, fill(layout=layout)) == built_in.role(role, fill(layout=layout))


def test_the_rest(adapter: Adapter, built_in: Adapter) -> None:
    for one in (adapter, built_in):
        assert one.inside("merged-usr") == ("/.ref", "/usr/.ref")
        assert one.arranged("merged-usr") == ()
        assert one.machine("run") == ("userns",)
        assert one.told_copy("well\ncopy: tmp-1\n") == "tmp-1"
        assert not one.collects_in_copy


def verdicts(address: str, folder: Path) -> dict[tuple[str, str], str]:
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-q", "-p", "no:cacheprovider"]
    options = ["--vessel-impl", address, "--vessel-clause", CLAUSES, "--vessel-report", "report"]
    done = subprocess.run([*argv, *options], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((folder / "report" / "report.json").read_text())
    clauses = report["implementations"][0]["clauses"]
    return {(clause["id"], case["name"]): case["verdict"] for clause in clauses for case in clause["cases"]}


def test_verdicts_are_the_same_through_each_form(addressed: Addressed) -> None:
    folder = Path(addressed("toml")).parent
    through = {form: verdicts(addressed(form), folder) for form in FORMS}
    assert through["exec"] == through["toml"]
    assert through["py"] == through["toml"]
    assert list(through["toml"].values()).count("pass") >= 4


def test_an_entry_point(addressed: Addressed, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(addressed("toml")).parent
    about = folder / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nacme-rt = asked_by_path:Reference\n")
    monkeypatch.syspath_prepend(str(folder))
    found = resolve("acme-rt", base=Path("/"))
    assert (found.offer.name, found.offer.address) == ("reference", "acme-rt")
