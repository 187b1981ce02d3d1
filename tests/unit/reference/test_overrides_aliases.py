"""Overrides of the reference: other names of libraries."""

from __future__ import annotations

import pytest
from overrides_world import AMD64, I386, LIB, LIB32, World, library, on_amd64

pytestmark = on_amd64

FOLDER = f"lib/{AMD64}/aliases"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def described(world: World, libraries: object, *kinds: str, **files: bytes) -> None:
    world.runtime({"usr/lib/vessel/abi.json": {"shared_libraries": libraries}, **files}, *kinds)


def test_an_alias_leads_to_the_override_or_to_the_runtime(world):
    world.provider({"libGL.so.1": library("libGL.so.1")})
    aliases = [{"libGL.so.1": {"aliases": ["libOld.so.0", "libOlder.so.0"]}}, {"libz.so.1": {"aliases": ["libz.so.0"]}}]
    described(world, [*aliases, {"libother.so.1": {}}, "libplain.so.1"], **{"libz.so.1": library("libz.so.1")})
    assert world.copy().below(FOLDER) == {
        "libOld.so.0": f"/overrides/lib/{AMD64}/libGL.so.1",
        "libOlder.so.0": f"/overrides/lib/{AMD64}/libGL.so.1",
        "libz.so.0": f"/{LIB}/libz.so.1",
    }


def test_a_library_that_the_provider_calls_otherwise(world):
    world.provider({"libGL.so.1": library("libGL.so.1")})
    described(world, [{"libGL.so.0": {"aliases": ["libGL.so.1"]}}])
    target = f"/overrides/lib/{AMD64}/libGL.so.1"
    assert world.copy().below(FOLDER) == {"libGL.so.0": target, "libGL.so.1": target}


def test_a_missing_library_is_told_of_and_the_others_have_aliases(world):
    world.provider({}, AMD64, I386)
    libraries = [{"libgone.so.1": {"aliases": ["libgone.so.0"]}}, {"libz.so.1": {"aliases": ["libz.so.0"]}}]
    described(world, libraries, AMD64, I386, **{"libz.so.1": library("libz.so.1")})
    copy = world.copy()
    assert copy.below(FOLDER) == {"libz.so.0": f"/{LIB}/libz.so.1"}
    assert copy.tree()[f"lib/{I386}/aliases/"] == ""
    assert [line for line in copy.said.splitlines() if "libgone.so.1" in line] == copy.said.splitlines()
    assert copy.said.count("\n") == 1
    assert LIB32 not in copy.said


def test_a_library_of_another_architecture_is_not_meant(world):
    world.provider({})
    theirs = {"usr/lib/libz.so.1": library("libz.so.1", bits=32)}
    described(world, [{"libz.so.1": {"aliases": ["libz.so.0"]}}], AMD64, I386, **theirs)
    copy = world.copy()
    assert copy.tree()[f"{FOLDER}/"] == ""
    assert copy.below(f"lib/{I386}/aliases") == {"libz.so.0": "/usr/lib/libz.so.1"}


def test_an_alias_of_two_libraries_is_the_first_ones(world):
    world.provider({})
    libraries = [{f"lib{name}.so.1": {"aliases": ["libx.so.0"]}} for name in "ab"]
    described(world, libraries, **{f"lib{name}.so.1": library(f"lib{name}.so.1") for name in "ab"})
    copy = world.copy()
    assert copy.below(FOLDER) == {"libx.so.0": f"/{LIB}/liba.so.1"}
    assert "libx.so.0: is an alias of two libraries" in copy.said


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", {"libraries": []}, {"shared_libraries": [{"liba.so": 7}]}]
    + [{"shared_libraries": [{"liba.so": {"aliases": [bad]}}]} for bad in ("../../../x", "..", "", 7)],
)
def test_a_description_that_means_nothing_is_fatal(world, content):
    world.provider({})
    world.runtime({"usr/lib/vessel/abi.json": content})
    assert "lib/vessel/abi.json: is no description of an ABI" in world.refused()
