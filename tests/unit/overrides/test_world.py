"""HARN: roots are what tests describe: a loader would find in them what is described, and nothing else."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_vessel.conformance.overrides.drivers import KINDS, VULKAN
from pytest_vessel.conformance.overrides.scenery import DEEP, DRIVER, DRIVERS, PROVIDER, WITNESS, WORLD
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root
from pytest_vessel.libraries.closure import Libraries
from pytest_vessel.system.sysroot import Layout, build

pytestmark = pytest.mark.skipif(not Path(NATIVE.loader).exists(), reason="written for x86-64 with glibc")


NEEDS_WORLD = replace(DRIVER, needs=(WORLD.soname,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "root"


def test_a_loader_finds_what_is_described(folder: Path) -> None:
    build(folder, Layout.COMPLETE_ROOT, PROVIDER)
    closure = Libraries(folder).closure(DRIVER.path)
    assert [loaded.name for loaded in closure.objects] == [WORLD.soname, WITNESS.soname, DEEP.soname]
    assert [os.path.realpath(f"{folder}{loaded.path}") for loaded in closure.objects] == [
        f"{folder}{library.path}" for library in (WORLD, WITNESS, DEEP)
    ]


def test_a_library_elsewhere_is_found_by_the_cache_alone(folder: Path) -> None:
    world = replace(WORLD, needs=(), folder="opt/made")
    build(folder, Layout.COMPLETE_ROOT, Root((NEEDS_WORLD, world), loaders=(NATIVE,)))
    (loaded,) = Libraries(folder).closure(DRIVER.path).objects
    assert loaded.path == f"/opt/made/{WORLD.soname}"
    (folder / "etc" / "ld.so.cache").unlink()
    assert [missing.name for missing in Libraries(folder).closure(DRIVER.path).missing] == [WORLD.soname]


def test_what_is_not_cached_is_found_by_the_rpath_alone(folder: Path) -> None:
    world = replace(WORLD, needs=(), folder="opt/made", cached=False)
    driver = replace(NEEDS_WORLD, rpath="/opt/made")
    build(
        folder,
        Layout.COMPLETE_ROOT,
        Root((NEEDS_WORLD, replace(driver, file="with-rpath.so"), world), loaders=(NATIVE,)),
    )
    libraries = Libraries(folder)
    assert libraries.closure(DRIVER.path).missing
    assert not libraries.closure(f"/{NATIVE.folder}/with-rpath.so").missing


@pytest.mark.parametrize("layout", list(Layout))
def test_where_things_are(folder: Path, layout: Layout) -> None:
    root = Root(
        (WORLD,), {"usr/share/a": "text", "etc/b": ""}, links={"usr/lib/c": "/d"}, hard_links={"usr/share/e": "a"}
    )
    build(folder, layout, root)
    usr = layout.usr(folder)
    assert (usr / "lib" / NATIVE.name / WORLD.soname).readlink() == Path(WORLD.file)
    assert (usr / "share" / "a").samefile(usr / "share" / "e")
    assert (usr / "lib" / "c").readlink() == Path("/d")
    assert (folder / "etc" / "b").read_text() == ""
    assert (folder / "etc" / "ld.so.conf").read_text().splitlines()[0] == f"/{NATIVE.folder}"


def test_versions_of_one_library_are_other_files() -> None:
    assert Library("liba.so.1.2", "liba.so.1").content != Library("liba.so.1.3", "liba.so.1").content


@pytest.mark.parametrize("kind", KINDS)
def test_manifests_name_what_they_are_told(kind: str) -> None:
    manifests = KINDS[kind]
    assert manifests.library_in(manifests.text("/usr/lib/a.so")) == "/usr/lib/a.so"
    assert manifests.library_in(manifests.text(None)) is None
    assert manifests.library_in("[]") is None
    assert manifests.library_in('{"ICD": ') is None
    assert json.loads(manifests.text("a.so"))["file_format_version"] == "1.0.0"


def test_variables_name_files_or_their_folder() -> None:
    path = "/usr/share/vulkan/icd.d/made.json"
    assert dict(DRIVERS) == {"VK_DRIVER_FILES": path, "VK_ICD_FILENAMES": path}
    assert VULKAN.drivers(["a", "b"])["VK_DRIVER_FILES"] == "/usr/share/vulkan/icd.d/a:/usr/share/vulkan/icd.d/b"
    assert KINDS["explicit-layer"].drivers(["a"]) == {"VK_LAYER_PATH": "/usr/share/vulkan/explicit_layer.d"}
    assert KINDS["implicit-layer"].drivers(["a"]) == {}
