"""On real files we say what their own loader says: this machine, a root of its files, and large roots of Debian.

`-rP` shows the agreement of each root as a row of the table in docs/closure.md.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import whole_roots
from agreement import answer
from random_roots import ARM64, NARROW, WIDE, Platform
from systems import HOST, SUITES, extract, needs_mmdebstrap
from whole_roots import agreement

from pytest_vessel import sources
from pytest_vessel.system.made_elf import NEEDED, Made
from pytest_vessel.system.sysroot import HostPrograms, Layout, build

PACKAGES = (
    *("systemd", "python3", "perl", "clang", "libgl1-mesa-dri", "mesa-vulkan-drivers", "python3-pyqt5", "samba"),
    *("default-jre", "libreoffice-core", "ffmpeg", "guile-3.0", "libc6-i386", "lib32stdc++6", "musl"),
    *("firefox-esr", "postgresql", "r-base-core", "mono-runtime", "gstreamer1.0-plugins-bad", "emacs-nox", "php-cli"),
)
OF_EACH_MACHINE = (
    *("libgtk-3-0", "libgl1-mesa-dri", "mesa-vulkan-drivers", "libqt5gui5", "samba-libs", "libcurl4"),
    *("libgstreamer-plugins-base1.0-0", "libpulse0", "libsdl2-2.0-0", "libavformat59"),
)

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="loaders are asked in bubblewrap")
needs_emulator = pytest.mark.skipif(not shutil.which(ARM64.emulator), reason="Debian has it as qemu-user-static")


def check(root: Path, folders: Sequence[str] = ("",), platforms: Sequence[Platform] = (WIDE, NARROW)) -> None:
    found = agreement(root, folders, platforms)
    print(found)
    assert not found.wrong, f"{found}\n" + "\n".join(found.wrong[:5])
    assert found.listed > 10


def test_this_machine() -> None:
    check(HOST, ("usr", "opt"))


def test_a_root_of_copied_files(tmp_path: Path) -> None:
    root = tmp_path / "root"
    build(root, Layout.COMPLETE_ROOT, HostPrograms(("bash", "ls", "tar", "find", "mount", "ldconfig")))
    check(root)
    subprocess.run(["/sbin/ldconfig", "-r", str(root)], check=True)
    assert (root / "etc/ld.so.cache").exists()
    check(root)


def test_another_order_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "root", Layout.COMPLETE_ROOT, HostPrograms(("ls",)))
    monkeypatch.setattr(whole_roots, "answer", lambda *asked: [*reversed(answer(*asked) or [])])
    (wrong,) = (one for one in agreement(tmp_path / "root").wrong if "/bin/ls" in one)
    assert "ours:" in wrong


def test_an_empty_interpreter(tmp_path: Path) -> None:
    """Some wheels hold Qt's libraries with one. The loader, which goes by that name then, shows the library's."""
    build(tmp_path / "root", Layout.COMPLETE_ROOT, HostPrograms(("ls",)))
    made = Made([(NEEDED, "ld-linux-x86-64.so.2")], interpreter="/empty").content
    (tmp_path / "root/usr/lib/libmade.so").write_bytes(made.replace(b"/empty", bytes(6)))
    found = agreement(tmp_path / "root")
    assert (found.exceptions["empty interpreter"], found.wrong) == (1, [])


@pytest.mark.full
@needs_mmdebstrap
@pytest.mark.parametrize("suite", SUITES)
def test_a_root_of_debian(suite: str, vessel_work: Path) -> None:
    build(vessel_work / "root", Layout.COMPLETE_ROOT, sources.debian(suite, PACKAGES))
    check(vessel_work / "root")


@pytest.mark.full
@needs_mmdebstrap
@pytest.mark.parametrize(
    ("architectures", "platforms"),
    [
        pytest.param(("amd64", "i386"), (WIDE, NARROW), id="amd64-i386"),
        pytest.param(("arm64",), (ARM64,), id="arm64", marks=needs_emulator),
    ],
)
def test_a_root_of_other_machines(
    architectures: Sequence[str], platforms: Sequence[Platform], vessel_work: Path
) -> None:
    packages = [f"{name}:{architecture}" for architecture in architectures for name in OF_EACH_MACHINE]
    programs = [f"{name}:{architectures[-1]}" for name in ("gdb", "vlc-bin", "systemd", "coreutils")]
    extract(vessel_work / "root", "bookworm", [*packages, *programs], architectures, platforms[0].emulator)
    check(vessel_work / "root", platforms=platforms)
