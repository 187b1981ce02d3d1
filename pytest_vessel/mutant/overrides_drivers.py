"""Mutants of a copy with overrides: drivers and their manifests."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.overrides.drivers import Drivers, numbers
from pytest_vessel.reference.overrides.folder import INSIDE
from pytest_vessel.reference.overrides.manifests import MOST_BYTES, Manifest, ManifestKind, Manifests, Unusable
from pytest_vessel.reference.overrides.roots import Library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pytest_vessel.reference.overrides.architecture import Architecture


@mutant("drivers-always-numbered")
class DriversAlwaysNumbered(Drivers):
    """Gives each driver a numbered folder of its own, also where no two have one name.

    Stands for the general case as the only one: variables grow by one folder for each driver.
    """

    def inner_folders(self, names: list[str]) -> list[str]:
        """Number them."""
        return [f"/{number}" for number in numbers(len(names))]


@mutant("drivers-unpadded")
class DriversUnpadded(Drivers):
    """Numbers folders without leading zeros.

    Stands for `%d`: whoever lists the folder gets 10 before 2.
    """

    def inner_folders(self, names: list[str]) -> list[str]:
        """Take the zeros away."""
        return [inner and f"/{int(inner[1:])}" for inner in super().inner_folders(names)]


@mutant("driver-links-apart")
class DriverLinksApart(Drivers):
    """Gives each name of a driver a target of its own.

    Stands for a comparison of names, not of inodes: a file with two names is mapped twice.
    """

    def place(self, architecture: Architecture) -> None:
        """Make the links again."""
        super().place(architecture)
        for (_, driver), folder in self.placed.items():
            os.unlink(path := f"{folder}/{driver.name}", dir_fd=self.folder.descriptor)
            self.folder.link(path, self.provider.inside(f"{os.path.dirname(driver.real)}/{driver.name}"))


@mutant("manifest-order-lost")
class ManifestOrderLost(Manifests):
    """Names manifests in the order of their names.

    Stands for a folder that is listed again: what the user wants first comes last.
    """

    def write(self, architectures: Sequence[Architecture]) -> None:
        """Sort them."""
        self.found.sort(key=lambda manifest: manifest.path)
        super().write(architectures)


@mutant("manifest-as-it-was")
class ManifestAsItWas(Manifests):
    """Leaves the paths of libraries in manifests as the provider has them.

    Stands for `cp -r`: they lead nowhere in the container, or to the runtime's.
    """

    def path_inside(
        self, kind: ManifestKind, library: Library | str, architectures: Sequence[Architecture]
    ) -> str | None:
        """Name it as outside."""
        inside = super().path_inside(kind, library, architectures)
        return library.real if inside and isinstance(library, Library) else inside


@mutant("manifest-broken-kept")
class ManifestBrokenKept(Manifests):
    """Copies manifests that cannot be read as they are.

    Stands for leaving it to others: a loader that meets broken JSON may drop all drivers.
    """

    def read(self, kind: ManifestKind, path: str) -> Manifest:
        """Copy it."""
        try:
            return super().read(kind, path)
        except Unusable:
            self.folder.make_folder(kind.folder)
            text = self.provider.content(path, MOST_BYTES).decode()
            self.folder.write(f"{kind.folder}/{os.path.basename(path)}", text)
            raise


@mutant("manifest-without-library")
class ManifestWithoutLibrary(Manifests):
    """Keeps manifests whose library is missing, or is for another machine.

    Stands for paths that are rewritten as text: a loader follows them, and says what it finds.
    """

    def library(self, kind: ManifestKind, path: str, part: dict[str, Any]) -> Library | str | None:
        """Take what cannot be used for nothing."""
        try:
            return super().library(kind, path, part)
        except Unusable:
            return None


@mutant("manifest-bare-name-lost")
class ManifestBareNameLost(Manifests):
    """Captures nothing for manifests that name a library without a path, and leaves them out.

    Stands for a check that a path is absolute, or relative: a bare name is for the dynamic loader.
    """

    def patterns(self) -> list[str]:
        """Ask for none."""
        return []


@mutant("manifest-needs-library")
class ManifestNeedsLibrary(Manifests):
    """Leaves out manifests of layers that name no library.

    Stands for a field that is thought to be there always: a layer may be made of other layers.
    """

    def library(self, kind: ManifestKind, path: str, part: dict[str, Any]) -> Library | str | None:
        """Insist."""
        if found := super().library(kind, path, part):
            return found
        raise Unusable("names no library")


@mutant("manifest-folder-left")
class ManifestFolderLeft(Manifests):
    """Makes the folder for a manifest before it knows whether that can be used, and leaves it.

    Stands for `mkdir -p` at the top of a function, with an early return below it.
    """

    def read(self, kind: ManifestKind, path: str) -> Manifest:
        """Make it first."""
        self.folder.make_folder(kind.folder)
        return super().read(kind, path)


@mutant("manifest-names-random")
class ManifestNamesRandom(Manifests):
    """Gives manifests names that are others in each run.

    Stands for mkstemp(3): two runs cannot be compared.
    """

    def names(self, kind: ManifestKind, names: list[str]) -> list[str]:
        """Draw them."""
        return [f"{os.urandom(4).hex()}.json" for _ in names]


@mutant("layers-one-folder-deeper")
class LayersOneFolderDeeper(Manifests):
    """Puts manifests of layers into numbered folders, where no loader looks.

    Stands for one way for all kinds of manifests: drivers are named one by one, layers are not.
    """

    def names(self, kind: ManifestKind, names: list[str]) -> list[str]:
        """Put each into one of its own."""
        if not kind.is_layer:
            return super().names(kind, names)
        return [f"{number}/{name}" for number, name in enumerate(names)]


@mutant("manifests-not-told")
class ManifestsNotTold(Manifests):
    """Names the first manifest of each kind alone.

    Stands for a list that is joined after the first: all drivers are there, and one is used.
    """

    def variables(self) -> dict[str, str]:
        """Leave the rest out."""
        return {name: value.partition(f":{INSIDE}")[0] for name, value in super().variables().items()}
