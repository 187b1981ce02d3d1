"""Capturing libraries: a folder of links to what a container gets of a provider.

Which copy of a library is the one to take is a question of its own, and `pytest_vessel.capture` answers it (its rules
are in docs/capture.md). Here is only what the verb adds: the order of the steps, and how each begins. All or nothing:
DEST is there when all that was asked for is in it, and not at all otherwise.
"""

from __future__ import annotations

from pytest_vessel.reference.trouble import Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_vessel.capture.knowledge import Knowledge
    from pytest_vessel.capture.links import Rewriting
    from pytest_vessel.capture.pattern import Pattern
    from pytest_vessel.capture.plan import Link, Planner
    from pytest_vessel.capture.stock import Stock


class Capture:
    """One capture. `start` is the order of the steps. Imports stand in them: other verbs do without."""

    def __init__(
        self,
        provider: str,
        container: str,
        destination: str,
        words: Sequence[str],
        *,
        prefix: str = "",
        remaps: Sequence[str] = (),
        knowledge: str | None = None,
        arch: str = "",
    ) -> None:
        self.provider_folder, self.container_folder = provider, container
        self.destination = destination
        self.words = words
        self.prefix, self.remaps = prefix, remaps
        self.knowledge_file = knowledge
        self.arch = arch

    def start(self) -> int:
        """Make the folder of links; returns 0 when it is there, and whole.

        Raises:
            Trouble: something cannot be had, or means nothing. There is no folder.
        """
        from pytest_vessel.errors import VesselError

        try:
            self.publish(self.links())
        except VesselError as problem:
            raise Trouble(str(problem).replace("\n  ", ". ")) from None
        return 0

    def links(self) -> list[Link]:
        """What is to be linked; what is worth knowing, and no error, goes to stderr."""
        planner = self.planner()
        for pattern in self.patterns():
            planner.take(pattern)
        for note in planner.plan.notes:
            tell(f"note: {note}")
        return list(planner.plan.links.values())

    def planner(self) -> Planner:
        """Who decides on each library."""
        from pytest_vessel.capture.plan import Planner

        return Planner(self.stock(self.provider_folder), self.stock(self.container_folder), self.knowledge())

    def patterns(self) -> tuple[Pattern, ...]:
        """What is asked for."""
        from pytest_vessel.capture.pattern import patterns

        return patterns(self.words)

    def stock(self, folder: str) -> Stock:
        """The libraries of a root."""
        from pytest_vessel.capture.abis import abi_of
        from pytest_vessel.capture.stock import Stock

        return Stock(folder, abi_of(self.arch))

    def knowledge(self) -> Knowledge:
        """How single libraries are compared."""
        from pytest_vessel.capture.knowledge import known

        return known(file=self.knowledge_file)

    def rewriting(self) -> Rewriting:
        """Where links lead."""
        from pytest_vessel.capture.links import Rewriting, remap

        return Rewriting(self.prefix, tuple(map(remap, self.remaps)))

    def publish(self, links: Iterable[Link]) -> None:
        """Make the folder."""
        from pathlib import Path

        from pytest_vessel.capture.links import publish

        publish(links, self.rewriting(), Path(self.destination))


class Kind:
    """What else is asked of a library: its architecture, and the name that it gives itself (or None)."""

    def __init__(self, multiarch: str, soname: str | None) -> None:
        self.multiarch = multiarch
        self.soname = soname


def kind_of(descriptor: int, path: str) -> Kind | None:
    """What kind of library an open file is; None where no loader could load it. `path` is for messages."""
    from pytest_vessel.capture.abis import TUPLES
    from pytest_vessel.errors import LibraryError
    from pytest_vessel.libraries.elf import read
    from pytest_vessel.libraries.elf_header import Content

    try:
        elf = read(Content(descriptor, path))
    except (LibraryError, OSError):
        return None
    found = [name for name, abi in TUPLES.items() if elf and abi == elf.abi and elf.is_dynamic]
    return Kind(found[0], elf.soname) if elf and found else None
