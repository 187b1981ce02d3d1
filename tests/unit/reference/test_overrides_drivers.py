"""Overrides of the reference: drivers that variables lead to."""

from __future__ import annotations

import pytest
from overrides_world import AMD64, I386, INSIDE, LIB, World, library, on_amd64

from pytest_vessel.reference.overrides.drivers import Drivers
from pytest_vessel.reference.overrides.folder import OverridesFolder
from pytest_vessel.reference.overrides.roots import Provider

pytestmark = on_amd64

DRI = f"lib/{AMD64}/dri"


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.runtime({})
    return made


def test_numbers_have_as_many_digits_as_the_last():
    folders_for = Drivers(OverridesFolder(), Provider(-1)).inner_folders
    assert folders_for(["a", "b"]) == ["", ""]
    assert folders_for(["a", "b", "a"]) == ["/0", "/1", "/2"]
    assert folders_for(["a"] * 11) == [*(f"/0{digit}" for digit in range(10)), "/10"]


@pytest.mark.parametrize(
    ("variable", "folder", "name"),
    [
        ("LIBGL_DRIVERS_PATH", "dri", "a_dri.so"),
        ("LIBVA_DRIVERS_PATH", "va", "a_drv_video.so"),
        ("VDPAU_DRIVER_PATH", "vdpau", "libvdpau_a.so.1"),
    ],
)
def test_drivers_in_the_folders_of_a_variable(world, variable, folder, name):
    usual = f"{LIB}/{'dri' if folder == 'va' else folder}"
    world.provider(
        {
            f"opt/drivers/{name}": library("", "libz.so.1"),
            "libz.so.1": library("libz.so.1"),
            f"{usual}/other_{name}": library(),
        }
    )
    world.variables[variable] = "/opt/drivers"
    copy = world.copy()
    assert copy.below(f"lib/{AMD64}/{folder}") == {name: f"/opt/drivers/{name}"}
    assert copy.libraries() == {"libz.so.1": f"{INSIDE}/libz.so.1"}


def test_without_a_variable_the_usual_folder_counts(world):
    world.provider(
        {f"{LIB}/dri/a_dri.so": library(), f"{LIB}/dri/readme.txt": b"", f"{LIB}/vdpau/libvdpau_b.so.1": library()}
    )
    copy = world.copy()
    assert copy.below(f"lib/{AMD64}/dri") == {"a_dri.so": f"{INSIDE}/dri/a_dri.so"}
    assert copy.below(f"lib/{AMD64}/vdpau") == {"libvdpau_b.so.1": f"{INSIDE}/vdpau/libvdpau_b.so.1"}


def test_drivers_of_one_name_are_numbered_in_their_order(world):
    world.provider({f"opt/{place}/{name}_dri.so": library(place) for place in ("one", "two") for name in ("a", place)})
    world.variables["LIBGL_DRIVERS_PATH"] = "/opt/two:/opt/one"
    found = world.copy().below(DRI)
    expected = ["two/a", "two/two", "one/a", "one/one"]
    assert list(found.values()) == [f"/opt/{path}_dri.so" for path in expected]
    assert [name.partition("/")[0] for name in found] == ["0", "1", "2", "3"]


def test_names_of_one_file_have_one_target_and_its_needs_once(world):
    world.provider(
        {"opt/a_dri.so": library("", "libz.so.1"), "opt/b_dri.so": "a_dri.so", "libz.so.1": library("libz.so.1")}
    )
    (world.provider_folder / "opt/c_dri.so").hardlink_to(world.provider_folder / "opt/a_dri.so")
    world.variables["LIBGL_DRIVERS_PATH"] = "/opt"
    assert world.copy().below(DRI) == {f"{name}_dri.so": "/opt/a_dri.so" for name in "abc"}


@pytest.mark.parametrize("content", [b"no library", library(bits=32), "/nowhere"])
def test_a_driver_that_cannot_be_captured_leaves_nothing(world, content):
    world.provider({"opt/a_dri.so": content})
    world.variables["LIBGL_DRIVERS_PATH"] = "/opt"
    copy = world.copy()
    assert copy.tree() == {f"lib/{AMD64}/aliases/": ""}
    assert ("/opt/a_dri.so: is no library" in copy.said) is (content != library(bits=32))


def test_each_architecture_gets_its_drivers(tmp_path):
    world = World(tmp_path)
    world.runtime({}, AMD64, I386)
    world.provider({"opt/64/a_dri.so": library(), "opt/32/a_dri.so": library(bits=32)}, AMD64, I386)
    world.variables["LIBGL_DRIVERS_PATH"] = "/opt/64:/opt/32"
    copy = world.copy()
    assert copy.below(DRI) == {"a_dri.so": "/opt/64/a_dri.so"}
    assert copy.below(f"lib/{I386}/dri") == {"a_dri.so": "/opt/32/a_dri.so"}
