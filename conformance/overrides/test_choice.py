"""Section A: whose copy of a library the container gets."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.collect import clause
from pytest_vessel.conformance.overrides.copied import copied, loads, provider_of
from pytest_vessel.conformance.overrides.scenery import (
    DEEP,
    KEPT,
    NEEDS_WORLD,
    PROVIDER,
    WORLD,
    knowledge,
    provider_root,
)
from pytest_vessel.conformance.overrides.seen import Choice, Origin
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation

RUNTIME_VERSIONS = {"older": (1, 2, 0), "equal": (1, 9, 0), "newer": (1, 10, 0)}
"""Of libworld.so.1, of which the provider has 1.9.0: as text, the last one would be the smallest."""

OLDER = Library("libworld.so.1.2.0", WORLD.soname)
SHADOWS = {
    "same-folder": OLDER,
    "other-folder": replace(OLDER, folder=f"{NATIVE.folder}/world"),
    "hwcaps": replace(OLDER, folder=f"{NATIVE.folder}/glibc-hwcaps/x86-64-v2"),
}


@clause("OVER-006")
def test_newer_version_wins(implementation: Implementation, case: str, judge: Judge) -> None:
    version = RUNTIME_VERSIONS[case]
    runtime = Root((Library(f"libworld.so.{'.'.join(map(str, version))}", WORLD.soname),))
    with copied(implementation, provider_of(implementation, PROVIDER), runtime) as it:
        kept = it.lead(f"/{NATIVE.folder}/{WORLD.soname}")
        judge(Choice(it.start, it.tree, NATIVE.name, WORLD.soname, RUNTIME_VERSIONS["equal"], version, kept))


RULES = {"provider": ((1, 10, 0), "provider"), "container": ((1, 2, 0), "container")}
"""Of the runtime's library, each by the rule that lets the other copy win than the versions would."""


@clause("OVER-008[provider]", "OVER-008[container]")
def test_rule_of_the_runtime(implementation: Implementation, case: str, judge: Judge) -> None:
    version, rule = RULES[case]
    runtime = Root((Library(f"libworld.so.{'.'.join(map(str, version))}", WORLD.soname),))
    roles = knowledge(WORLD.soname, rule)
    with copied(implementation, provider_of(implementation, PROVIDER), runtime, roles) as it:
        kept = it.lead(f"/{NATIVE.folder}/{WORLD.soname}")
        judge(Choice(it.start, it.tree, NATIVE.name, WORLD.soname, RUNTIME_VERSIONS["equal"], version, kept, rule))


@clause("OVER-012")
def test_runtime_does_not_shadow(implementation: Implementation, case: str, judge: Judge) -> None:
    judge(loads(implementation, PROVIDER, Root((SHADOWS[case], KEPT, NEEDS_WORLD)), {WORLD.soname: Origin.PROVIDER}))


@clause("OVER-013")
def test_needs_are_found(implementation: Implementation, judge: Judge) -> None:
    world = replace(WORLD, needs=(DEEP.soname, KEPT.soname))
    older = Library("libkept.so.3.0.0", KEPT.soname)
    wanted = {WORLD.soname: Origin.PROVIDER, DEEP.soname: Origin.PROVIDER, KEPT.soname: Origin.RUNTIME}
    judge(loads(implementation, provider_root(world, DEEP, older), Root((KEPT, NEEDS_WORLD)), wanted))


@clause("OVER-025")
def test_provider_is_loaded(implementation: Implementation, judge: Judge) -> None:
    judge(loads(implementation, PROVIDER, Root((OLDER, KEPT, NEEDS_WORLD)), {WORLD.soname: Origin.PROVIDER}))
