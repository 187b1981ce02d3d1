"""Overrides of the reference: the folder, libraries, what belongs to libc, and what is to go from the copy."""

from __future__ import annotations

import os

import pytest
from copy_world import content, copies
from overrides_world import AMD64, I386, INSIDE, LIB, LIB32, LOADERS, OVR, World, library, on_amd64
from reference_world import LAYOUTS, snapshot

from pytest_vessel.system.made_elf import SONAME, Made

pytestmark = on_amd64


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_a_copy_without_a_provider_has_an_empty_folder(world):
    runtime = world.runtime({"libGL.so.1": library("libGL.so.1")})
    copy = world.copy("--provider=")
    assert copy.tree() == {}
    assert (copy.path / "overrides").readlink().as_posix() == OVR
    assert content(copy.path) == content(runtime)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_libraries_and_what_they_need_are_links_to_the_file_itself(world, layout):
    gl = library("libGL.so.1", "libz.so.1")
    world.provider({"libGL.so.1.7": gl, "libGL.so.1": "libGL.so.1.7", "libz.so.1": library("libz.so.1")})
    world.runtime({})
    if layout == "merged-usr":
        world.merge_usr()
    copy = world.copy()
    assert copy.libraries() == {"libGL.so.1": f"{INSIDE}/libGL.so.1.7", "libz.so.1": f"{INSIDE}/libz.so.1"}
    assert (copy.path / f"overrides/lib/{AMD64}/libz.so.1").is_symlink()


@pytest.mark.parametrize(
    ("theirs", "ours", "taken"), [("1.3", "1.2", True), ("1.2", "1.2", True), ("1.2", "1.10", False)]
)
def test_the_newer_library_wins_and_its_loser_goes(world, theirs, ours, taken):
    z = library("libz.so.1")
    world.provider(
        {"libGL.so.1": library("libGL.so.1", "libz.so.1"), f"libz.so.{theirs}": z, "libz.so.1": f"libz.so.{theirs}"}
    )
    runtime = world.runtime({f"libz.so.{ours}": z, "libz.so.1": f"libz.so.{ours}", "libz.so": "libz.so.1"})
    before = snapshot(runtime)
    copy = world.copy()
    assert ("libz.so.1" in copy.libraries()) is taken
    assert [os.path.lexists(copy.path / LIB / name) for name in (f"libz.so.{ours}", "libz.so.1", "libz.so")] == [
        not taken
    ] * 3
    assert snapshot(runtime) == before


def test_only_what_is_overridden_goes(world):
    world.provider({"libGL.so.1": library("libGL.so.1")})
    theirs = {
        "libGLX.so.0": library("libGLX.so.0"),
        "libGL.so.1": library("libGL.so.1"),
        "libGL-other.so": library("libGL.so.1"),
        f"{LIB}/glibc-hwcaps/x86-64-v2/libGL.so.1": library("libGL.so.1"),
        "usr/lib/libGL.so.1": library("libGL.so.1", bits=32),
        f"{LIB}/notes.so.txt": b"a text",
    }
    world.runtime(theirs)
    copy = world.copy()
    left = {path for path in (copy.path / "usr/lib").rglob("*") if path.is_file() and OVR not in str(path)}
    names = {str(path.relative_to(copy.path)) for path in left}
    assert names == {"usr/lib/libGL.so.1", f"{LIB}/libGLX.so.0", f"{LIB}/notes.so.txt"}


def test_knowledge_of_the_runtime_is_heeded(world):
    z = library("libz.so.1")
    world.provider({"libGL.so.1": library("libGL.so.1", "libz.so.1"), "libz.so.1.3": z, "libz.so.1": "libz.so.1.3"})
    knowledge = b"[libz.so.1]\nCompareBy=container\n"
    world.runtime({"libz.so.1.2": z, "libz.so.1": "libz.so.1.2", "usr/lib/vessel/knowledge.keyfile": knowledge})
    assert list(world.copy().libraries()) == ["libGL.so.1"]


def libc(*versions: str) -> bytes:
    return Made([(SONAME, "libc.so.6")], versions=versions).content


DATA = ("usr/lib/locale/C.utf8/LC_CTYPE", "usr/share/i18n/charmaps/UTF-8", f"{LIB}/gconv/UTF-16.so")


def with_libc(content: bytes, whose: bytes, **more: bytes):
    return {"libc.so.6": content, "libm.so.6": library("libm.so.6"), **dict.fromkeys(DATA, whose), **more}


