"""HARN: `pytest-vessel capture` and `vessel_capture`, on this machine's own libraries."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_vessel.cli import main


def run(capsys: pytest.CaptureFixture[str], *argv: str | Path) -> tuple[int, str, str]:
    status = main(["capture", *map(str, argv)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_links_are_made_as_they_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list").write_text("libc.so.6  # and its family\n")
    options = ("--remap-link-prefix", "/usr=/run/host/usr", "--dest", tmp_path / "links", "--json")
    status, out, _err = run(capsys, *options, f"from:{tmp_path}/list")
    found = {link["name"]: link["target"] for link in json.loads(out)["links"]}
    assert status == 0
    assert "libm.so.6" in found
    assert found == {path.name: os.readlink(path) for path in (tmp_path / "links").iterdir()}
    assert all(target.startswith("/run/host/usr/") for target in found.values())


def test_without_a_folder_it_is_only_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _err = run(capsys, "--container", "/", "--library-knowledge", "/dev/../etc/../nope", "libc.so.6")
    assert (status, out) == (4, "")
    status, out, err = run(capsys, "--container", "/", "libc.so.6")
    assert status == 0
    assert "(neither is newer by versions, symbols, name, provider)" in out or "(the provider's is preferred)" in out
    assert os.listdir(tmp_path) == []
    assert err == ""


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "nothing to capture"),
        (["libnope.so.1"], "nothing in / matches"),
        (["--compare-by", "nam", "libc.so.6"], "Did you mean 'name'?"),
        (["--arch", "x86-64", "libc.so.6"], "no multiarch tuple"),
        (["--remap-link-prefix", "usr", "libc.so.6"], "no remap"),
        (["--provider", "/nope", "libc.so.6"], "is no folder"),
        (["--container", "/nope", "libc.so.6"], "is no folder"),
        (["--provider", "", "libc.so.6"], "is no folder"),
        (["--container", "", "libc.so.6"], "is no folder"),
        (["--library-knowledge", "", "libc.so.6"], "is a folder"),
        (["--dest", "", "libc.so.6"], "holds something"),
        (["--link-target", "run/host", "libc.so.6"], "no absolute path"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    status, out, err = run(capsys, "--dest", tmp_path / "links", *argv)
    assert (status, out) == (4, "")
    assert says in err
    assert os.listdir(tmp_path) == []
