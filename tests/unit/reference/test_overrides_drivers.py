"""Overrides of the reference: drivers that variables lead to, and their manifests."""

from __future__ import annotations

import json

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


# variable, folder of manifests, folder of libraries, key
KINDS = [
    ("VK_DRIVER_FILES", "share/vulkan/icd.d", "vulkan", "ICD"),
    ("VK_ICD_FILENAMES", "share/vulkan/icd.d", "vulkan", "ICD"),
    ("__EGL_VENDOR_LIBRARY_FILENAMES", "share/glvnd/egl_vendor.d", "glvnd", "ICD"),
    ("__EGL_EXTERNAL_PLATFORM_CONFIG_FILENAMES", "share/egl/egl_external_platform.d", "egl", "ICD"),
    ("VK_LAYER_PATH", "share/vulkan/explicit_layer.d", "explicit_layer", "layer"),
    ("XR_RUNTIME_JSON", "share/openxr/1", "openxr", "runtime"),
]
ICD = KINDS[0]


def manifest(library_path: str | None, key: str = "ICD", **more: object) -> dict[str, object]:
    return {
        "file_format_version": "1.0",
        key: {"api": 3} | ({"library_path": library_path} if library_path else {}) | more,
    }


def point_to(world: World, kind: tuple[str, str, str, str], *paths: str) -> None:
    world.variables[kind[0]] = "/opt" if kind[3] == "layer" else ":".join(paths or ("/opt/a.json",))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
@pytest.mark.parametrize("named", ["/opt/lib/liba.so", "lib/liba.so", "../opt/lib/liba.so"])
def test_a_manifest_names_the_library_as_the_container_sees_it(world, kind, named):
    _, folder, libraries, key = kind
    world.provider({"opt/a.json": manifest(named, key), "opt/lib/liba.so": library()})
    point_to(world, kind)
    copy = world.copy()
    ((name, text),) = copy.below(folder).items()
    assert name == ("active_runtime.json" if key == "runtime" else "a.json")
    assert json.loads(text) == manifest(f"/overrides/lib/{AMD64}/{libraries}/liba.so", key)
    assert copy.below(f"lib/{AMD64}/{libraries}") == {"liba.so": "/opt/lib/liba.so"}


def test_a_bare_name_stays_one_and_its_library_is_captured(world):
    world.provider(
        {
            "opt/a.json": manifest("libfoo.so.1"),
            "libfoo.so.1": library("libfoo.so.1", "libz.so.1"),
            "libz.so.1": library("libz.so.1"),
        }
    )
    point_to(world, ICD)
    copy = world.copy()
    assert json.loads(copy.below(ICD[1])["a.json"]) == manifest("libfoo.so.1")
    assert list(copy.libraries()) == ["libfoo.so.1", "libz.so.1"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "is no JSON"),
        (b"\xff", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is broken"),
        ({"layer": {}}, "is broken"),
        ({"ICD": "text"}, "is broken"),
        (manifest(None), "is broken: it names no library"),
        ({"ICD": {"library_path": 7}}, "is broken: it names no library"),
        (manifest("/opt/nowhere.so"), "/opt/nowhere.so is no library"),
        (manifest("/opt/a.json"), "/opt/a.json is no library"),
        (manifest("/opt/$LIB/liba.so"), "only the dynamic loader could tell"),
        (manifest("/opt/lib32.so"), "its library was not captured"),
        (manifest("libnowhere.so.1"), "its library was not captured"),
        ("/nowhere", "cannot be read"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_told_of_and_left_out(world, content, why):
    good = {"opt/good.json": manifest("/opt/good.so"), "opt/good.so": library()}
    world.provider({"opt/a.json": content, "opt/lib32.so": library(bits=32), **good})
    point_to(world, ICD, "/opt/a.json", "/opt/good.json")
    copy = world.copy()
    assert list(copy.below(ICD[1])) == ["good.json"]
    assert list(copy.below(f"lib/{AMD64}/vulkan")) == ["good.so"]
    (said,) = copy.said.splitlines()
    assert "/opt/a.json: " in said
    assert why in said


def test_manifests_of_one_name_keep_it_and_their_order(world):
    names = [f"opt/{folder}/a.json" for folder in ("two", "one")]
    libraries = {f"opt/{folder}/liba.so": library(folder) for folder in ("two", "one")}
    world.provider(
        {name: manifest("liba.so").copy() | {"ICD": {"library_path": "./liba.so"}} for name in names} | libraries
    )
    point_to(world, ICD, *(f"/{name}" for name in names))
    copy = world.copy()
    places = [json.loads(text)["ICD"]["library_path"] for text in copy.below(ICD[1]).values()]
    assert list(copy.below(ICD[1])) == ["0/a.json", "1/a.json"]
    assert places == [f"/overrides/lib/{AMD64}/vulkan/{number}/liba.so" for number in "01"]
    assert list(copy.below(f"lib/{AMD64}/vulkan").values()) == ["/opt/two/liba.so", "/opt/one/liba.so"]


def test_manifests_that_say_the_same_are_one(world):
    world.provider(
        {"opt/a.json": manifest("./liba.so"), "opt/b.json": manifest("/opt/liba.so"), "opt/liba.so": library()}
    )
    point_to(world, ICD, "/opt/a.json", "/opt/b.json")
    assert list(world.copy().below(ICD[1])) == ["a.json"]


def test_layers_stand_in_their_folder_whatever_they_are_called(world):
    usual = ("etc", "usr/share")
    world.provider({f"{top}/vulkan/implicit_layer.d/a.json": manifest(None, "layer", name=top) for top in usual})
    found = world.copy().below("share/vulkan/implicit_layer.d")
    assert {name: json.loads(text) for name, text in found.items()} == {
        "0-a.json": manifest(None, "layer", name="etc"),
        "1-a.json": manifest(None, "layer", name="usr/share"),
    }


def test_all_layers_of_one_manifest_are_rewritten(world):
    layers = [{"name": "x", "library_path": "./liba.so"}, {"name": "y"}]
    world.provider({"opt/a.json": {"layers": layers}, "opt/liba.so": library()})
    world.variables["VK_LAYER_PATH"] = "/opt"
    (text,) = world.copy().below("share/vulkan/explicit_layer.d").values()
    assert json.loads(text)["layers"] == [
        {**layers[0], "library_path": f"/overrides/lib/{AMD64}/explicit_layer/liba.so"},
        layers[1],
    ]
