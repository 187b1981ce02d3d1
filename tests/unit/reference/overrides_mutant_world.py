"""What can be looked at in a program that makes copies with overrides, sound or not: each look is a function."""

from __future__ import annotations

import os
import stat

from overrides_world import AMD64, I386, LIB, LOADERS, OVR, Content, Copy, World, library
from reference_world import command, done

from pytest_vessel.system.sysroot import HostPrograms, Layout, build

DRI = f"{LIB}/dri"
ICDS, LAYERS = "usr/share/vulkan/icd.d", "usr/share/vulkan/explicit_layer.d"
DRIVER = {f"{DRI}/a_dri.so": library("", "libz.so.1")}
"""What makes somebody capture libz.so.1, whatever else there is."""

VERSIONED: dict[str, Content] = {"libz.so.1.3": library("libz.so.1"), "libz.so.1": "libz.so.1.3"}
GLIBC: dict[str, Content] = {
    "libc.so.6": library("libc.so.6"),
    "libm.so.6": library("libm.so.6"),
    f"{DRI}/a_dri.so": library("", "libc.so.6"),
    "usr/lib/locale/C.utf8/LC_CTYPE": b"theirs",
    f"{LIB}/gconv/UTF-16.so": b"theirs",
}


# Libraries


def _copy(world: World, theirs: dict[str, Content], ours: dict[str, Content] | None = None, *kinds: str) -> Copy:
    world.provider(theirs, *kinds)
    world.runtime(ours or {}, *kinds)
    return world.copy()


def links(world: World) -> object:
    return _copy(world, {**VERSIONED, **DRIVER}).libraries()


def links_elsewhere(world: World) -> object:
    driver = library("", "libz.so.1", rpath="/opt/z")
    return _copy(world, {"opt/z/libz.so.1": library("libz.so.1"), f"{DRI}/a_dri.so": driver}).libraries()


def links_where_the_runtime_is_newer(world: World) -> object:
    newer: dict[str, Content] = {"libz.so.1.10": library("libz.so.1"), "libz.so.1": "libz.so.1.10"}
    return _copy(world, {**VERSIONED, **DRIVER}, newer).libraries()


def links_where_the_runtime_is_equal(world: World) -> object:
    return _copy(world, {**VERSIONED, **DRIVER}, VERSIONED).libraries()


def links_where_the_runtime_knows_better(world: World) -> object:
    """It is newer by its name, and says that the provider's is always to be taken."""
    newer: dict[str, Content] = {"libz.so.1.10": library("libz.so.1"), "libz.so.1": "libz.so.1.10"}
    knowledge = b"[libz.so.1]\nCompareBy=provider\n"
    return _copy(world, {**VERSIONED, **DRIVER}, {**newer, "usr/lib/vessel/knowledge.keyfile": knowledge}).libraries()


def links_of_two_architectures(world: World) -> object:
    copy = _copy(world, {"libGL.so.1": library("libGL.so.1")} | _GL32, None, AMD64, I386)
    return [copy.libraries(kind)["libGL.so.1"].split("/")[-2] for kind in (AMD64, I386)]


_GL32: dict[str, Content] = {f"usr/lib/{I386}/libGL.so.1": library("libGL.so.1", bits=32)}


# What belongs to libc


def family(world: World) -> object:
    """Libraries, and what the copy has of loader, locale and gconv data."""
    copy = _copy(world, GLIBC)
    places = (LOADERS[AMD64], "usr/lib/locale", f"{LIB}/gconv")
    return sorted(copy.libraries()), [place for place in places if (copy.path / place).is_symlink()]


def loader_where_libc_is_the_runtimes(world: World) -> object:
    copy = _copy(world, {**VERSIONED, **DRIVER}, {"libc.so.6": library("libc.so.6")})
    return (copy.path / LOADERS[AMD64]).is_symlink()


def without_a_loader(world: World) -> object:
    provider = world.provider(GLIBC)
    (provider / LOADERS[AMD64]).unlink()
    world.runtime({})
    return world.prepare().returncode


# How the loader finds them


def configuration(world: World) -> object:
    copy = _copy(world, {}, {"etc/ld.so.conf": b"/ours\n/more"})
    return (copy.path / "etc/ld.so.conf").read_text().split()


HWCAPS = f"{LIB}/glibc-hwcaps/x86-64-v2/libz.so.1"


def what_stays_of_the_runtime(world: World) -> object:
    paths = [f"{LIB}/libz.so.1", f"{LIB}/libkept.so.1", HWCAPS]
    copy = _copy(world, {**VERSIONED, **DRIVER}, {path: library(os.path.basename(path)) for path in paths})
    return [path for path in paths if (copy.path / path).exists()]


# Drivers and manifests


def icd(path: str) -> dict[str, object]:
    return {"ICD": {"library_path": path}}


def below(world: World, folder: str, files: dict[str, Content], **variables: str) -> dict[str, str]:
    """What is in a folder of OVR that has the overrides of these files."""
    world.variables |= variables
    return _copy(world, files).below(folder)


def folders_of_a_driver(world: World) -> object:
    return sorted(below(world, f"lib/{AMD64}/dri", dict(DRIVER)))


