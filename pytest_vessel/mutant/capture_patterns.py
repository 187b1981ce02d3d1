"""Mutants of the patterns: what is asked for is understood wrongly."""

from __future__ import annotations

from pytest_vessel.mutant.acts import changed
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.capturing import Capture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.capture.pattern import Pattern


class Misread(Capture):
    """Understands each pattern in a way of its own."""

    def patterns(self) -> tuple[Pattern, ...]:
        """Read, and misread."""
        return tuple(self.misread(pattern) for pattern in super().patterns())

    def misread(self, pattern: Pattern) -> Pattern:
        """What it takes a pattern for."""
        return pattern


@mutant("capture-ignores-even-if-older")
class IgnoresEvenIfOlder(Misread):
    """Compares what is to be taken even if it is older.

    Stands for a prefix that is read over.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Forget the prefix."""
        return changed(pattern, even_if_older=False)


@mutant("capture-ignores-if-exists")
class IgnoresIfExists(Misread):
    """Fails where something is missing that may be.

    Stands for a prefix that is read over.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Forget the prefix."""
        return changed(pattern, if_exists=False)


@mutant("capture-ignores-if-same-abi")
class IgnoresIfSameAbi(Misread):
    """Fails at a library of another class or machine that may be one.

    Stands for a prefix that is read over.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Forget the prefix."""
        return changed(pattern, if_same_abi=False)


@mutant("capture-if-exists-forgives-all")
class IfExistsForgivesAll(Misread):
    """Takes `if-exists:` for leave to pass over a library of another class or machine, too.

    Stands for one flag for all errors.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Forgive more."""
        return changed(pattern, if_same_abi=pattern.if_same_abi or pattern.if_exists)


@mutant("capture-never-fails")
class NeverFails(Misread):
    """Passes over whatever is missing.

    Stands for a warning where an error was meant.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Forgive what is missing."""
        return changed(pattern, if_exists=True)


@mutant("capture-always-with-dependencies")
class AlwaysWithDependencies(Misread):
    """Takes what a library needs although it is asked for without.

    Stands for a prefix that is read over.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Take all of `no-dependencies:`."""
        from pytest_vessel.capture.pattern import Extent

        return changed(pattern, extent=Extent.ALL) if pattern.extent is Extent.ITSELF else pattern


@mutant("capture-never-with-dependencies")
class NeverWithDependencies(Misread):
    """Takes libraries without what they need.

    Stands for a copy of the files that were named.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Take nothing but the library."""
        from pytest_vessel.capture.pattern import Extent

        return changed(pattern, extent=Extent.ITSELF) if pattern.extent is Extent.ALL else pattern


@mutant("capture-dependencies-and-itself")
class DependenciesAndItself(Misread):
    """Takes the library, too, of which only the dependencies are asked for.

    Stands for a list of dependencies that begins with the library itself.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Take all of `only-dependencies:`."""
        from pytest_vessel.capture.pattern import Extent

        return changed(pattern, extent=Extent.ALL) if pattern.extent is Extent.DEPENDENCIES else pattern


@mutant("capture-globs-are-text")
class GlobsAreText(Misread):
    """Looks for a library that is called like the glob.

    Stands for strcmp(3) where fnmatch(3) was meant.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Take globs for names and paths."""
        from pytest_vessel.capture.pattern import Kind

        kinds = {Kind.SONAME_MATCH: Kind.SONAME, Kind.PATH_MATCH: Kind.PATH}
        return changed(pattern, kind=kinds.get(pattern.kind, pattern.kind))


@mutant("capture-exact-soname-is-any")
class ExactSonameIsAny(Misread):
    """Takes a library by the name of a link, where its own must be that name.

    Stands for a DT_SONAME that is never looked at.
    """

    def misread(self, pattern: Pattern) -> Pattern:
        """Take any."""
        from pytest_vessel.capture.pattern import Kind

        return changed(pattern, kind=Kind.SONAME) if pattern.kind is Kind.EXACT_SONAME else pattern
