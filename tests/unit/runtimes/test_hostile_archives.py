"""Whatever an archive holds: nothing outside of its root is touched, nothing stays, the message names the member."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
from errno import ENOSPC
from pathlib import Path

import pytest
from made_archives import Member, file, folder, hard, link, packed, seen, special, unpacked

from pytest_vessel import sources
from pytest_vessel.errors import SourceError
from pytest_vessel.runtimes import place
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.root import Root
from pytest_vessel.system.sysroot import Layout, build


def sparse(content: bytes) -> Member:
    info = tarfile.TarInfo("sparse")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 50)}
    content = content.ljust(512, b"\0")
    info.size = len(content)
    return info, content


REFUSED = {
    "absolute": ([file("/tmp/planted")], "member '/tmp/planted': has the absolute name"),
    "dots": ([file("a/../../planted")], "member 'a/../../planted': has '..'"),
    "dots in a hard link": ([hard("a", "../outside/victim")], "member 'a': has '..' in the name '../outside"),
    "absolute hard link": ([hard("a", "/etc/passwd")], "member 'a': has the absolute name '/etc/passwd'"),
    "hard link to nothing": ([hard("a", "b")], "member 'a': is a hard link to 'b', which is not there"),
    "hard link to itself": ([file("a"), hard("a", "a")], "member 'a': is a hard link to 'a', which is not there"),
    "hard link to what it replaces": ([file("a/b"), hard("a", "a/b")], "member 'a': is a hard link to 'a/b', which"),
    "hard link to a folder": ([folder("a"), hard("b", "a")], "member 'b': is a hard link to the folder 'a'"),
    "hard link to the root": ([hard("b", ".")], "member 'b': is a hard link to the root"),
    "hard link through a link": (
        [link("out", "../outside"), hard("a", "out/victim")],
        "member 'a': is a hard link to 'out/victim', which is not there",
    ),
    "below a file": ([file("a"), file("a/b")], "member 'a/b': lies below 'a', which is a file"),
    "the root is a file": ([file(".")], "member '.': stands for the root"),
    "the root is a link": ([link("./", "/etc")], "member './': stands for the root"),
    "circle of links": ([link("a", "b"), link("b", "a"), file("a/c")], "goes through more than 40 symbolic links"),
    "too deep": ([file("a/" * 64 + "b")], "lies deeper than 64 folders"),
    "too deep through links": (
        [folder("/".join("a" * 60)[:119]), link("l", "/".join("a" * 60)), file("l/b/b/b/b/b")],
        "lies deeper than 64 folders",
    ),
    "long path": ([file("/".join(["x" * 200] * 11))], "has a path of more than 2048 bytes"),
    "long name": ([file("x" * 256)], "cannot be unpacked: .*File name too long"),
    "unknown kind": ([special("a", b"V")], "member 'a': is of the unknown kind b'V'"),
    "sparse": ([sparse(b"0\n")], "takes what is unpacked to more than"),
}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/victim").write_text("as it was")
    return tmp_path / "outside"


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str, tmp_path: Path, victim: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members, message = REFUSED[kind]
    monkeypatch.setattr(place, "cache_folder", lambda: tmp_path)
    (tmp_path / "it.tar").write_bytes(packed([file("before"), *members]))
    with pytest.raises(SourceError, match=message) as caught:
        build(tmp_path / "rt", Layout.COMPLETE_ROOT, sources.archive(tmp_path / "it.tar"))
    assert str(tmp_path / "it.tar") in caught.value.where
    assert seen(victim) == {"victim": b"as it was"}
    assert [path.suffix for path in (tmp_path / "roots").iterdir()] == [".lock"]
    assert sorted(os.listdir(tmp_path)) == ["it.tar", "outside", "roots", "rt"]


THROUGH_LINKS: dict[str, list[Member]] = {
    "absolute link": [link("etc", "/outside"), file("etc/victim", b"new")],
    "relative link": [link("etc", "../../../../outside"), file("etc/victim", b"new")],
    "links in links": [link("a", "."), link("a/b", "../outside"), file("a/b/victim", b"new")],
    "link and folder": [link("etc", "../outside"), folder("etc/victim2"), file("etc/victim", b"new")],
    "link to the file": [link("victim", "../outside/victim"), file("victim", b"new")],
    "replaced folder": [folder("a"), file("a/victim", b"old"), link("a", "../outside"), file("a/victim", b"new")],
}


@pytest.mark.parametrize("kind", THROUGH_LINKS)
@pytest.mark.parametrize("layers", ["one", "each its own"])
def test_links_lead_where_they_lead_inside(kind: str, layers: str, tmp_path: Path, victim: Path) -> None:
    members = THROUGH_LINKS[kind]
    archives = [packed(members)] if layers == "one" else [packed([member]) for member in members]
    root = unpacked(tmp_path / "root", *archives)
    assert seen(victim) == {"victim": b"as it was"}
    assert b"new" in seen(root).values()


def test_what_is_left_out(tmp_path: Path) -> None:
    kinds = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    members = [special(f"dev/{kind!r}", kind) for kind in kinds]
    root = unpacked(tmp_path / "root", packed([folder("dev"), *members, hard("again", f"dev/{kinds[0]!r}")]))
    assert seen(root) == {"dev": None}


def test_bits_that_give_rights_are_dropped(tmp_path: Path) -> None:
    root = unpacked(tmp_path / "root", packed([file("su", mode=0o6755), folder("d", 0o7777), file("none", mode=0)]))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in root.iterdir()}
    assert modes == {"su": 0o755, "d": 0o1777, "none": 0o400}


def bomb() -> bytes:
    return packed([file("zeros", bytes(1 << 20))], "w:gz")


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        (Bounds(size_bytes=1 << 19), "it-1.tar: member 'zeros': takes what is unpacked to more than 524288 bytes"),
        (
            Bounds(ratio=10, ratio_from_bytes=1 << 16),
            "it-1.tar: member 'zeros': unpacks to more than 10 times its size",
        ),
    ],
)
def test_bombs(bounds: Bounds, message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=message):
        unpacked(tmp_path / "it", bomb(), bounds=bounds)


def test_bomb_of_members(tmp_path: Path) -> None:
    members = [folder(f"f{number}") for number in range(4)]
    with pytest.raises(SourceError, match="member 'f3': comes after 3 others: too many"):
        unpacked(tmp_path / "it", packed(members[:2]), packed(members[2:]), bounds=Bounds(members=3))


def test_bomb_of_hard_links(tmp_path: Path) -> None:
    members = [file("a", bytes(2500)), hard("b", "a"), hard("c", "a")]
    with pytest.raises(SourceError, match="member 'c': takes what is unpacked to more than 6000 bytes"):
        unpacked(tmp_path / "it", packed(members, "w:gz"), bounds=Bounds(size_bytes=6000))


def test_bomb_after_the_end(tmp_path: Path) -> None:
    content = gzip.compress(packed([file("a")]) + bytes(1 << 22))
    with pytest.raises(SourceError, match=r"it-1\.tar: unpacks to more than 1048576 bytes"):
        unpacked(tmp_path / "it", content, bounds=Bounds(size_bytes=1 << 20))


@pytest.mark.parametrize(
    ("size_bytes", "count", "message"), [(1 << 40, 1, "has a header of more than"), (0, 5000, "cannot be unpacked")]
)
def test_headers_of_headers(size_bytes: int, count: int, message: str, tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, size_bytes
    with pytest.raises(SourceError, match=rf"it-1\.tar: {message}"):
        unpacked(tmp_path / "it", info.tobuf(tarfile.GNU_FORMAT) * count)


def test_maps_of_holes_without_end(tmp_path: Path) -> None:
    info = tarfile.TarInfo("old")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1  # more of the map follows
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    for number, content in enumerate((packed([sparse(b"9999\n0\n")])[:-8192], bytes(header)), 1):
        with pytest.raises(SourceError, match="cannot be unpacked"):
            unpacked(tmp_path / f"it{number}", content)


def test_a_negative_size(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a")
    info.size = -2048
    with pytest.raises(SourceError, match=r"has headers that lead back|cannot be unpacked"):
        unpacked(tmp_path / "it", packed([file("b")])[:512] + info.tobuf(tarfile.GNU_FORMAT) + bytes(4096))


def test_global_headers(tmp_path: Path) -> None:
    made = io.BytesIO()
    headers = {f"key{number}": "x" for number in range(100)}
    with tarfile.open(fileobj=made, mode="w:", format=tarfile.PAX_FORMAT, pax_headers=headers) as tar:
        tar.addfile(tarfile.TarInfo("a"))
    with pytest.raises(SourceError, match="too many"):
        unpacked(tmp_path / "it", made.getvalue())


@pytest.mark.parametrize("pack", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_damaged(pack: str, tmp_path: Path) -> None:
    whole = packed([file("a", os.urandom(20_000)), file("b", os.urandom(20_000))], pack)
    with pytest.raises(SourceError, match=r"it-1\.tar: .*cannot be unpacked"):
        unpacked(tmp_path / "it", whole[:30_000])


def test_no_archive(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"#!/bin/sh\n", os.urandom(3000), b"\x1f\x8b" + bytes(600)), 1):
        with pytest.raises(SourceError, match=rf"it{number}-1\.tar: cannot be unpacked"):
            unpacked(tmp_path / f"it{number}", content)


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def file_of_a_full_disk(*_args: object) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr(Root, "file", file_of_a_full_disk)
    with pytest.raises(SourceError, match=r"member 'a': cannot be unpacked: .*No space left on device\n  Make room in"):
        unpacked(tmp_path / "it", packed([file("a")]))


def test_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SourceError, match="fifo: is no regular file"):
        assert sources.archive(tmp_path / "fifo").key
    with pytest.raises(SourceError, match=f"{tmp_path}: is no regular file"):
        assert sources.archive(tmp_path).key
    with pytest.raises(SourceError, match="none: cannot be opened: No such file"):
        assert sources.archive(tmp_path / "none").key
