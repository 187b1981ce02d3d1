"""`pytest-vessel closure`: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_vessel.cli import main


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    status = main(["closure", *words])
    said = capsys.readouterr()
    return status, said.out.splitlines(), said.err


def test_a_tree(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = run("/bin/sh", capsys=capsys)
    assert (status, err) == (0, "")
    assert lines[0] == os.path.realpath("/bin/sh")
    assert lines[1].startswith("└── libc.so.6 => /")
    assert lines[2].endswith("(the loader itself)")


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = run("--json", "/bin/sh", "/bin/cat", capsys=capsys)
    found = [json.loads(line) for line in lines]
    assert status == 0
    assert [one["main"] for one in found] == [os.path.realpath(path) for path in ("/bin/sh", "/bin/cat")]
    assert set(found[0]) == {"root", "main", "interpreter", "objects", "missing"}
    assert set(found[0]["objects"][0]) == {"name", "path", "real_path", "soname", "needed_by", "rule"}


def test_one_bad_file_does_not_keep_the_others_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad\x1b[31m"
    bad.write_text("text")
    status, lines, err = run(str(bad), "/bin/sh", capsys=capsys)
    assert status == 4
    assert lines[0] == os.path.realpath("/bin/sh")
    assert "bad\\x1b[31m: is no ELF file (at offset 0x0)" in err


def test_relative_paths_begin_here_without_a_root(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/bin")
    assert run("./sh", capsys=capsys)[1] == run("/bin/sh", capsys=capsys)[1]
    assert run("--root", "/", "sh", capsys=capsys)[1] == run("/bin/sh", capsys=capsys)[1]


def test_a_current_folder_that_was_removed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    status, _, err = run("/bin/sh", capsys=capsys)
    assert (status, err) == (4, "pytest-vessel: the current folder was removed\n  Change to one that is there.\n")


def test_a_folder_is_no_program(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run("/usr", capsys=capsys)
    assert (status, err.splitlines()[0]) == (4, "pytest-vessel: /usr: is no regular file")


def test_why(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = run("--why", "libc.so.6", "/bin/sh", capsys=capsys)
    assert status == 0
    assert lines[1] == f"    needed by {os.path.realpath('/bin/sh')}"
    assert lines[-1].startswith("    loaded: /")
    assert run("--why", "libnone.so", "/bin/sh", capsys=capsys)[1][0].endswith("nothing needs libnone.so")


def test_no_such_root(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("--root", str(tmp_path / "none"), "/bin/sh", capsys=capsys)[0] == 4


def test_nothing_heavy_is_imported() -> None:
    code = "import sys; from pytest_vessel.cli import main; main(['closure', '/bin/sh']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"elftools", "pytest", "subprocess", "ctypes"} & set(done.stdout.splitlines()[-1].split())
