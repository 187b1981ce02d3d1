"""Overrides of the reference: JSON manifests of drivers."""

from __future__ import annotations

import json

import pytest
from overrides_world import AMD64, World, library, on_amd64

pytestmark = on_amd64


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.runtime({})
    return made


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
    world.provider({name: manifest("./liba.so") for name in names} | libraries)
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
