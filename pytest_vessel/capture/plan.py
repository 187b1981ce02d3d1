"""Which libraries a container gets from a provider: links by name, each with the reason. Writes nothing.

Source: the rules of docs/capture.md, by number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pytest_vessel.capture.compare import Choice, Copy, Side, choose
from pytest_vessel.capture.glibc import FAMILY, LIBC
from pytest_vessel.capture.knowledge import Knowledge
from pytest_vessel.capture.pattern import Extent, Kind, Pattern, patterns
from pytest_vessel.capture.stock import Library, OtherAbi, Stock
from pytest_vessel.errors import LibraryError
from pytest_vessel.libraries.found import Missing, Stage

NOT_THERE = "the container does not have it"
UNCOMPARED = "even if it is older"


@dataclass(frozen=True)
class Link:
    """One link of a capture: its name, the provider's file (a path inside the provider, without links), and why."""

    name: str
    real_path: str
    why: str


@dataclass(frozen=True)
class Kept:
    """A library of which the container keeps its own copy, and why."""

    name: str
    why: str


@dataclass
class Plan:
    """What a capture will do.

    Attributes:
        links: by name, in the order in which they were decided.
        kept: those that the container keeps.
        notes: what is worth knowing, and no error: a dependency that the provider lacks, two names for one library.
    """

    links: dict[str, Link] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def decided(self, name: str) -> bool:
        """Whether an earlier pattern gave the answer (rule 2)."""
        return name in self.links or name in self.kept


class Planner:
    """Decides on libraries, pattern after pattern. A `container` without a loader has no library; nor has None."""

    def __init__(self, provider: Stock, container: Stock | None, knowledge: Knowledge) -> None:
        self._provider, self.knowledge = provider, knowledge
        self._container = container if container and container.has_loader else None
        self.plan = Plan()

    def take(self, pattern: Pattern) -> None:
        """Decide on all that a pattern names.

        Raises:
            LibraryError: nothing matches, or what does is no library of this kind (rule 1); names the pattern.
        """
        try:
            found = list(self._found(pattern))
        except OtherAbi as problem:
            if pattern.if_same_abi:
                return
            raise OtherAbi(problem.what, where=f"{pattern}: {problem.where}", mend=problem.mend) from None
        except LibraryError as problem:
            raise LibraryError(problem.what, where=f"{pattern}: {problem.where}", mend=problem.mend) from None
        if not found and not pattern.if_exists:
            mend = "Write if-exists: before what may be missing."
            raise LibraryError(f"nothing in {self._provider.root.path} matches", where=str(pattern), mend=mend)
        for library in found:
            self._take(library, pattern)

    def _found(self, pattern: Pattern) -> Iterator[Library]:
        provider = self._provider
        if pattern.kind is Kind.PATH_MATCH:
            yield from self._by_paths(provider.paths(pattern.text))
            return
        if pattern.kind is Kind.SONAME_MATCH:
            found: list[Library | None] = [*provider.matching(pattern.text)]
        elif pattern.kind is Kind.PATH:
            found = [provider.by_path(pattern.text)]
        else:
            found = [provider.by_name(pattern.text)]
        for library in filter(None, found):
            if pattern.kind is Kind.EXACT_SONAME and library.soname != pattern.text:
                continue
            yield library

    def _by_paths(self, paths: Sequence[str]) -> Iterator[Library]:
        """Of what matches, libraries of this kind: a pattern for paths may meet anything."""
        for path in paths:
            try:
                library = self._provider.by_path(path)
            except LibraryError:
                continue
            if library:
                yield library

    def _take(self, library: Library, pattern: Pattern) -> None:
        if pattern.extent is not Extent.DEPENDENCIES:
            self.decide(library, uncompared=pattern.even_if_older)
        if pattern.extent is Extent.ITSELF:
            return
        for entry in self._provider.closure(library).entries:
            if isinstance(entry, Missing):
                self._note(f"{entry.name}, needed by {entry.needed_by}, is not in the provider")
            elif entry.rule.stage is not Stage.LOADER:  # a folder of libraries does not replace it
                name = (entry.soname or entry.name.rpartition("/")[2]) if "/" in entry.name else entry.name
                self.decide(Library(name, entry.soname, entry.real_path), uncompared=False)

    def decide(self, library: Library, *, uncompared: bool) -> None:
        """Link a library, or keep the container's. `uncompared`: the provider's is taken, whatever the other is."""
        name = library.name
        if self.plan.decided(name) or name in FAMILY - {LIBC}:
            return
        side, why = self._side(library, uncompared=uncompared)
        if side is Side.CONTAINER:
            self.plan.kept[name] = Kept(name, why)
            return
        self._link(library, why)
        if name == LIBC:
            self._take_family()

    def _side(self, library: Library, *, uncompared: bool) -> tuple[Side, str]:
        if uncompared:
            return Side.PROVIDER, UNCOMPARED
        if not (self._container and (own := self._container.by_name(library.name))):
            return Side.PROVIDER, NOT_THERE
        choice = self.choose(library.name, self._provider.copy(library), self._container.copy(own))
        return choice.side, choice.why

    def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
        """The newer one of two copies."""
        return choose(name, provider, container, self.knowledge.methods(name))

    def _link(self, library: Library, why: str) -> None:
        same = [link.name for link in self.plan.links.values() if link.real_path == library.real_path]
        if same:
            self._note(f"{library.name} and {same[0]} are one library, {library.real_path}")
        self.plan.links[library.name] = Link(library.name, library.real_path, why)

    def _note(self, what: str) -> None:
        self.plan.notes += [what] * (what not in self.plan.notes)

    def _take_family(self) -> None:
        """All members of glibc that the provider has (rule 3): they are of one build."""
        for name in sorted(FAMILY - {LIBC}):
            if member := self._provider.by_name(name):
                self._link(replace(member, name=name), f"comes with {LIBC}")


def planned(
    words: Sequence[str],
    provider: Stock,
    container: Stock | None = None,
    knowledge: Knowledge | None = None,
) -> Plan:
    """What a capture of these patterns does.

    Raises:
        UsageProblem: a pattern means nothing.
        LibraryError: a pattern cannot be had; then nothing of the others is worth anything either.
    """
    planner = Planner(provider, container, knowledge or Knowledge())
    for pattern in patterns(words):
        planner.take(pattern)
    return planner.plan
