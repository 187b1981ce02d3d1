"""Section A: whose copy of a library the container gets."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import copied, listed
from pytest_vessel.conformance.overrides.scenery import DEEP, DRIVERS, NEEDS_WORLD, PROVIDER, WORLD, knowledge
from pytest_vessel.conformance.overrides.seen import Choice, Loads
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

RUNTIME_VERSIONS = {"older": (1, 2, 0), "equal": (1, 9, 0), "newer": (1, 10, 0)}
"""Of libworld.so.1, of which the provider has 1.9.0: as text, the last one would be the smallest."""

OLDER = Library("libworld.so.1.2.0", WORLD.soname)
KEPT = Library("libkept.so.3.1.0", "libkept.so.3")
SHADOWS = {
    "same-folder": OLDER,
    "other-folder": replace(OLDER, folder=f"{NATIVE.folder}/world"),
    "hwcaps": replace(OLDER, folder=f"{NATIVE.folder}/glibc-hwcaps/x86-64-v2"),
}


@clause("OVER-006")
def test_newer_version_wins(implementation: Implementation, case: str, judge: Judge) -> None:
    version = RUNTIME_VERSIONS[case]
    runtime = Root((Library(f"libworld.so.{'.'.join(map(str, version))}", WORLD.soname),))
    with copied(implementation, implementation.provider(PROVIDER, DRIVERS), runtime) as it:
        kept = it.lead(f"/{NATIVE.folder}/{WORLD.soname}")
        judge(Choice(it.start, it.tree, NATIVE.name, WORLD.soname, RUNTIME_VERSIONS["equal"], version, kept))


RULES = {"provider": ((1, 10, 0), "provider"), "container": ((1, 2, 0), "container")}
"""Of the runtime's library, each by the rule that lets the other copy win than the versions would."""


@clause("OVER-008[provider]", "OVER-008[container]")
def test_rule_of_the_runtime(implementation: Implementation, case: str, judge: Judge) -> None:
    version, rule = RULES[case]
    runtime = Root((Library(f"libworld.so.{'.'.join(map(str, version))}", WORLD.soname),))
    roles = knowledge(WORLD.soname, rule)
    with copied(implementation, implementation.provider(PROVIDER, DRIVERS), runtime, roles) as it:
        kept = it.lead(f"/{NATIVE.folder}/{WORLD.soname}")
        judge(Choice(it.start, it.tree, NATIVE.name, WORLD.soname, RUNTIME_VERSIONS["equal"], version, kept, rule))


@clause("OVER-012")
def test_runtime_does_not_shadow(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(_loads(implementation, Root((SHADOWS[case], KEPT)), WORLD.soname))


@clause("OVER-013", "OVER-025")
def test_needs_are_found(implementation: Implementation, judge: Judge) -> None:
    judge(_loads(implementation, Root((KEPT,)), WORLD.soname, DEEP.soname))


def _loads(implementation: Implementation, runtime: Root, *wanted: str) -> Loads:
    """Have the container's loader say what it takes for a program that needs the first one."""
    runtime = replace(runtime, libraries=(*runtime.libraries, NEEDS_WORLD))
    provider = implementation.provider(PROVIDER, DRIVERS)
    listing, paths = listed(implementation, provider, runtime, NEEDS_WORLD.path)
    with copied(implementation, provider, runtime) as it:
        loads = {name: it.lead(path) for name, path in paths.items()}
        return Loads(it.start, it.tree, listing, wanted, loads, it.lead(f"/{NATIVE.folder}/{KEPT.soname}"))