def folders_of_eleven_drivers(world: World) -> object:
    paths = [f"opt/{number}/a_dri.so" for number in range(11)]
    files: dict[str, Content] = {path: library(f"lib{path[4:6]}.so") for path in paths}
    folders = ":".join(f"/{os.path.dirname(path)}" for path in paths)
    return sorted(below(world, f"lib/{AMD64}/dri", files, LIBGL_DRIVERS_PATH=folders))[:3]


def targets_of_hard_links(world: World) -> object:
    provider = world.provider(dict(DRIVER))
    (provider / DRI / "b_dri.so").hardlink_to(provider / DRI / "a_dri.so")
    world.runtime({})
    return len(set(world.copy().below(f"lib/{AMD64}/dri").values()))


def manifest(world: World) -> object:
    found = below(world, "share/vulkan/icd.d", {f"{ICDS}/a.json": icd(f"/{LIB}/libv.so"), "libv.so": library()})
    return {name: f"/overrides/lib/{AMD64}/vulkan/libv.so" in text for name, text in found.items()}


def broken_manifest(world: World) -> object:
    return sorted(below(world, "share/vulkan", {f"{ICDS}/a.json": b"{"}))


def manifest_without_library(world: World) -> object:
    return sorted(below(world, "share/vulkan", {f"{ICDS}/a.json": icd("/usr/lib/libnone.so")}))


def two_copies_are_alike(world: World) -> object:
    first = manifest(world)
    return first == dict.fromkeys(world.copy().below("share/vulkan/icd.d"), True)


def manifest_with_a_bare_name(world: World) -> object:
    files = {f"{ICDS}/a.json": icd("libv.so.1"), "libv.so.1": library("libv.so.1")}
    return sorted(below(world, "share/vulkan/icd.d", files))


def layers(world: World) -> object:
    layer = {"layer": {"name": "made"}}
    return sorted(below(world, "share/vulkan/explicit_layer.d", {f"{LAYERS}/a.json": layer}))


# Aliases, and the folder


def aliases(world: World) -> object:
    """An override's, a missing library's, and a library's of the runtime."""
    described = [{name: {"aliases": [f"{name}.0"]}} for name in ("libz.so.1", "libnone.so.1", "libkept.so.1")]
    ours: dict[str, Content] = {"usr/lib/vessel/abi.json": {"shared_libraries": described}}
    world.provider({**VERSIONED, **DRIVER})
    world.runtime({**ours, "libkept.so.1": library("libkept.so.1")})
    result = world.prepare()
    if result.returncode:
        return result.returncode
    copy = Copy(world.parent / result.stdout.removeprefix("copy: ").strip(), "")
    return copy.below(f"lib/{AMD64}/aliases")


def other_files(world: World) -> object:
    copy = _copy(world, {**VERSIONED, **DRIVER})
    return [path.name for path in (copy.path / OVR).rglob("*") if stat.S_ISREG(path.lstat().st_mode)]


# The container


def inside(world: World, script: str, *programs: str, provider: bool = True, **variables: str) -> list[str]:
    """What a shell in a copy says whose provider has something of everything; its status, where it fails."""
    world.provider(
        {**VERSIONED, **DRIVER, "opt/b/a_dri.so": library("", "libopt.so.1", rpath="/opt/z")}
        | {"opt/z/libopt.so.1": library("libopt.so.1")}
        | {f"opt/{name}.json": icd(f"/opt/{name}/libv.so") for name in "ba"}
        | {f"opt/{name}/libv.so": library(name) for name in "ba"}
    )
    build(world.runtime_folder, Layout.COMPLETE_ROOT, HostPrograms(("sh", "cat", *programs)))
    options = (f"--provider={world.provider_folder}",) if provider else ()
    words = ("copy", *options, str(world.runtime_folder), str(world.parent), "--", "/usr/bin/sh", "-c", script)
    given = [f"{name}={value}" for name, value in variables.items()]
    result = done(argv=["/usr/bin/env", *given, *command(*words, program=world.program)])
    return [*result.stdout.splitlines(), *([str(result.returncode)] if result.returncode else [])]


def written(world: World) -> object:
    return inside(world, "echo > /overrides/lib/x && echo written; true")


def leads(world: World) -> object:
    """Of a link into the provider, and of one to another folder of it."""
    script = f"""
cd /overrides/lib/{AMD64}
for name in libz.so.1 libopt.so.1; do cat $name > /dev/null && echo $name; done; true
"""
    return inside(world, script, LIBGL_DRIVERS_PATH="/opt/b:/usr/lib/x86_64-linux-gnu/dri")


def manifests_told(world: World) -> object:
    return inside(world, "echo $VK_DRIVER_FILES", VK_DRIVER_FILES="/opt/b.json:/opt/a.json")[0].split(":")


def variable_without_a_provider(world: World) -> object:
    return inside(world, 'echo "$VK_LAYER_PATH"', provider=False, VK_LAYER_PATH="/opt")


def folder_without_a_provider(world: World) -> object:
    return inside(world, "cd /overrides && echo there; true", provider=False)


def cache(world: World) -> object:
    """Whether the loader's cache has an override."""
    return any("libz.so.1 " in line for line in inside(world, "ldconfig -p", "ldconfig"))


def without_ldconfig(world: World) -> object:
    return inside(world, "echo $LD_LIBRARY_PATH")
