"""Section A: where the overrides are, and what is in there."""

from __future__ import annotations

import os
from dataclasses import replace

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import copied, provider_of
from pytest_vessel.conformance.overrides.drivers import VULKAN
from pytest_vessel.conformance.overrides.scenery import DRIVER, DRIVERS, GIVEN, PROVIDER, WITNESS, WORLD, provider_root
from pytest_vessel.conformance.overrides.seen import Architectures, Bare, Given, Shown, Trees
from pytest_vessel.conformance.overrides.world import NATIVE, OTHER, Library, Root
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.providers import Provider
from pytest_vessel.system.identity import spelled


@clause("OVER-001")
def test_container_sees_the_overrides_and_cannot_write(implementation: Implementation, judge: Judge) -> None:
    with copied(implementation, provider_of(implementation, PROVIDER)) as it:
        there = it.tree is not None
        same = there and (it.copy is None or it.identity(it.inside) == spelled(os.lstat(it.copy.overrides)))
        answers = {folder: it.make_file(f"{it.inside}/{folder}made-inside") for folder in ("", "lib/", "share/")}
        wrote = tuple(folder or "." for folder, error in answers.items() if not error)
        judge(Shown(it.start, there, same, wrote, tuple(dict.fromkeys(filter(None, answers.values())))))


@clause("OVER-002", "OVER-004[usr]", "OVER-005[plain]")
def test_links_and_manifests(implementation: Implementation, judge: Judge) -> None:
    with copied(implementation, provider_of(implementation, PROVIDER)) as it:
        judge(it.laid(*GIVEN))


LINKED = Library("libworld.so.1.9.0", folder=f"{NATIVE.folder}/made", cached=False)
CHAINS = {
    "chain": {"libworld.so.1": "libworld.so.1.9", "libworld.so.1.9": "made/libworld.so.1.9.0"},
    "absolute-link": {"libworld.so.1": LINKED.path},
}
"""Links in the folder of libraries, by case of OVER-005."""


@clause("OVER-005")
def test_links_to_follow(implementation: Implementation, case: str, judge: Judge) -> None:
    links = {f"{NATIVE.folder}/{name}": target for name, target in CHAINS[case].items()}
    root = replace(provider_root(replace(LINKED, soname=WORLD.soname)), links=links)
    with copied(implementation, provider_of(implementation, root)) as it:
        judge(it.laid(Given(WORLD.soname, LINKED.path), WITNESS.given))


LEAF = replace(WORLD, needs=())
FOLDERS = {"lib": f"lib/{NATIVE.name}", "app": "app/lib", "elsewhere": "opt/made/lib"}


@clause("OVER-003", "OVER-004[lib]", "OVER-004[app]", "OVER-004[elsewhere]")
def test_targets_by_folder(implementation: Implementation, case: str, judge: Judge) -> None:
    library = replace(LEAF, folder=FOLDERS[case or "elsewhere"])
    with copied(implementation, provider_of(implementation, provider_root(library))) as it:
        judge(it.laid(library.given, WITNESS.given))


@clause("OVER-024")
def test_rpath(implementation: Implementation, judge: Judge) -> None:
    library = replace(LEAF, folder=FOLDERS["elsewhere"], cached=False)
    driver = replace(DRIVER, rpath=f"/{library.folder}")
    with copied(implementation, provider_of(implementation, provider_root(library, driver=driver))) as it:
        judge(it.laid(library.given, WITNESS.given))


@clause("OVER-021")
def test_without_a_provider(implementation: Implementation, judge: Judge) -> None:
    with copied(implementation, Provider(drivers=DRIVERS)) as it:
        judge(Bare(it.start, it.tree, it.driver_variables))


@clause("OVER-023")
def test_two_like_runs(implementation: Implementation, judge: Judge) -> None:
    provider = provider_of(implementation, PROVIDER)
    with copied(implementation, provider) as first, copied(implementation, provider) as second:
        judge(Trees(second.start, first.tree, second.tree))


@clause("OVER-022")
def test_two_architectures(implementation: Implementation, judge: Judge) -> None:
    both = (NATIVE, OTHER)
    worlds = {arch.name: replace(LEAF, arch=arch) for arch in both}
    drivers = [replace(DRIVER, arch=arch, needs=(WORLD.soname,)) for arch in both]
    texts = {VULKAN.path(f"{driver.arch.name}.json"): VULKAN.text(driver.path) for driver in drivers}
    root = Root((*worlds.values(), *drivers), texts, loaders=both)
    asked = VULKAN.drivers([f"{arch.name}.json" for arch in both])
    with copied(implementation, provider_of(implementation, root, asked), Root(loaders=(OTHER,))) as it:
        judge(Architectures(it.start, it.tree, {name: (world.given,) for name, world in worlds.items()}))
