"""On real files we say what their own loader says: this machine, and a root that is made of its files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from agreement import cases_of_files, disagreements

from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.libraries.elf import read
from pytest_vessel.system.sysroot import HostPrograms, Layout, build

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/libexec", "/usr/local", "/opt")
SAMPLE = 250
LOADERS = {64: "/lib64/ld-linux-x86-64.so.2", 32: "/lib/ld-linux.so.2"}
MACHINES = {(62, 64), (3, 32)}

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="loaders are asked in bubblewrap")


def dynamic_files(root: Path, *folders: str) -> Iterator[tuple[str, str]]:
    """Dynamic files for glibc on this machine's processor, and the loader of each: its own path for what names none."""
    for folder in folders:
        for at, _, names in os.walk(root / folder.lstrip("/")):
            for name in names:
                path = Path(at, name)
                if path.is_file() and not path.is_symlink() and (loader := loader_of(path)):
                    yield f"/{path.relative_to(root)}", loader


def loader_of(path: Path) -> str:
    """Empty where there is nothing to ask: no ELF file, debug symbols, a static one, another machine's, musl."""
    if path.suffix == ".debug":
        return ""
    with path.open("rb") as file:
        start = file.read(18)
        if start[:4] != b"\x7fELF" or start[7] not in (0, 3) or start[16:] not in (b"\2\0", b"\3\0"):
            return ""
        elf = read(file.fileno(), str(path))
    if elf is None or not elf.needs or (elf.abi.machine, elf.abi.bits) not in MACHINES:
        return ""
    names_musl = "musl" in (elf.interpreter or "") or any(need.name == "libc.so" for need in elf.needs)
    return "" if names_musl else elf.interpreter or LOADERS[elf.abi.bits]


def check(root: Path, files: dict[str, str]) -> None:
    libraries = Libraries(root)
    cases = cases_of_files("", libraries, list(files), files.__getitem__)
    assert not (wrong := disagreements(root, cases)), f"{len(wrong)} of {len(cases)}: " + "\n".join(wrong[:5])
    assert any(case.ours for case in cases)


def test_files_of_this_machine() -> None:
    every = sorted(dynamic_files(Path("/"), "/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib32"))
    check(Path("/"), dict(every[:: max(1, len(every) // SAMPLE)]))


@pytest.mark.full
def test_all_files_of_this_machine() -> None:
    check(Path("/"), dict(dynamic_files(Path("/"), *FOLDERS)))


def test_a_root_of_copied_files(tmp_path: Path) -> None:
    build(
        tmp_path / "root",
        Layout.COMPLETE_ROOT,
        HostPrograms(("bash", "ls", "tar", "find", "mount", "ldconfig")),
    )
    files = dict(dynamic_files(tmp_path / "root", "/usr"))
    assert len(files) > 10
    check(tmp_path / "root", files)
    subprocess.run(["/sbin/ldconfig", "-r", str(tmp_path / "root")], check=True)
    assert (tmp_path / "root/etc/ld.so.cache").exists()
    check(tmp_path / "root", files)


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="roots of Debian are made by mmdebstrap")
def test_a_root_of_debian(tmp_path: Path) -> None:
    packages = "python3,git,perl,openssh-client,libgtk-3-0,ffmpeg,libpulse0,systemd,samba-libs"
    argv = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", str(tmp_path / "root")]
    subprocess.run(argv, check=True)
    check(tmp_path / "root", dict(dynamic_files(tmp_path / "root", "/usr", "/opt")))
