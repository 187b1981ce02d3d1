"""Runtimes are built as asked, and copies of one never share a lock file."""

from __future__ import annotations

import os
import subprocess
from errno import ENOSPC
from pathlib import Path

import pytest

from pytest_vessel.errors import Inconclusive
from pytest_vessel.fixtures.runtimes import Tree
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.system.sysroot import Builder, HostPrograms, Layout, copy_hard_linked


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    (tmp_path / "cache").mkdir()
    return Builder(tmp_path / "cache")


def test_merged_usr(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms())
    assert os.access(tmp_path / "rt/libexec/vessel/probe", os.X_OK)
    assert (tmp_path / "rt/.ref").stat().st_mode & 0o777 == 0o644
    assert not (tmp_path / "rt/usr").exists()


def test_complete_root_with_programs_runs(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.COMPLETE_ROOT, HostPrograms(("sh", "cat")))
    root = tmp_path / "rt"
    assert (root / "usr/libexec/vessel/probe").exists()
    assert (root / "bin").is_symlink()
    assert (root / "proc").is_dir()
    done = subprocess.run(
        ["unshare", "-r", "chroot", str(root), "/bin/sh", "-c", "echo from $0 | cat"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "from /bin/sh\n"), done.stderr


def test_programs_of_sbin_stay_there(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms(("/sbin/ldconfig",)))
    assert os.access(tmp_path / "rt/sbin/ldconfig", os.X_OK)


def test_without_lock_file(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms(), ref=False)
    assert not (tmp_path / "rt/.ref").exists()


def test_content_that_was_built_once_is_copied_not_shared(builder: Builder, tmp_path: Path) -> None:
    for name in ("one", "two"):
        builder.build(tmp_path / name, Layout.MERGED_USR, HostPrograms())
    (tmp_path / "one/share/vessel/greeting.txt").write_text("changed")
    assert (tmp_path / "two/share/vessel/greeting.txt").read_text() == "hello from the runtime\n"
    assert len(list((tmp_path / "cache").iterdir())) == 1


class TooLarge:
    """A source for which no disk has room."""

    key = "too-large"

    def fill(self, src: Path, layout: Layout) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))


def test_no_room(builder: Builder, tmp_path: Path) -> None:
    message = f"^{tmp_path}/cache/.*: cannot be filled: No space left on device\n  Make room there, or set TMPDIR"
    with pytest.raises(Inconclusive, match=message):
        builder.build(tmp_path / "rt", Layout.MERGED_USR, TooLarge())


def test_a_program_that_is_not_there(builder: Builder, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="no program 'no-such'"):
        builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms(("no-such",)))


def test_hard_linked_copies_have_their_own_lock_file(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms())
    copy_hard_linked(tmp_path / "rt", tmp_path / "copy")
    probe = "libexec/vessel/probe"
    assert (tmp_path / "rt" / probe).samefile(tmp_path / "copy" / probe)
    assert not (tmp_path / "rt/.ref").samefile(tmp_path / "copy/.ref")
    assert (tmp_path / "copy/share/vessel/link.txt").is_symlink()


def test_the_loader_comes_with_a_program(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms(("cat",)))
    loader = Libraries().closure("/bin/cat").interpreter
    assert loader
    assert (tmp_path / "rt" / Path(loader).relative_to("/")).is_file()


def test_a_script_is_no_program_to_copy(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(Inconclusive, match="is no ELF file"):
        builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms((str(tmp_path / "script"),)))


def test_a_copy_is_written_alone(builder: Builder, tmp_path: Path) -> None:
    builder.build(tmp_path / "rt", Layout.MERGED_USR, HostPrograms())
    original = Tree(tmp_path / "rt", tmp_path / "rt/.ref", Layout.MERGED_USR)
    copy = original.copy(tmp_path / "copy")
    (copy.src / "libexec/vessel/probe").chmod(0o700)
    assert copy.write("share/vessel/link.txt", "changed") == copy.src / "share/vessel/greeting.txt"
    assert (original.src / "share/vessel/greeting.txt").read_text() == "hello from the runtime\n"
    assert (copy.src / "share/vessel/link.txt").is_symlink()
    assert copy.write("share/new", b"new").read_bytes() == b"new"
    with open(copy.detach("libexec/vessel/probe"), "ab") as probe:
        probe.write(b"more")
    assert not (original.src / "libexec/vessel/probe").read_bytes().endswith(b"more")
    assert (copy.src / "libexec/vessel/probe").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (copy.src / "libexec/vessel").iterdir()) == ["probe"]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "way/out", "link"])
def test_a_copy_is_not_written_outside(name: str, tmp_path: Path) -> None:
    (tmp_path / "rt").mkdir()
    (tmp_path / "outside").write_text("as it was")
    (tmp_path / "rt/link").symlink_to("../outside")
    (tmp_path / "rt/way").symlink_to("/tmp")
    with pytest.raises(ValueError, match=f"{name}: leads out of"):
        Tree(tmp_path / "rt", tmp_path / "rt/.ref", Layout.MERGED_USR).write(name, "changed")
    assert (tmp_path / "outside").read_text() == "as it was"
