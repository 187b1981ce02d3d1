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
from systems import HOST, SUITES, needs_mmdebstrap
from whole_roots import agreement

from pytest_vessel import sources
from pytest_vessel.system.sysroot import HostPrograms, Layout, build

PACKAGES = (
    *("systemd", "python3", "perl", "clang", "libgl1-mesa-dri", "mesa-vulkan-drivers", "python3-pyqt5", "samba"),
    *("default-jre", "libreoffice-core", "ffmpeg", "guile-3.0", "libc6-i386", "lib32stdc++6", "musl"),
    *("firefox-esr", "postgresql", "r-base-core", "mono-runtime", "gstreamer1.0-plugins-bad", "emacs-nox", "php-cli"),
)

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="loaders are asked in bubblewrap")


def check(root: Path, folders: Sequence[str] = ("",)) -> None:
    found = agreement(root, folders)
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


@pytest.mark.full
@needs_mmdebstrap
@pytest.mark.parametrize("suite", SUITES)
def test_a_root_of_debian(suite: str, vessel_work: Path) -> None:
    build(vessel_work / "root", Layout.COMPLETE_ROOT, sources.debian(suite, PACKAGES))
    check(vessel_work / "root")
