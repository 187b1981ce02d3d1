"""Mutants of the folder of links: names, targets, and what is left of a capture that failed."""

from __future__ import annotations

import os

from pytest_vessel.mutant.acts import changed
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.capturing import Capture
from pytest_vessel.reference.trouble import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.capture.links import Rewriting
    from pytest_vessel.capture.plan import Link


@mutant("capture-names-by-file")
class NamesByFile(Capture):
    """Calls a link like the file that it leads to, not like the library that was asked for.

    Stands for a copy of `libz.so.1.3` where programs look for `libz.so.1`.
    """

    def links(self) -> list[Link]:
        """Take the names of the files."""
        return [changed(link, name=os.path.basename(link.real_path)) for link in super().links()]


@mutant("capture-links-to-links")
class LinksToLinks(Capture):
    """Leads to the path by which the library was found, which may be another link.

    Stands for a path that is not resolved: what it leads to in the container depends on that container.
    """

    def links(self) -> list[Link]:
        """Lead to the name in the folder of the file."""
        return [changed(link, real_path=f"{os.path.dirname(link.real_path)}/{link.name}") for link in super().links()]


@mutant("capture-relative-targets")
class RelativeTargets(Capture):
    """Writes targets without the slash at their beginning: they count from the folder of links.

    Stands for paths that are joined without it.
    """

    def rewriting(self) -> Rewriting:
        """Take the slash away."""
        sound = super().rewriting()
        return changed(sound, prefix=sound.prefix.lstrip("/"))


@mutant("capture-forgets-prefix")
class ForgetsPrefix(Capture):
    """Leads to paths of the provider as they are there: in the container they dangle, or lead to its own libraries.

    Stands for an option that is parsed and then forgotten.
    """

    def rewriting(self) -> Rewriting:
        """Have no prefix."""
        return changed(super().rewriting(), prefix="")


@mutant("capture-partial-success")
class PartialSuccess(Capture):
    """Links what comes before a pattern that cannot be had, and succeeds.

    Stands for a loop that ends at the first error, whose status nobody looks at.
    """

    def links(self) -> list[Link]:
        """Take what there is."""
        from pytest_vessel.errors import LibraryError

        planner = self.planner()
        try:
            for pattern in self.patterns():
                planner.take(pattern)
        except LibraryError:
            pass
        return list(planner.plan.links.values())


@mutant("capture-keeps-partial")
class KeepsPartial(Capture):
    """Fails, and leaves the links that it has made so far.

    Stands for a capture straight into its destination.
    """

    def links(self) -> list[Link]:
        """Make the links of each pattern before the next."""
        from pytest_vessel.errors import VesselError

        planner = self.planner()
        try:
            for pattern in self.patterns():
                planner.take(pattern)
        except VesselError:
            self.publish(planner.plan.links.values())
            raise
        return list(planner.plan.links.values())


@mutant("capture-fails-in-silence")
class FailsInSilence(Capture):
    """Says nothing when it fails.

    Stands for a message that goes to a log which nobody has.
    """

    def start(self) -> int:
        """Drop the message."""
        try:
            return super().start()
        except Trouble as trouble:
            return trouble.status
