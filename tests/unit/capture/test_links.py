"""HARN: the folder of links is made whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_vessel.capture.links import Rewriting, prefix, publish, remap
from pytest_vessel.capture.plan import Link
from pytest_vessel.errors import LibraryError, UsageProblem

LINKS = (Link("liba.so.1", "/usr/lib/liba.so.1.2", ""), Link("libb.so.1", "/opt/libb.so.1", ""))


@pytest.mark.parametrize(
    ("rewriting", "target"),
    [
        (Rewriting(), "/usr/lib/liba.so.1.2"),
        (Rewriting("/run/host"), "/run/host/usr/lib/liba.so.1.2"),
        (Rewriting("/run/host/"), "/run/host/usr/lib/liba.so.1.2"),
        (Rewriting(remaps=(("/usr", "/run/host/usr"),)), "/run/host/usr/lib/liba.so.1.2"),
        (Rewriting(remaps=(("/us", "/x"), ("/usr/", "/run/"))), "/run/lib/liba.so.1.2"),
        (Rewriting(remaps=(("/usr/lib/liba.so.1.2", "/a"),)), "/a"),
        (Rewriting("/p", (("/usr", "/x"), ("/p", "/q"))), "/q/usr/lib/liba.so.1.2"),
        (Rewriting(remaps=(("/", "/host"),)), "/host/usr/lib/liba.so.1.2"),
    ],
)
def test_targets(rewriting: Rewriting, target: str) -> None:
    assert rewriting.target(LINKS[0].real_path) == target


@pytest.mark.parametrize("there", [False, True])
def test_the_folder_of_links(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "links"
    if there:
        folder.mkdir()
    publish(LINKS, Rewriting("/run/host"), folder)
    assert {path.name: os.readlink(path) for path in folder.iterdir()} == {
        "liba.so.1": "/run/host/usr/lib/liba.so.1.2",
        "libb.so.1": "/run/host/opt/libb.so.1",
    }
    assert folder.stat().st_mode & 0o777 == 0o755
    assert os.listdir(tmp_path) == ["links"]


@pytest.mark.parametrize("kind", ["full", "file", "link"])
def test_what_holds_something_is_refused(tmp_path: Path, kind: str) -> None:
    folder, elsewhere = tmp_path / "links", tmp_path / "elsewhere"
    elsewhere.mkdir()
    if kind == "full":
        (folder / "inner").mkdir(parents=True)
    elif kind == "file":
        folder.write_text("text")
    else:
        folder.symlink_to(elsewhere)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(LibraryError, match="holds something"):
        publish(LINKS, Rewriting(), folder)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    too_long = Link("x" * 300, "/usr/lib/x", "")
    with pytest.raises(LibraryError, match="cannot be made"):
        publish((*LINKS, too_long), Rewriting(), tmp_path / "links")
    assert os.listdir(tmp_path) == []


def test_a_folder_in_no_folder(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="No such file"):
        publish(LINKS, Rewriting(), tmp_path / "nowhere" / "links")


def test_a_name_that_no_folder_can_have(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be made: File name too long\n"):
        publish(LINKS, Rewriting(), tmp_path / ("x" * 300))


def test_a_place_that_cannot_be_replaced_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LibraryError, match=r"^\.: cannot be made: Device or resource busy"):
        publish(LINKS, Rewriting(), Path())
    assert os.listdir(tmp_path) == []


def test_a_place_of_the_provider() -> None:
    assert (prefix("/run/host"), prefix("")) == ("/run/host", "")
    with pytest.raises(UsageProblem, match="run/host: is no absolute path"):
        prefix("run/host")


@pytest.mark.parametrize("text", ["/usr", "usr=/x", "/usr=x", "="])
def test_remaps_that_are_none(text: str) -> None:
    with pytest.raises(UsageProblem, match="no remap"):
        remap(text)


def test_a_remap() -> None:
    assert remap("/usr=/run/host/usr") == ("/usr", "/run/host/usr")
