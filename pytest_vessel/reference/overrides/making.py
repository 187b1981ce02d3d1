"""Making the overrides of one copy: the order of the steps.

Manifests and drivers come first, since what they need is captured with everything else, in one go for each
architecture. Then what depends on what was captured: the links of drivers, what belongs to libc, aliases, and what is
to go from the copy. Manifests are written last: by then it is known what they can name.
"""

from __future__ import annotations

import os

from pytest_vessel.reference.container import USR_LINKS
from pytest_vessel.reference.overrides.aliases import Aliases
from pytest_vessel.reference.overrides.architecture import Architecture, of_runtime
from pytest_vessel.reference.overrides.drivers import Drivers
from pytest_vessel.reference.overrides.folder import INSIDE, OverridesFolder
from pytest_vessel.reference.overrides.glibc import Glibc
from pytest_vessel.reference.overrides.libraries import Libraries
from pytest_vessel.reference.overrides.loading import Loading
from pytest_vessel.reference.overrides.manifests import Manifests
from pytest_vessel.reference.overrides.provider_view import ProviderView
from pytest_vessel.reference.overrides.roots import PROVIDER_INSIDE, CopyRoot, Provider
from pytest_vessel.reference.overrides.shadows import Shadows
from pytest_vessel.reference.trouble import Trouble


class Overrides:
    """The overrides of one copy, from one provider. `make` is the order of the steps.

    Args:
        folder: OVR, which was made and is empty.
        copy: a descriptor of the copy's folder.
        path: the provider's folder, absolute.
        merged: the runtime is a merged /usr, so the copy has nothing beside it.
    """

    libraries: type[Libraries] = Libraries
    glibc: type[Glibc] = Glibc
    drivers: type[Drivers] = Drivers
    manifests: type[Manifests] = Manifests
    aliases: type[Aliases] = Aliases
    shadows: type[Shadows] = Shadows
    loading: type[Loading] = Loading
    view: type[ProviderView] = ProviderView

    def __init__(self, folder: OverridesFolder, copy: int, path: str, *, merged: bool) -> None:
        self.folder = folder
        self.path = path
        self.merged = merged
        self.copy = CopyRoot(copy)
        self.provider = Provider(self.open_provider())
        self.found_drivers = self.drivers(folder, self.provider)
        self.family = self.glibc(folder, self.copy, self.provider)
        self.found_manifests = self.manifests(folder, self.provider, self.found_drivers)
        self.configured = self.loading(self.copy)
        self.architectures: tuple[Architecture, ...] = ()

    def open_provider(self) -> int:
        """A descriptor of the provider's folder."""
        try:
            return os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as problem:
            raise Trouble(f"{self.path}: cannot be opened as a provider: {problem.strerror}") from None

    def make(self) -> None:
        """Fill OVR, and change in the copy what must fit it.

        Raises:
            Trouble: something cannot be had or made; names it. OVR is of no use then.
        """
        if self.merged:
            self.complete_root()
        self.architectures = of_runtime(self.copy)
        self.found_manifests.find(os.environ)
        self.found_drivers.find(os.environ, self.architectures)
        for architecture in self.architectures:
            self.capture(architecture)
        self.aliases(self.folder, self.copy).make(self.architectures)
        for architecture in self.architectures:
            self.shadows(self.folder, self.copy).remove(architecture)
        self.found_manifests.write(self.architectures)
        self.configured.configure(self.architectures)

    def complete_root(self) -> None:
        """Make the copy of a merged /usr a root: with the links beside /usr that the container will see."""
        os.close(self.copy.make_folder("/usr/etc"))
        for name in USR_LINKS:
            if self.copy.is_folder(f"/usr/{name}"):
                self.copy.link(f"/{name}", f"usr/{name}")

    def capture(self, architecture: Architecture) -> None:
        """All for one architecture; an empty folder if the provider has nothing that could be loaded."""
        loader = self.family.loader(architecture)
        if loader is None:
            self.folder.make_folder(architecture.folder)
            return
        patterns = [*self.found_manifests.patterns(), *self.found_drivers.patterns(architecture)]
        self.libraries(self.folder, self.copy, self.provider).capture(architecture, patterns)
        self.found_drivers.place(architecture)
        self.family.redirect(architecture, loader)

    def variables(self) -> dict[str, str]:
        """What the environment of programs in the container holds."""
        return self.configured.variables() | self.found_drivers.variables() | self.found_manifests.variables()

    def make_cache(self) -> None:
        """Make the loader's cache, if there is a loader; in the container."""
        if self.architectures:
            self.configured.make_cache()

    def shown(self) -> ProviderView:
        """What the container sees: OVR, the provider, and each folder outside of that which a link leads to."""
        targets = [*self.found_drivers.targets(), *self.family.targets]
        for architecture in self.architectures:
            targets += self.folder.links(architecture.folder).values()
        folders = {os.path.dirname(target) for target in targets}
        verbatim = [one for one in sorted(folders) if not one.startswith((f"{PROVIDER_INSIDE}/", f"{INSIDE}/"))]
        return self.view(self.path, verbatim)
