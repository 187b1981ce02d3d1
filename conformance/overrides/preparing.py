"""A copy that is made and run by nobody, with what was seen of its making: the system calls, the log, the overrides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.conformance.overrides.copied import EMPTY, provider_of, runtime_of
from pytest_vessel.conformance.overrides.drivers import VULKAN
from pytest_vessel.conformance.overrides.namings import Namings
from pytest_vessel.conformance.overrides.seen import OVR
from pytest_vessel.conformance.overrides.seen_fdio import Made
from pytest_vessel.conformance.overrides.world import NATIVE, Library, Root
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.providers import Provider
from pytest_vessel.observation.trace import Trace
from pytest_vessel.system import tree
from pytest_vessel.system.trace import Tracing, read_log

FEW, MANY = 2, 12
"""Drivers of two providers whose sizes are compared."""

_CALLS = "%file,%process,fchdir,dup,dup2,dup3,fcntl,close"
"""All that names a file, starts a program, or changes what a descriptor or the current folder is."""


@dataclass(frozen=True)
class Ground:
    """What a copy is made from, and where."""

    implementation: Implementation
    runtime: Runtime
    parent: Parent
    provider: Provider


def ground(implementation: Implementation, drivers: int = FEW, *, within: Path | None = None) -> Ground:
    """A runtime, a folder of copies in `within`, and a provider of so many drivers."""
    runtime, parent = runtime_of(implementation, EMPTY), implementation.parent(within=within)
    names = [f"made{number:02}" for number in range(drivers)]
    provider = provider_of(implementation, _root(names), VULKAN.drivers([f"{name}.json" for name in names]))
    return Ground(implementation, runtime, parent, provider)


def _root(names: list[str]) -> Root:
    """A provider with a loader, and for each name a driver with its manifest, and a library that it needs."""
    libraries = [Library(f"lib{name}.so.1.0.0", f"lib{name}.so.1") for name in names]
    drivers = [Library(f"libvulkan_{name}.so", needs=(f"lib{name}.so.1",)) for name in names]
    texts = {VULKAN.path(f"{name}.json"): VULKAN.text(one.path) for name, one in zip(names, drivers, strict=True)}
    return Root((*libraries, *drivers), texts, loaders=(NATIVE,))


@dataclass(frozen=True)
class Prepared:
    """One copy. `overrides`, `copy`: their paths as the log would have them; `log`: all of stderr."""

    made: Made
    overrides: str
    copy: str
    log: str
    namings: Namings


def prepared(on: Ground, *, traced: bool = True, comparable: bool = False) -> Prepared:
    """Make one more copy on this ground, and wait until it is there."""
    before = set(on.parent.copies())
    choices = {"log": "comparable"} if comparable else {}
    tracing = Tracing(_CALLS) if traced else None
    it = on.implementation
    running = it.prepare(on.runtime, on.parent, provider=on.provider, choices=choices, traced=tracing)
    ending = running.wait()
    trace = read_log(running.log) if running.log else Trace(())
    new = [it.as_copy(folder) for folder in on.parent.copies() if folder not in before]
    copy = new[0] if len(new) == 1 else None
    found = tree.seen(copy.overrides) if copy else None
    made = Made(ending, trace.complete, len(found.entries) if found else None)
    place, folder = (str(copy.overrides), str(copy.folder)) if copy else (OVR, "COPY")
    namings = Namings.of(trace, str(it.work / "work"), place)
    return Prepared(made, running.shown(place), running.shown(folder), running.message, namings)
