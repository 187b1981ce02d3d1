"""The scene of the exploring clauses: one set-up with overrides, whose calls fail, or are its last ones."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.conformance.overrides.copied import Copied, copied, provider_of
from pytest_vessel.conformance.overrides.scenery import PROVIDER
from pytest_vessel.errors import Inconclusive
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.parties import Stage
from pytest_vessel.fixtures.providers import Provider
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.tree import Tree
from pytest_vessel.system.bpf import CREATES, EXECS, OPENS
from pytest_vessel.system.held import Held
from pytest_vessel.system.locks import is_locked
from pytest_vessel.system.talk import PROBE_INSIDE

SET_UP, IDLE = "set-up", "idle"
_BY_DESCRIPTOR = re.compile(rb"/proc/(?:self|thread-self|\d+)/fd/(\d+)(?=/|$)")
_EXECS = frozenset(one.name for one in EXECS)
_DOES_NOTHING = b"/bin/true"

Broken = tuple[str, str]
"""Code and description of what is broken."""


@dataclass(frozen=True)
class Ground:
    """What set-ups are made from; `sound`: the overrides of one in which nothing failed."""

    implementation: Implementation
    runtime: Runtime
    provider: Provider
    sound: Tree

    @property
    def temporary(self) -> frozenset[str]:
        """What lies in TMPDIR."""
        return frozenset(os.listdir(self.implementation.clean_environment()["TMPDIR"]))


def ground(implementation: Implementation) -> Ground:
    """A runtime and a provider, and what the overrides are when nothing fails; empty where they are missing."""
    provider = provider_of(implementation, PROVIDER)
    with copied(implementation, provider) as it:
        return Ground(implementation, it.runtime, provider, it.tree or Tree(()))


class SetUp:
    """A party that makes a copy with overrides in a fresh PARENT; see `fixtures.parties.Scene`.

    `concerns`: the role of a call, and None for those that are not to be held. `check`: what is broken in the end.

    Attributes:
        parent: where copies are made.
        temporary: what was in TMPDIR before.
        failed: what the call was about that the party was held at.
    """

    parties: Collection[str] = (SET_UP,)

    def __init__(self, on: Ground, concerns: Concerns, check: Check) -> None:
        self.on, self._concerns, self._check = on, concerns, check
        self.parent: Parent = on.implementation.parent()
        self.temporary = on.temporary
        self.failed: Path | None = None
        self._held: Held | None = None
        self._last = Path()
        self._running: Running | None = None
        self._execs = 0

    @property
    def outsiders(self) -> Mapping[str, Callable[[], str]]:
        """See `Scene`: somebody puts a program that does nothing in the place of the one that is to be executed."""
        return {IDLE: self._idle}

    def _idle(self) -> str:
        held = self._held
        if held is None:
            return "no program is to be executed"
        if held.execute_instead(_DOES_NOTHING):
            return f"{_DOES_NOTHING.decode()} is executed instead"
        if held.alive():
            raise Inconclusive(f"{self._last} cannot be exchanged", mend="Run as root, who may write into its process.")
        return "its process has ended"

    def start(self, party: str) -> Running:
        """See `Scene.start`."""
        on = self.on
        chosen = (*CREATES, *OPENS, *EXECS)
        self._running = on.implementation.copy(on.runtime, self.parent, provider=on.provider, chosen=chosen)
        return self._running

    def close(self) -> None:
        """End it."""
        if self._running:
            self._running.stop()

    def role(self, held: Held) -> str | None:
        """See `Scene.role`."""
        place = place_of(held)
        role = self._concerns(self, held, place) if place else None
        if place and role is not None:
            self._held, self._last = held, place
        return role

    def below(self, place: Path) -> str | None:
        """The role of a path in the overrides folder, without names that are drawn; None where it lies elsewhere."""
        for folder in self.parent.copies():
            overrides = self.on.implementation.as_copy(folder, self.on.runtime.layout).overrides
            if place == overrides or overrides in place.parents:
                parts = (".*" if part.startswith(".") else part for part in place.relative_to(overrides).parts)
                return "/".join(("OVR", *parts))
        return None

    def program(self, held: Held, place: Path) -> str | None:
        """The role of a program that is executed; None for the first one, the implementation, and the payload.

        None also where the path is too short for that of another one to be written over it, and where nothing is:
        a search through PATH tries many places.
        """
        self._execs += 1
        is_helper = self._execs > 1 and str(place) != PROBE_INSIDE and os.path.lexists(f"/proc/{held.pid}/root{place}")
        return place.name if is_helper and len(os.fsencode(place)) >= len(_DOES_NOTHING) else None

    def locks(self) -> str:
        """See `Scene.locks`."""
        return ", ".join(f"{name} locked" for name, file in self.lock_files.items() if is_locked(file))

    @property
    def lock_files(self) -> Mapping[str, Path]:
        """Those that are there before and afterwards."""
        return {"SRC/.ref": self.on.runtime.lock_file, "PARENT/.ref": self.parent.lock_file}

    def look(self) -> None:
        """See `Scene.look`."""

    def broken(self, by: str) -> Broken | None:
        """See `Scene.broken`. Nothing can be said yet; but where the party was held is known."""
        self.failed = self.failed or self._last
        return None

    def broken_in_the_end(self) -> Broken | None:
        """See `Scene.broken_in_the_end`."""
        running, on = self._running, self.on
        assert running is not None
        running.open_gate()
        return self._check(self, Copied(on.implementation, on.runtime, on.provider, self.parent, running))


Concerns = Callable[[SetUp, Held, Path], str | None]
Check = Callable[[SetUp, Copied], Broken | None]


def place_of(held: Held) -> Path | None:
    """What a call is about: a path from the process's root, in which a descriptor's name is resolved."""
    named = held.named()
    if named is None:
        return None
    if by_descriptor := _BY_DESCRIPTOR.match(named):
        with suppress(OSError):
            folder = os.readlink(f"/proc/{held.pid}/fd/{int(by_descriptor[1])}")
            named = os.fsencode(folder) + named[by_descriptor.end() :]
    return Path(os.fsdecode(os.path.normpath(named)))


def below_overrides(scene: SetUp, held: Held, place: Path) -> str | None:
    """All calls below the overrides folder."""
    return None if held.call in _EXECS else scene.below(place)


def makes_below_overrides(scene: SetUp, held: Held, place: Path) -> str | None:
    """Those that make something there under a name that is not drawn."""
    role = scene.below(place) if held.made() is not None else None
    return None if role and role.endswith(".*") else role


def executes(scene: SetUp, held: Held, place: Path) -> str | None:
    """Those that execute a program."""
    return scene.program(held, place) if held.call in _EXECS else None


def stage_of(on: Ground, concerns: Concerns, check: Check) -> Stage:
    """Makes such scenes."""

    @contextmanager
    def opened() -> Iterator[SetUp]:
        scene = SetUp(on, concerns, check)
        try:
            yield scene
        finally:
            scene.close()

    return opened
