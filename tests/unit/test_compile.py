"""Where the static probe comes from: the wheel, the cache, a compiler."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import resources, util
from pathlib import Path

import pytest

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system import compile as compiling
from pytest_vessel.system.compile import FLAGS, MACHINES, build, cache_folder, compilers, probe

MACHINE = os.uname().machine
OTHER_MACHINE = next(machine for machine in MACHINES if machine != MACHINE)
SOURCE = Path(str(resources.files("pytest_vessel.fixtures"))) / "sources" / "probe.c"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no compiler of the caller's choice."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)
    return tmp_path / "cache" / "pytest-vessel"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of fixtures that a wheel could have installed, without a carried probe yet."""
    package = tmp_path / "package"
    (package / "sources").mkdir(parents=True)
    (package / "probe").mkdir()
    (package / "sources" / "probe.c").write_bytes(SOURCE.read_bytes())
    monkeypatch.setattr(resources, "files", lambda name: package)
    return package


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(util, "find_spec", lambda name: None)


def fake_compiler(folder: Path, script: str) -> Path:
    fake = folder / "fake-cc"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    return fake


def speaks(path: Path) -> bool:
    done = subprocess.run([path, "talk", "x"], stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0 and done.stdout.startswith(b"vessel-ready x ")


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_builds_a_program_that_works_and_that_others_may_run(cache: Path) -> None:
    before = os.umask(0o077)
    try:
        built = probe()
    finally:
        os.umask(before)
    assert speaks(built)
    assert stat.S_IMODE(built.stat().st_mode) == 0o755
    assert built.parent == cache
    assert contents(cache) == [built.name]


def test_second_use_runs_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    built = probe()
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert probe() == built


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", b"#!/bin/sh\n"])
def test_damaged_file_in_the_cache_is_replaced(damage: bytes) -> None:
    built = probe()
    built.write_bytes(damage)
    assert probe() == built
    assert speaks(built)


def test_another_source_is_another_file(package: Path) -> None:
    first = probe()
    (package / "sources" / "probe.c").write_bytes(SOURCE.read_bytes() + b"\n/* changed */\n")
    assert probe() != first


def test_another_flag_is_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    first = probe()
    monkeypatch.setattr(compiling, "FLAGS", (*FLAGS, "-O1"))
    assert probe() != first


def test_cc_comes_first_and_may_have_arguments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "some-cc -march=native")
    assert next(iter(compilers(MACHINE))) == ("some-cc", "-march=native")
    fake = fake_compiler(tmp_path, f'echo "$1" > {tmp_path}/seen; shift; exec cc "$@"')
    monkeypatch.setenv("CC", f"{fake} --mine")
    assert speaks(probe())
    assert (tmp_path / "seen").read_text() == "--mine\n"


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "echo nonsense; kill -9 $$"])
def test_broken_cc_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path, script: str) -> None:
    monkeypatch.setenv("CC", str(fake_compiler(tmp_path, script)))
    built = probe()
    assert speaks(built)
    assert contents(cache) == [built.name]


def test_without_compiler_it_is_inconclusive_and_says_the_mend(no_compiler: None) -> None:
    with pytest.raises(Inconclusive, match=f"no static probe for {MACHINE}") as caught:
        probe()
    assert "apt install gcc" in caught.value.mend
    assert "cc: not installed; gcc: not installed" in caught.value.what


def test_what_a_compiler_says_is_told(no_compiler: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = fake_compiler(tmp_path, "echo 'note: hello' >&2; echo 'x.c:1: error: too old' >&2; exit 1")
    monkeypatch.setenv("CC", str(fake))
    with pytest.raises(Inconclusive, match=r"fake-cc: x\.c:1: error: too old; cc: not installed"):
        probe()


def test_program_that_is_not_static_is_refused(
    no_compiler: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = 'while [ "$1" != -o ]; do shift; done; read -r _ < /dev/null; exec /bin/cp /bin/sh "$2"'
    monkeypatch.setenv("CC", str(fake_compiler(tmp_path, script)))
    with pytest.raises(Inconclusive, match="did not make a static program"):
        probe()


def test_unknown_machine_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no static probe for vax: the probe knows x86_64 and aarch64"):
        probe("vax")


def test_another_machine_is_never_built_by_cc(no_compiler: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "cc")
    assert ("cc",) not in compilers(OTHER_MACHINE)
    with pytest.raises(Inconclusive, match=f"no static probe for {OTHER_MACHINE}"):
        probe(OTHER_MACHINE)


@pytest.fixture
def carried(package: Path) -> Path:
    carried = package / "probe" / f"probe-{MACHINE}"
    build(SOURCE, carried, MACHINE)
    return carried


def test_carried_probe_is_used_as_it_is(carried: Path, cache: Path, no_compiler: None) -> None:
    assert probe() == carried
    assert not cache.exists()


def test_carried_probe_that_others_cannot_run_is_copied(carried: Path, cache: Path, no_compiler: None) -> None:
    carried.chmod(0o711)
    copy = probe()
    assert copy.parent == cache
    assert copy.read_bytes() == carried.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o755
    assert probe() == copy
    assert contents(cache) == [copy.name]


def test_carried_probe_of_another_machine_is_not_used(carried: Path) -> None:
    carried.with_name(f"probe-{OTHER_MACHINE}").write_bytes(carried.read_bytes())
    carried.write_bytes(b"\x7fELF")
    assert probe() != carried


def test_build_leaves_nothing_beside_its_target(tmp_path: Path) -> None:
    target = tmp_path / "out" / "the-probe"
    target.parent.mkdir()
    build(SOURCE, target, MACHINE)
    build(SOURCE, target, MACHINE)
    assert contents(target.parent) == ["the-probe"]
    assert speaks(target)


def test_build_is_reproducible(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    build(SOURCE, one, MACHINE)
    build(SOURCE, other, MACHINE)
    assert one.read_bytes() == other.read_bytes()


def test_many_at_once_get_the_same_whole_file(cache: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        built = set(pool.map(lambda _: probe(), range(8)))
    assert len(built) == 1
    assert speaks(built.pop())
    assert len(contents(cache)) == 1


def test_cache_is_below_home_without_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "pytest-vessel"


def test_home_that_does_not_exist_is_not_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert cache_folder().parent == tmp_path
    assert not (tmp_path / "home").exists()


def test_cache_is_private_where_home_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    folder = cache_folder()
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("trap", ["open to others", "link", "file"])
def test_folder_that_others_could_write_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trap: str) -> None:
    planted = tmp_path / f"pytest-vessel-cache-{os.getuid()}"
    if trap == "link":
        planted.symlink_to(tmp_path)
    elif trap == "file":
        planted.touch()
    else:
        planted.mkdir()
        planted.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(Inconclusive, match="no folder to keep the probe in"):
        cache_folder()


def test_import_is_light() -> None:
    code = "import sys, pytest_vessel.system.compile; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
