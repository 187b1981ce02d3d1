"""Mutants of the choice between the provider's copy of a library and the container's."""

from __future__ import annotations

from pytest_vessel.mutant.acts import changed
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.capturing import Capture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.capture.compare import Choice, Copy
    from pytest_vessel.capture.knowledge import Knowledge
    from pytest_vessel.capture.plan import Link, Planner
    from pytest_vessel.capture.stock import Library


class Partial(Capture):
    """Has a planner of another class."""

    def planner(self) -> Planner:
        """Make one."""
        return self.flawed()(self.stock(self.provider_folder), self.stock(self.container_folder), self.knowledge())

    def flawed(self) -> type[Planner]:
        """That class; it is made here since its base is imported late."""
        raise NotImplementedError


@mutant("capture-tie-to-container")
class TieToContainer(Capture):
    """Keeps the container's copy where both are equal.

    Stands for `<` where `<=` was meant.
    """

    def knowledge(self) -> Knowledge:
        """Prefer the container in the end."""
        from pytest_vessel.capture.knowledge import known

        return known("name,container", self.knowledge_file)


@mutant("capture-takes-all")
class TakesAll(Capture):
    """Takes the provider's copies, whatever the container has.

    Stands for a comparison that was never written.
    """

    def knowledge(self) -> Knowledge:
        """Prefer the provider from the beginning."""
        from pytest_vessel.capture.knowledge import known

        return known("provider", self.knowledge_file)


@mutant("capture-ignores-knowledge")
class IgnoresKnowledge(Capture):
    """Does not read what is known of single libraries.

    Stands for an option that is parsed and then forgotten.
    """

    def knowledge(self) -> Knowledge:
        """Know nothing."""
        from pytest_vessel.capture.knowledge import known

        return known()


@mutant("capture-first-method-only")
class FirstMethodOnly(Partial):
    """Asks the first method alone: where it cannot tell, the provider's is taken.

    Stands for a list of which one entry is read.
    """

    def flawed(self) -> type[Planner]:
        """Cut the list."""
        from pytest_vessel.capture import compare, plan

        class Flawed(plan.Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                return compare.choose(name, provider, container, self.knowledge.methods(name)[:1])

        return Flawed


@mutant("capture-libc-by-knowledge")
class LibcByKnowledge(Partial):
    """Lets a knowledge file say how libc is compared.

    Stands for a rule without its exception.
    """

    def flawed(self) -> type[Planner]:
        """Ask the file first."""
        from pytest_vessel.capture import compare, plan

        class Flawed(plan.Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                methods = self.knowledge.by_name.get(name) or self.knowledge.methods(name)
                return compare.choose(name, provider, container, methods)

        return Flawed


@mutant("capture-libc-by-name")
class LibcByName(Partial):
    """Compares libc as any other library, by the name of its file, which is mostly the same in both.

    Stands for a rule without its exception.
    """

    def flawed(self) -> type[Planner]:
        """Compare by name."""
        from pytest_vessel.capture import compare, plan
        from pytest_vessel.capture.glibc import LIBC

        class Flawed(plan.Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                methods = compare.DEFAULT if name == LIBC else self.knowledge.methods(name)
                return compare.choose(name, provider, container, methods)

        return Flawed


@mutant("capture-counts-private-versions")
class CountsPrivateVersions(Partial):
    """Counts the private version of glibc as one that others can use.

    Stands for all version definitions where the public ones were meant.
    """

    def flawed(self) -> type[Planner]:
        """Call it otherwise, so that it counts."""
        from pytest_vessel.capture.compare import PRIVATE_VERSION
        from pytest_vessel.capture.plan import Planner

        def public(copy: Copy) -> Copy:
            return changed(copy, versions=frozenset(one.replace(PRIVATE_VERSION, "PUBLIC") for one in copy.versions))

        class Flawed(Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                return super().choose(name, public(provider), public(container))

        return Flawed


@mutant("capture-compares-text")
class ComparesText(Partial):
    """Compares names of files as text: 1.9 is newer than 1.10.

    Stands for strcmp(3) where strverscmp(3) was meant.
    """

    def flawed(self) -> type[Planner]:
        """Have them compared with one figure for each number."""
        from pytest_vessel.capture.compare import Choice, Method, Side
        from pytest_vessel.capture.plan import Planner

        class Flawed(Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                by_name = self.knowledge.methods(name)[0] is Method.NAME
                if not by_name or name in (provider.file_name, container.file_name):
                    return super().choose(name, provider, container)
                older = provider.file_name < container.file_name
                return Choice(Side.CONTAINER if older else Side.PROVIDER, "as text")

        return Flawed


@mutant("capture-name-says-all")
class NameSaysAll(Partial):
    """Takes a file without a version in its name for older than one with a version.

    Stands for a comparison of names that say nothing.
    """

    def flawed(self) -> type[Planner]:
        """Compare for a library that none of the files is called like."""
        from pytest_vessel.capture import compare, plan

        class Flawed(plan.Planner):
            def choose(self, name: str, provider: Copy, container: Copy) -> Choice:
                return compare.choose(f"not {name}", provider, container, self.knowledge.methods(name))

        return Flawed


@mutant("capture-libc-alone")
class LibcAlone(Capture):
    """Takes libc.so.6 without the rest of glibc, which works with a libc of its own build alone.

    Stands for a list of libraries that are captured one by one.
    """

    def links(self) -> list[Link]:
        """Leave the others out."""
        from pytest_vessel.capture.glibc import FAMILY, LIBC

        return [link for link in super().links() if link.name not in FAMILY - {LIBC}]


@mutant("capture-glibc-by-member")
class GlibcByMember(Partial):
    """Takes a member of glibc that is asked for, whosever libc is taken.

    Stands for a list of libraries that are captured one by one.
    """

    def flawed(self) -> type[Planner]:
        """Link it at once."""
        from pytest_vessel.capture.glibc import FAMILY, LIBC
        from pytest_vessel.capture.plan import Link, Planner

        class Flawed(Planner):
            def decide(self, library: Library, *, uncompared: bool) -> None:
                if library.name in FAMILY - {LIBC}:
                    self.plan.links[library.name] = Link(library.name, library.real_path, "is asked for")
                super().decide(library, uncompared=uncompared)

        return Flawed


@mutant("capture-older-dependencies")
class OlderDependencies(Partial):
    """Takes what a library needs uncompared, too, where the library is to be taken even if it is older.

    Stands for a flag that is handed down.
    """

    def flawed(self) -> type[Planner]:
        """Hand it down."""
        from pytest_vessel.capture.pattern import Pattern
        from pytest_vessel.capture.plan import Planner

        class Flawed(Planner):
            handed_down = False

            def take(self, pattern: Pattern) -> None:
                self.handed_down = pattern.even_if_older
                super().take(pattern)

            def decide(self, library: Library, *, uncompared: bool) -> None:
                super().decide(library, uncompared=uncompared or self.handed_down)

        return Flawed


@mutant("capture-last-pattern-wins")
class LastPatternWins(Partial):
    """Replaces the link that an earlier pattern gave.

    Stands for `ln -sf`.
    """

    def flawed(self) -> type[Planner]:
        """Forget what was decided."""
        from pytest_vessel.capture.plan import Planner

        class Flawed(Planner):
            def decide(self, library: Library, *, uncompared: bool) -> None:
                self.plan.links.pop(library.name, None)
                super().decide(library, uncompared=uncompared)

        return Flawed
