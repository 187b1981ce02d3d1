"""Mutants of a copy with overrides: which libraries it gets, under which names, and where their links lead."""

from __future__ import annotations

import os
from contextlib import suppress

from pytest_vessel.capture.glibc import FAMILY
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.overrides.folder import PLACE, OverridesFolder
from pytest_vessel.reference.overrides.glibc import LIBC
from pytest_vessel.reference.overrides.libraries import Libraries, by_descriptor
from pytest_vessel.reference.overrides.roots import PROVIDER_INSIDE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture


@mutant("override-named-by-file")
class OverrideNamedByFile(Libraries):
    """Calls each link as its file is called, not by the SONAME.

    Stands for `ln -s "$(readlink -f "$lib")" .`: no program asks for libz.so.1.3.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Rename the links."""
        super().capture(architecture, patterns)
        for path, target in paths(self.folder, architecture):
            remove(self.folder, path)
            self.folder.link(f"{architecture.folder}/{os.path.basename(target)}", target)


@mutant("override-relative")
class OverrideRelative(OverridesFolder):
    """Makes links whose targets count from the folder that they stand in.

    Stands for `ln -sr`: right until somebody sees the folder in another place.
    """

    def tell_of(self, path: str, target: str = "") -> None:
        """Make each again."""
        super().tell_of(path, target)
        if target:
            remove(self, path)
            os.symlink(os.path.relpath(target, os.path.dirname(f"/{PLACE}/{path}")), path, dir_fd=self.descriptor)

    def target(self, path: str) -> str | None:
        """Know where it leads."""
        found = super().target(path)
        return found and os.path.normpath(os.path.join(f"/{PLACE}", os.path.dirname(path), found))


@mutant("override-of-a-link")
class OverrideOfALink(Libraries):
    """Lets a link lead to another link of the provider, by which a library was found, instead of to the file.

    Stands for a missing realpath(3): where that link leads in the container is another question.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Make them again."""
        super().capture(architecture, patterns)
        for path, target in paths(self.folder, architecture):
            remove(self.folder, path)
            self.folder.link(path, os.path.join(os.path.dirname(target), os.path.basename(path)))


@mutant("override-not-rewritten")
class OverrideNotRewritten(Libraries):
    """Lets links lead to where the libraries are outside: in the container they dangle, or lead to the runtime's.

    Stands for a helper that is not told where the container sees the provider.
    """

    def options(self, architecture: Architecture, knowledge: tuple[int, ...]) -> list[str]:
        """Do not tell it."""
        return [option for option in super().options(architecture, knowledge) if not option.startswith("--remap=")]


@mutant("override-always-rewritten")
class OverrideAlwaysRewritten(Libraries):
    """Rewrites the targets of all links, also where the container has the provider's folder at its own place.

    Stands for a prefix that is put before every path: below it there is no /opt.
    """

    def options(self, architecture: Architecture, knowledge: tuple[int, ...]) -> list[str]:
        """Rewrite the rest, too."""
        rest = [f"--remap=/{name}={PROVIDER_INSIDE}/{name}" for name in self.provider.names("/")]
        return super().options(architecture, knowledge) + rest


@mutant("override-older")
class OverrideOlder(Libraries):
    """Takes every library of the provider, also where the runtime's is newer.

    Stands for a helper that looks for the container's libraries in a folder where there are none.
    """

    def options(self, architecture: Architecture, knowledge: tuple[int, ...]) -> list[str]:
        """Show it an empty root."""
        options = super().options(architecture, knowledge)
        return [*options, f"--container={by_descriptor(self.folder.descriptor)}"]


@mutant("override-without-needs")
class OverrideWithoutNeeds(Libraries):
    """Captures nothing of what drivers need.

    Stands for "the runtime will have it": in an older version, or not at all.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Do not ask for it."""
        super().capture(architecture, [one for one in patterns if not one.startswith("only-dependencies:")])


@mutant("override-usual-folders-only")
class OverrideUsualFoldersOnly(Libraries):
    """Leaves out what lies outside of the provider's usual folders.

    Stands for a check that a path looks right: libraries that a DT_RPATH leads to are missing.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Take them away."""
        super().capture(architecture, patterns)
        for path, target in paths(self.folder, architecture):
            if not target.startswith(f"{PROVIDER_INSIDE}/"):
                remove(self.folder, path)


@mutant("override-libc-alone")
class OverrideLibcAlone(Libraries):
    """Takes the provider's libc.so.6 without the rest of its family.

    Stands for deciding on each library by itself: libm of another build fails when it is loaded.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Take them away."""
        super().capture(architecture, patterns)
        for path, _ in paths(self.folder, architecture):
            if os.path.basename(path) in FAMILY - {LIBC}:
                remove(self.folder, path)


@mutant("override-knowledge-ignored")
class OverrideKnowledgeIgnored(Libraries):
    """Does not look for what the runtime says about how to compare a library.

    Stands for a file that has moved: nobody misses what is optional.
    """

    def open_knowledge(self) -> tuple[int, ...]:
        """Find none."""
        return ()


@mutant("override-architectures-mixed")
class OverrideArchitecturesMixed(Libraries):
    """Puts the libraries of an architecture into the folders of those before it, in the place of theirs.

    Stands for a path without the tuple: programs of the first architecture find files that they cannot load.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Link them there."""
        super().capture(architecture, patterns)
        folder = os.open("lib", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.folder.descriptor)
        others = set(os.listdir(folder)) - {architecture.multiarch}
        os.close(folder)
        for path, target in paths(self.folder, architecture):
            for other in others:
                remove(self.folder, there := f"lib/{other}/{os.path.basename(path)}")
                self.folder.link(there, target)


@mutant("override-tie-lost")
class OverrideTieLost(Libraries):
    """Keeps the runtime's copy of two that have the same version.

    Stands for `>` where `>=` was meant: the provider's fits its drivers at least as well.
    """

    def capture(self, architecture: Architecture, patterns: Sequence[str]) -> None:
        """Take such links away."""
        super().capture(architecture, patterns)
        for path, target in paths(self.folder, architecture):
            file = os.path.basename(target)
            if any(self.copy.real(f"{folder}/{file}") for folder in architecture.library_folders):
                remove(self.folder, path)


def paths(folder: OverridesFolder, architecture: Architecture) -> Iterator[tuple[str, str]]:
    """The links of libraries: paths in OVR, and targets."""
    for name, target in folder.links(architecture.folder).items():
        yield f"{architecture.folder}/{name}", target


def remove(folder: OverridesFolder, path: str) -> None:
    """Take a link away, if it is there."""
    with suppress(FileNotFoundError):
        os.unlink(path, dir_fd=folder.descriptor)
