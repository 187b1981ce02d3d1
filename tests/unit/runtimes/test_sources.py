"""Each source gives a runtime of either layout, with probe and lock file; nothing of it leads back to where it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from made_archives import Member, file, folder, hard, link, packed, seen, unpacked

from pytest_vessel import sources
from pytest_vessel.errors import Inconclusive, SourceError
from pytest_vessel.runtimes import debian, place, stream
from pytest_vessel.system import compile
from pytest_vessel.system.sysroot import Builder, HostPrograms, Layout, build

MERGED, COMPLETE = Layout.MERGED_USR, Layout.COMPLETE_ROOT
ROOT = [
    file("usr/bin/tool", b"tool", 0o755),
    link("bin", "usr/bin"),
    file("etc/conf", b"conf"),
    file(".ref", b"theirs"),
]
USR = [file("bin/tool", b"tool", 0o755), file("share/doc", b"doc"), file(".ref", b"theirs")]
OURS = {"libexec/vessel/probe", "share/vessel/greeting.txt", "share/vessel/link.txt", "share/vessel/empty"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(place, "cache_folder", lambda: tmp_path)
    return tmp_path / "roots"


def archive(tmp_path: Path, members: list[Member]) -> Path:
    (tmp_path / "it.tar").write_bytes(packed(members))
    return tmp_path / "it.tar"


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("kind", ["archive", "folder"])
@pytest.mark.parametrize("members", [ROOT, USR], ids=["root", "usr"])
def test_layouts(layout: Layout, kind: str, members: list[Member], cache: Path, tmp_path: Path) -> None:
    if kind == "archive":
        source = sources.archive(archive(tmp_path, members))
    else:
        source = sources.folder(unpacked(tmp_path / "it", packed(members)))
    build(tmp_path / "rt", layout, source)
    usr = layout.usr(tmp_path / "rt")
    assert (usr / "bin/tool").read_bytes() == b"tool"
    assert set(seen(usr)) >= OURS
    assert (tmp_path / "rt/.ref").read_bytes() == b""
    if layout is COMPLETE:
        assert (tmp_path / "rt/bin").readlink() == Path("usr/bin")
        assert (tmp_path / "rt/proc").is_dir()
        assert (tmp_path / "rt/etc/conf").exists() == (members is ROOT)
    else:
        assert not (tmp_path / "rt/etc").exists()


def test_it_runs(cache: Path, tmp_path: Path) -> None:
    build(tmp_path / "first", COMPLETE, HostPrograms(("sh",)))
    with tarfile.open(tmp_path / "it.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "first", ".")
    build(tmp_path / "second", COMPLETE, sources.archive(tmp_path / "it.tar.gz"))
    argv = ["unshare", "-r", "chroot", str(tmp_path / "second"), "/bin/sh", "-c", "echo $0"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "/bin/sh\n"


def test_a_root_that_is_no_merged_usr(cache: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, [folder("usr"), file("bin/sh")])
    with pytest.raises(SourceError, match="has a folder bin beside usr, so it is no merged /usr\n  Ask for the layout"):
        build(tmp_path / "rt", MERGED, sources.archive(path))
    build(tmp_path / "complete", COMPLETE, sources.archive(path))
    assert (tmp_path / "complete/bin/sh").is_file()


HOSTILE = {
    "usr": [link("usr", "OUTSIDE")],
    "libexec": [link("usr/libexec", "OUTSIDE")],
    "vessel": [link("usr/share/vessel", "OUTSIDE")],
    "libexec is a file": [file("usr/libexec")],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_probe_goes_nowhere_else(kind: str, cache: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for info, _ in HOSTILE[kind]:
        info.linkname = info.linkname and str(outside)
    path = archive(tmp_path, HOSTILE[kind])
    for layout in Layout:
        with pytest.raises(SourceError, match=r"is no folder|has no folder usr"):
            build(tmp_path / layout, layout, sources.archive(path))
    assert not list(outside.iterdir())


def test_what_lies_where_ours_goes_is_replaced(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("as it was")
    victim = str(tmp_path / "victim")
    members = [link(name, victim) for name in (".ref", "usr/share/vessel/greeting.txt", "usr/share/vessel/link.txt")]
    path = archive(tmp_path, [*members, folder("usr/libexec/vessel/probe/x")])
    build(tmp_path / "rt", COMPLETE, sources.archive(path))
    assert (tmp_path / "victim").read_text() == "as it was"
    assert os.access(tmp_path / "rt/usr/libexec/vessel/probe", os.X_OK)
    assert not (tmp_path / "rt/.ref").is_symlink()


def test_nothing_leads_back_to_the_cache(cache: Path, tmp_path: Path) -> None:
    path = archive(tmp_path, [*ROOT, hard("usr/again", "usr/bin/tool")])
    builder = Builder(tmp_path)
    for name in ("one", "two"):
        builder.build(tmp_path / name, COMPLETE, sources.archive(path))
        for found in (tmp_path / name).rglob("*"):
            assert found.is_dir() or found.lstat().st_nlink == 1
        (tmp_path / name / "usr/bin/tool").write_text("changed")
    build(tmp_path / "three", COMPLETE, sources.archive(path))
    assert (tmp_path / "three/usr/bin/tool").read_bytes() == b"tool"


def test_another_archive_at_the_same_place(cache: Path, tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    for content in (b"first", b"later"):
        path = archive(tmp_path, [file("usr/it", content)])
        builder.build(tmp_path / content.decode(), COMPLETE, sources.archive(path))
        assert (tmp_path / content.decode() / "usr/it").read_bytes() == content


def test_an_archive_that_changes_while_it_is_read(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, ROOT)
    monkeypatch.setattr(stream, "digest_at", lambda path: "sha256:of what was there before")
    with pytest.raises(SourceError, match=r"it\.tar: is sha256:\w+, but should be sha256:of what was there before"):
        build(tmp_path / "rt", COMPLETE, sources.archive(path))
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_a_folder_that_changes(tmp_path: Path) -> None:
    (tmp_path / "it/bin").mkdir(parents=True)
    os.mkfifo(tmp_path / "it/fifo")
    key = sources.folder(tmp_path / "it").key
    build(tmp_path / "one", MERGED, sources.folder(tmp_path / "it"))
    assert not (tmp_path / "one/fifo").exists()
    shutil.copy(compile.probe(), tmp_path / "it/bin/su")
    (tmp_path / "it/bin/su").chmod(0o4755)
    (tmp_path / "it/bin").chmod(0o2555)
    assert sources.folder(tmp_path / "it").key != key
    build(tmp_path / "two", MERGED, sources.folder(tmp_path / "it"))
    modes = [(tmp_path / name).stat().st_mode & 0o7777 for name in ("two/bin/su", "two/bin")]
    assert modes == [0o755, 0o755]
    with pytest.raises(SourceError, match="none: cannot be read: No such file"):
        assert sources.folder(tmp_path / "none").key


def test_programs(tmp_path: Path) -> None:
    build(tmp_path / "rt", MERGED, sources.programs("cat"))
    assert os.access(tmp_path / "rt/bin/cat", os.X_OK)


def test_debian_without_mmdebstrap(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Inconclusive, match="mmdebstrap is not installed\n  apt install mmdebstrap"):
        build(tmp_path / "rt", MERGED, sources.debian("bookworm"))


@pytest.mark.parametrize("name", ["", "-x", "a b", "../x", "a,b"])
def test_no_names_of_suites_or_packages(name: str) -> None:
    with pytest.raises(SourceError, match="is no name of a suite or package"):
        sources.debian(name)
    with pytest.raises(SourceError, match="is no name of a suite or package"):
        sources.debian("bookworm", [name])


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **programs: str) -> None:
    for name, script in programs.items():
        path = tmp_path / "programs" / name.replace("_", "-")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}:/usr/bin:/bin")


APT = {
    "apt_get": "echo Packages http://x/security bookworm-security main; echo Packages http://x/debian bookworm main; "
    "echo Packages http://x/contrib trixie contrib; echo Packages http://x/new trixie main",
    "apt_config": "echo 'Acquire::http::Proxy \"http://proxy\";'; echo 'Acquire::Retries \"3\";'",
}


def test_mirrors_of_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, **APT)
    assert debian.mirror("trixie") == "http://x/new"
    assert debian.mirror("sid") == "http://x/debian"
    fake(tmp_path, monkeypatch, apt_get=":")
    with pytest.raises(Inconclusive, match="apt of this machine has no mirror of Debian"):
        debian.mirror("trixie")


def test_what_mmdebstrap_is_told_and_writes(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, ROOT)
    fake(tmp_path, monkeypatch, **APT, mmdebstrap=f'printf "%s\\n" "$@" >{tmp_path}/told; cat {path}')
    build(tmp_path / "rt", MERGED, sources.debian("trixie", ["bash", "libc6"]))
    told = (tmp_path / "told").read_text().splitlines()
    assert told[-3:] == ["trixie", "-", "deb http://x/new trixie main"]
    assert {"--include=bash,libc6", '--aptopt=Acquire::http::Proxy "http://proxy";'} < set(told)
    assert (tmp_path / "rt/bin/tool").read_bytes() == b"tool"
    fake(tmp_path, monkeypatch, mmdebstrap="exit 1")
    build(tmp_path / "again", COMPLETE, sources.debian("trixie", ["libc6", "bash"]))
    assert (tmp_path / "again/etc/conf").is_file()


@pytest.mark.parametrize(
    ("script", "error", "message"),
    [
        ("echo I: x >&2; echo E: no suite >&2; exit 2", Inconclusive, "could not make debian:sid: E: no suite"),
        ("cat {path}; exit 3", Inconclusive, "could not make debian:sid: status 3"),
        ("cat {hostile}; exec sleep 600", SourceError, "Debian sid: member '/x': has the absolute name"),
        ("echo no archive", SourceError, "Debian sid: cannot be unpacked"),
    ],
)
def test_what_mmdebstrap_does_wrong(
    script: str, error: type[Exception], message: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hostile = archive(tmp_path, ROOT), tmp_path / "hostile.tar"
    hostile.write_bytes(packed([file("/x")]))
    fake(tmp_path, monkeypatch, **APT, mmdebstrap=script.format(path=path, hostile=hostile))
    with pytest.raises(error, match=message):
        build(tmp_path / "rt", MERGED, sources.debian("sid"))
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


@pytest.mark.full
def test_debian(cache: Path, tmp_path: Path) -> None:
    build(tmp_path / "rt", COMPLETE, sources.debian("bookworm", ["jq"]))
    argv = ["unshare", "-r", "chroot", str(tmp_path / "rt"), "/usr/bin/jq", "-n", "6 * 7"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "42\n"
    build(tmp_path / "usr", MERGED, sources.debian("bookworm", ["jq"]))
    assert os.access(tmp_path / "usr/bin/jq", os.X_OK)
