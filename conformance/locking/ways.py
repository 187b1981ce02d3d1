"""The two ways to use a runtime, so that one test can ask both: directly, or in a mutable copy of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen import COPY_REF, SRC_REF, Use
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Start
from pytest_vessel.system.bpf import Chosen
from pytest_vessel.system.sysroot import Layout


class Way:
    """A runtime of this test's own, and starts of a payload in it.

    Attributes:
        in_copy: whether the payload runs in a mutable copy: where the case is called `copy`, or `copy-...`.
        runtime: the runtime.
        parent: PARENT of the last start in a copy, which that start alone uses.
        file: the role of the lock file that is to protect the payload.
    """

    def __init__(self, implementation: Implementation, case: str, layout: Layout | None = None) -> None:
        self.implementation = implementation
        self.in_copy = case.partition("-")[0] == "copy"
        self.runtime = implementation.runtime(layout)
        self.parent: Parent | None = None
        self.file = COPY_REF if self.in_copy else SRC_REF

    def start(
        self,
        *,
        choices: Mapping[str, str] | None = None,
        chosen: Sequence[Chosen] = (),
        parent: Parent | None = None,
    ) -> Running:
        """Start a payload; in a copy, below this PARENT or a new one."""
        if not self.in_copy:
            return self.implementation.run(self.runtime, choices=choices, chosen=chosen)
        self.parent = parent or self.implementation.parent()
        return self.implementation.copy(self.runtime, self.parent, choices=choices, chosen=chosen)

    @property
    def copy(self) -> Copy | None:
        """The copy of the last start; None where there is none (yet)."""
        return copying.made(self.implementation, self.runtime, self.parent) if self.parent else None

    @property
    def ref(self) -> Path | None:
        """The lock file of the last start; None where its copy is not there (yet)."""
        if not self.in_copy:
            return self.runtime.ref
        copy = self.copy
        return copy.ref if copy else None

    def own_files(self) -> tuple[Path, ...]:
        """Where that file may be: for `Running.be_patient_with`."""
        if not self.in_copy:
            return (self.runtime.ref,)
        return self.copy.refs if self.copy else ()

    def role_files(self) -> Iterable[Path]:
        """All lock files that the last start may lock now."""
        if self.parent is None:
            return (self.runtime.ref,)
        return copying.role_files(self.implementation, self.runtime, self.parent)

    def look(self) -> LockTable | None:
        """The locks on that file; None where it is not there."""
        ref = self.ref
        return doing.look(ref) if ref else None

    def use_of(self, start: Start, locks: LockTable | None) -> Use:
        """What was seen of a start, as a use of that file."""
        return Use(start, locks, self.file)

    def use(self, running: Running) -> Use:
        """Wait for the payload and for rest, then look at the locks."""
        return doing.used(running, self.look, self.file)
