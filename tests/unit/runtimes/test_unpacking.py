"""What an honest archive holds comes out as it is, whatever its names and however it is packed; layers hide layers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from made_archives import file, folder, hard, link, packed, seen, unpacked

from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes import stream
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.unpack import Layer, unpack

CONTENT = [folder("d", 0o750), file("d/f", b"content", 0o640), link("l", "d/f"), hard("h", "d/f")]
EXPECTED = {"d": None, "d/f": b"content", "l": "d/f", "h": b"content"}


@pytest.mark.parametrize("pack", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_packed_by_python(pack: str, tmp_path: Path) -> None:
    root = unpacked(tmp_path / "root", packed(CONTENT, pack))
    assert seen(root) == EXPECTED
    assert (root / "h").samefile(root / "d/f")
    assert (root / "d").stat().st_mode & 0o777 == 0o750
    assert {path.lstat().st_mtime for path in (root / "d", root / "h")} == {1_000_000_000}


def zstd(content: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed: apt install zstd")
    return subprocess.run(["zstd", "-qc"], input=content, capture_output=True, check=True).stdout


def test_packed_by_zstd(tmp_path: Path) -> None:
    assert seen(unpacked(tmp_path / "root", zstd(packed(CONTENT)))) == EXPECTED


def test_damaged_zstd(tmp_path: Path) -> None:
    content = zstd(packed([file("a", os.urandom(100_000))]))
    with pytest.raises(SourceError, match=r"it-1\.tar: .*cannot be unpacked"):
        unpacked(tmp_path / "it", content[:50_000])
    with pytest.raises(SourceError, match=r"too-1\.tar: .*cannot be unpacked"):
        unpacked(tmp_path / "too", content[:-3])


def test_bomb_of_zstd(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unpacks to more than 20 times its size"):
        unpacked(
            tmp_path / "it",
            zstd(packed([file("zeros", bytes(1 << 20))])),
            bounds=Bounds(ratio=20, ratio_from_bytes=1 << 16),
        )


def test_no_zstd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Inconclusive, match=r"it-1\.tar: there is no program zstd to unpack it\n  apt install zstd"):
        unpacked(tmp_path / "it", b"\x28\xb5\x2f\xfd" + bytes(20))


def test_packed_by_tar(tmp_path: Path) -> None:
    (tmp_path / "from/sub").mkdir(parents=True)
    (tmp_path / "from/sub/file").write_bytes(b"x" * 3000)
    os.truncate(tmp_path / "from/sub/file", 1 << 20)  # with a hole
    names = ("new\nline", os.fsdecode(b"not \xff utf-8"), "ü", "x" * 255, "\x1b[31m", "-rf", " ", "\\", "sub/.wh.x")
    for name in names:
        (tmp_path / "from" / name).write_text(name, errors="surrogateescape")
    for option in ("--format=gnu", "--format=posix", "--sparse"):
        packed_there = subprocess.run(
            ["tar", option, "-C", tmp_path / "from", "-c", "."], capture_output=True, check=True
        ).stdout
        root = unpacked(tmp_path / f"root{option}", packed_there)
        assert seen(root) == seen(tmp_path / "from"), option


def test_later_members_win(tmp_path: Path) -> None:
    members = [file("a", b"1"), file("a", b"2"), link("b", "a"), file("b", b"3"), file("c", b""), folder("c")]
    members += [file("d/e/f", b"4"), file("d", b"5"), link("g", "d"), folder("g"), hard("c", "a")]
    assert seen(unpacked(tmp_path / "root", packed(members))) == {"a": b"2", "b": b"3", "c": b"2", "d": b"5", "g": None}


def test_a_hard_link_is_not_written_through(tmp_path: Path) -> None:
    root = unpacked(tmp_path / "root", packed([file("a", b"1"), hard("b", "a"), file("b", b"2")]))
    assert seen(root) == {"a": b"1", "b": b"2"}


def test_members_that_lie_behind_a_link(tmp_path: Path) -> None:
    lower = packed([file("usr/lib/a", b"a"), link("lib", "usr/lib"), link("usr/abs", "/usr"), link("usr/up", "../etc")])
    upper = packed([file("lib/b", b"b"), file("usr/abs/c", b"c"), file("usr/up/d", b"d")])
    root = unpacked(tmp_path / "root", lower, upper)
    expected = {"lib": None, "lib/a": b"a", "lib/b": b"b", "abs": "/usr", "up": "../etc", "c": b"c"}
    assert (seen(root / "usr"), seen(root / "etc")) == (expected, {"d": b"d"})


def test_a_link_that_is_replaced_through_itself(tmp_path: Path) -> None:
    root = unpacked(tmp_path / "root", packed([link("l", "."), folder("l/l"), file("l/a", b"1")]))
    assert seen(root) == {"l": None, "l/a": b"1"}


WHITEOUTS = {
    "file": ([file("a", b"1"), file("b", b"1")], [file(".wh.a")], {"b": b"1"}),
    "folder": ([file("d/a", b"1")], [file(".wh.d")], {}),
    "of nothing": ([file("a", b"1")], [file(".wh.b"), file("c/.wh.d")], {"a": b"1"}),
    "before what replaces it": ([file("d/a", b"1")], [file(".wh.d"), file("d/b", b"2")], {"d": None, "d/b": b"2"}),
    "after what replaces it": ([file("d/a", b"1")], [file("d/b", b"2"), file(".wh.d")], {"d": None, "d/b": b"2"}),
    "opaque first": ([file("d/a", b"1")], [file("d/.wh..wh..opq"), file("d/b", b"2")], {"d": None, "d/b": b"2"}),
    "opaque last": ([file("d/e")], [file("d/f", b"2"), file("d/.wh..wh..opq")], {"d": None, "d/f": b"2"}),
    "opaque root": ([file("a"), link("l", "a")], [file(".wh..wh..opq"), file("b", b"2")], {"b": b"2"}),
    "deep, opaque last": ([file("d/a")], [link("d/b", "x"), file(".wh..wh..opq")], {"d": None, "d/b": "x"}),
    "behind a link": ([file("d/a"), link("l", "d")], [file("l/.wh.a")], {"d": None, "l": "d"}),
    "notes of aufs": ([file("a", b"1")], [file(".wh..wh.plnk"), folder(".wh..wh.aufs")], {"a": b"1"}),
    "link over a folder": ([file("d/a")], [link("d", "e")], {"d": "e"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHITEOUTS)
def test_whiteouts(kind: str, tmp_path: Path) -> None:
    lower, upper, expected = WHITEOUTS[kind]
    assert seen(unpacked(tmp_path / "root", packed(lower), packed(upper), whiteouts=True)) == expected


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "d/.wh...", ".wh.d/a"])
def test_hostile_whiteouts(name: str, tmp_path: Path) -> None:
    (tmp_path / "victim").touch()
    with pytest.raises(
        SourceError, match=rf"root-2\.tar: member '{name}': (is a whiteout of no name|lies below a white)"
    ):
        unpacked(tmp_path / "root", packed([file("d/a")]), packed([file(name)]), whiteouts=True)
    assert (tmp_path / "victim").exists()
    assert (tmp_path / "root/d/a").exists()


def test_whiteouts_do_not_leave_the_root(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/victim").touch()
    lower = packed([link("out", "../outside")])
    unpacked(tmp_path / "root", lower, packed([file("out/.wh.victim"), file("out/.wh..wh..opq")]), whiteouts=True)
    assert (tmp_path / "outside/victim").exists()


def test_a_plain_archive_has_no_whiteouts(tmp_path: Path) -> None:
    root = unpacked(tmp_path / "root", packed([file("a", b"1")]), packed([file(".wh.a", b"2")]))
    assert seen(root) == {"a": b"1", ".wh.a": b"2"}


def test_the_digest_is_that_of_all(tmp_path: Path) -> None:
    (tmp_path / "it.tar").write_bytes(packed([file("a")], "w:gz"))
    layer = Layer("it", stream.opened(tmp_path / "it.tar", Bounds()), digest="sha256:" + "0" * 64)
    (tmp_path / "root").mkdir()
    with pytest.raises(SourceError, match=r"it: unpacks to sha256:\w+, but should to sha256:0000"):
        unpack([layer], tmp_path / "root", Bounds())
    with pytest.raises(SourceError, match=r"it\.tar: is sha256:\w+, but should be sha256:1111"):
        with stream.opened(tmp_path / "it.tar", Bounds(), "sha256:" + "1" * 64):
            pass
