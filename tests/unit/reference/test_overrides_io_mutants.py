"""Each mutant of how overrides are written has its defect, shown on one folder; the reference does not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from overrides_world import OVR

from pytest_vessel.mutant import MUTANTS, overrides_io
from pytest_vessel.reference.overrides.architecture import Architecture
from pytest_vessel.reference.overrides.folder import OverridesFolder
from pytest_vessel.reference.overrides.libraries import Libraries
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider

MADE = Architecture("made-arch", "/lib/ld-made.so", ())


def folder_in(copy: Path, mutant: str) -> OverridesFolder:
    """OVR in a copy, as a mutant or the reference makes it."""
    copy.mkdir(exist_ok=True)
    flaw = MUTANTS[mutant].flaw if mutant else OverridesFolder
    made: OverridesFolder = (flaw if issubclass(flaw, OverridesFolder) else OverridesFolder)(comparable=True)
    made.make(os.open(copy, os.O_RDONLY))
    return made


def swapped(copy: Path, made: OverridesFolder, step: Callable[[], None]) -> list[str]:
    """What a step makes in a folder that has taken the place of OVR."""
    os.rename(copy / OVR, copy / "opened")
    (copy / OVR).mkdir()
    step()
    return sorted(os.listdir(copy / OVR))


def absolute(monkeypatch: pytest.MonkeyPatch, step: Callable[[], None]) -> set[str]:
    """The functions that a step gave an absolute path."""
    seen: set[str] = set()

    def watched(name: str) -> Callable[..., object]:
        real: Callable[..., object] = getattr(os, name)

        def call(path: str, *rest: object, **named: object) -> object:
            seen.update({name} if path.startswith("/") else ())
            return real(path, *rest, **named)

        return call

    with monkeypatch.context() as patched:
        for name in ("mkdir", "stat"):
            patched.setattr(os, name, watched(name))
        step()
    return seen


@pytest.mark.parametrize(("mutant", "strays"), [("", []), ("override-reopens", ["lib"])])
def test_folders_after_a_swap(tmp_path: Path, mutant: str, strays: list[str]) -> None:
    made = folder_in(tmp_path, mutant)
    assert swapped(tmp_path, made, lambda: made.make_folder("lib")) == strays


@pytest.mark.parametrize(("mutant", "strays"), [("", []), ("override-manifests-by-path", ["share"])])
def test_manifests_after_a_swap(tmp_path: Path, mutant: str, strays: list[str]) -> None:
    made = folder_in(tmp_path, mutant)
    made.make_folder("share")
    assert swapped(tmp_path, made, lambda: made.write("share/a.json", "{}")) == strays


@pytest.mark.parametrize(
    ("mutant", "named"),
    [("", set()), ("override-folders-by-path", {"mkdir", "stat"}), ("override-looks-again", {"stat"})],
)
def test_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str, named: set[str]) -> None:
    made = folder_in(tmp_path, mutant)

    def step() -> None:
        made.make_folder("lib")
        made.link("lib/x", "/y")

    assert absolute(monkeypatch, step) == named


@pytest.mark.parametrize(("mutant", "written"), [("", []), ("override-follows-planted-link", ["lib"])])
def test_a_planted_link(tmp_path: Path, mutant: str, written: list[str]) -> None:
    copy, outside = tmp_path / "copy", tmp_path / "outside"
    outside.mkdir()
    (copy / OVR).parent.mkdir(parents=True)
    (copy / OVR).symlink_to(outside)
    folder_in(copy, mutant).make_folder("lib")
    assert os.listdir(outside) == written


@pytest.mark.parametrize(("mutant", "found"), [("", False), ("override-by-current-folder", True)])
def test_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str, found: bool) -> None:
    made = folder_in(tmp_path / "copy", mutant)
    (tmp_path / "lib").mkdir()
    monkeypatch.chdir(tmp_path)
    assert made.is_folder("lib") is found


@pytest.mark.parametrize(("mutant", "told"), [("", False), ("override-helper-by-path", True)])
def test_what_the_helper_is_told(tmp_path: Path, mutant: str, told: bool) -> None:
    made, root = folder_in(tmp_path, mutant), os.open(tmp_path, os.O_RDONLY)
    flaw = MUTANTS[mutant].flaw if mutant else Libraries
    options = flaw(made, CopyRoot(root), Provider(root)).options(MADE, ())
    assert (f"--dest={tmp_path / OVR}/{MADE.folder}" in options) is told


@pytest.mark.parametrize(
    ("mutant", "lines"),
    [
        ("", {"copy: /c", "overrides/x -> /y"}),
        ("override-log-absolute", {"copy: /c", "OVR/x is made and leads to /y"}),
        ("override-log-without-copy", {"overrides/x -> /y"}),
    ],
)
def test_lines_of_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str], mutant: str, lines: set[str]) -> None:
    assert {line.replace(str(tmp_path / OVR), "OVR") for line in log(folder_in(tmp_path, mutant), capfd)} == lines


@pytest.mark.parametrize(("mutant", "alike"), [("", True), ("override-log-differs", False)])
def test_two_logs(tmp_path: Path, capfd: pytest.CaptureFixture[str], mutant: str, alike: bool) -> None:
    first, second = (log(folder_in(tmp_path / name, mutant), capfd) for name in ("first", "second"))
    assert (first == second) is alike


def log(made: OverridesFolder, capfd: pytest.CaptureFixture[str]) -> list[str]:
    made.say("copy: /c")
    made.link("x", "/y")
    return [line.removeprefix("vessel-reference: ") for line in capfd.readouterr().err.splitlines()]


def test_all_of_them_are_shown() -> None:
    shown = {"helper-by-path", "by-current-folder", "looks-again", "folders-by-path", "manifests-by-path", "reopens"}
    shown |= {"follows-planted-link", "log-absolute", "log-differs", "log-without-copy"}
    ours = {name for name, mutant in MUTANTS.items() if mutant.flaw.__module__ == overrides_io.__name__}
    assert ours == {f"override-{name}" for name in shown}
