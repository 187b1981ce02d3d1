"""What the record keeps of a folder that was filled: enough to fill another one with the same."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

from pytest_vessel.fixtures.filled import filled
from pytest_vessel.record.scene import Folder
from pytest_vessel.system import compile


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_files_links_and_empty_folders(tmp_path: Path) -> None:
    put(tmp_path / "usr/lib/libx.so.1", b"\x7fELF\0made")
    (tmp_path / "usr/lib/libx.so").symlink_to("libx.so.1")
    (tmp_path / "lib").symlink_to("/usr/lib")
    (tmp_path / "dev").mkdir()
    found = filled(tmp_path)
    assert {path: gzip.decompress(base64.b64decode(text)) for path, text in found.files.items()} == {
        "/usr/lib/libx.so.1": b"\x7fELF\0made"
    }
    assert found.links == {"/lib": "/usr/lib", "/usr/lib/libx.so": "libx.so.1"}
    assert (found.copies, found.empty) == ({}, ("/dev",))


def test_the_same_content_is_told_in_the_same_words(tmp_path: Path) -> None:
    put(tmp_path / "a", b"content")
    put(tmp_path / "b", b"content")
    files = filled(tmp_path).files
    assert files["/a"] == files["/b"]


def test_files_of_this_machine_are_named(tmp_path: Path) -> None:
    passwd = Path("/etc/passwd").read_bytes()
    put(tmp_path / "etc/passwd", passwd)
    put(tmp_path / "etc/group", passwd)
    put(tmp_path / "libexec/vessel/probe", compile.probe().read_bytes())
    found = filled(tmp_path)
    assert found.copies == {"/etc/passwd": "/etc/passwd", "/libexec/vessel/probe": str(compile.probe())}
    assert [*found.files] == ["/etc/group"]


def test_an_empty_folder(tmp_path: Path) -> None:
    assert filled(tmp_path) == Folder(str(tmp_path))