def test_libc_comes_with_all_that_belongs_to_it(world):
    gl = library("libGL.so.1", "libc.so.6")
    world.provider(with_libc(libc("GLIBC_2.2.5", "GLIBC_2.40"), b"theirs", **{"libGL.so.1": gl}))
    runtime = world.runtime(with_libc(libc("GLIBC_2.2.5"), b"ours"))
    copy = world.copy()
    assert list(copy.libraries()) == ["libGL.so.1", "libc.so.6", "libm.so.6"]
    links = [LOADERS[AMD64], "usr/lib/locale", "usr/share/i18n", f"{LIB}/gconv"]
    assert [str((copy.path / link).readlink()) for link in links] == [f"/run/provider/{link}" for link in links]
    assert not os.path.lexists(copy.path / LIB / "libm.so.6")
    assert (runtime / DATA[0]).read_bytes() == b"ours"


def test_an_older_libc_redirects_nothing(world):
    gl = library("libGL.so.1", "libc.so.6")
    world.provider(with_libc(libc("GLIBC_2.2.5"), b"theirs", **{"libGL.so.1": gl}))
    world.runtime(with_libc(libc("GLIBC_2.2.5", "GLIBC_2.40"), b"ours"))
    copy = world.copy()
    assert list(copy.libraries()) == ["libGL.so.1"]
    assert [(copy.path / path).read_bytes() for path in DATA] == [b"ours"] * 3
    assert not (copy.path / LOADERS[AMD64]).is_symlink()


def test_libc_without_its_loader_is_fatal(world):
    world.provider({"libc.so.6": libc("GLIBC_2.2.5")})
    (world.provider_folder / LOADERS[AMD64]).unlink()
    world.runtime({})
    said = world.refused()
    assert f"/usr/lib/{AMD64}/libc.so.6" in said
    assert "not the loader that belongs to it, /lib64/ld-linux-x86-64.so.2" in said


def test_each_architecture_has_its_own_libraries(world):
    both = {"libGL.so.1": library("libGL.so.1"), f"{LIB32}/libGL.so.1": library("libGL.so.1", bits=32)}
    world.provider({**both, f"{LIB32}/libEGL.so.1": library("libEGL.so.1", bits=32)}, AMD64, I386)
    world.runtime({}, AMD64, I386)
    copy = world.copy()
    assert copy.libraries() == {"libGL.so.1": f"{INSIDE}/libGL.so.1"}
    assert copy.libraries(I386) == {name: f"/run/provider/{LIB32}/{name}" for name in ("libEGL.so.1", "libGL.so.1")}


def test_what_the_runtime_cannot_run_gets_nothing(world):
    world.provider({f"{LIB32}/libGL.so.1": library("libGL.so.1", bits=32)}, AMD64, I386)
    world.runtime({})
    assert world.copy().tree() == {f"lib/{AMD64}/aliases/": ""}


def test_a_library_from_elsewhere_keeps_its_path(world):
    gl = library("libGL.so.1", "libfoo.so.1", rpath="/opt/foo")
    world.provider({"libGL.so.1": gl, "opt/foo/libfoo.so.1": library("libfoo.so.1")})
    world.runtime({})
    assert world.copy().libraries()["libfoo.so.1"] == "/opt/foo/libfoo.so.1"


def test_two_copies_are_alike(world):
    world.provider({f"lib{name}.so.1": library(f"lib{name}.so.1") for name in ("GL", "EGL", "vulkan", "vdpau")})
    world.runtime({})
    assert world.copy().tree() == world.copy().tree() != {}


def test_a_provider_that_is_none(world):
    world.runtime({})
    assert f"{world.provider_folder}: cannot be opened as a provider: No such file" in world.refused()


@pytest.mark.parametrize(
    "place", ["usr/lib/vessel", "usr/lib/vessel/overrides", "overrides", "usr/lib/vessel/overrides/lib"]
)
@pytest.mark.parametrize("absolute", [True, False])
def test_nothing_is_written_through_a_link_of_the_runtime(world, tmp_path, place, absolute):
    outside = tmp_path / "outside"
    outside.mkdir()
    world.provider({"libGL.so.1": library("libGL.so.1")})
    runtime = world.runtime({})
    (runtime / place).parent.mkdir(parents=True, exist_ok=True)
    target = outside if absolute else os.path.relpath(outside, world.parent / "tmp-x" / os.path.dirname(place))
    (runtime / place).symlink_to(target)
    result = world.prepare()
    assert list(outside.iterdir()) == []
    if place == "usr/lib/vessel":
        assert "overrides: cannot be made in the copy: Not a directory (usr/lib/vessel)" in result.stderr
        assert (result.returncode, copies(world.parent)) == (1, [])
    else:
        assert result.returncode == 0, result.stderr
