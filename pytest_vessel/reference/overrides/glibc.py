"""What must come with the provider's libc: its loader, its locales, its gconv modules.

ld.so and libc.so.6 are of one build and share private interfaces: a program with one of each dies at once. So where
libc is overridden, the runtime's ld.so becomes a link to the provider's. Locale data and gconv modules are read by libc
from paths that were compiled into it; the container gets the provider's there.
"""

from __future__ import annotations

import os

from pytest_vessel.reference.overrides.folder import OverridesFolder
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider
from pytest_vessel.reference.trouble import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.reference.overrides.architecture import Architecture

LIBC = "libc.so.6"
DATA = ("/usr/lib/locale", "/usr/share/i18n")


class Glibc:
    """Redirects, in the copy, what belongs to a libc that is overridden. `targets`: where all that leads."""

    def __init__(self, folder: OverridesFolder, copy: CopyRoot, provider: Provider) -> None:
        self.folder = folder
        self.copy = copy
        self.provider = provider
        self.targets: list[str] = []

    def loader(self, architecture: Architecture) -> str | None:
        """The provider's loader for libraries of a kind, a path without links; None: it has no such libraries.

        Raises:
            Trouble: it has libc, but not the loader.
        """
        loader = self.provider.real(architecture.loader)
        if loader is None and (folders := self.libc_folders(architecture)):
            what = f"the provider has {folders[0]}/{LIBC}, and not the loader that belongs to it, {architecture.loader}"
            raise Trouble(f"{what}: none of its libraries for {architecture.multiarch} can be loaded")
        return loader

    def libc_folders(self, architecture: Architecture) -> list[str]:
        """Where the provider has libc."""
        found = {folder: self.provider.library(f"{folder}/{LIBC}") for folder in architecture.library_folders}
        return [folder for folder, libc in found.items() if libc and libc.multiarch == architecture.multiarch]

    def redirect(self, architecture: Architecture, loader: str) -> None:
        """Redirect all of it, if libc is overridden."""
        if self.folder.target(f"{architecture.folder}/{LIBC}") is None:
            return
        self.redirect_loader(architecture, loader)
        for path in (*DATA, *self.gconv(architecture)):
            self.redirect_data(path)

    def redirect_loader(self, architecture: Architecture, loader: str) -> None:
        """Replace each copy of ld.so that the runtime has."""
        name = os.path.basename(architecture.loader)
        paths = (architecture.loader, *(f"{folder}/{name}" for folder in architecture.library_folders))
        for real in sorted({real for real in map(self.copy.real, paths) if real}):
            self.redirect_to(real, loader)

    def redirect_data(self, path: str) -> None:
        """Replace a folder by the provider's, if that has it."""
        real = self.provider.real(path)
        if real and self.provider.is_folder(real):
            self.redirect_to(path, real)

    def gconv(self, architecture: Architecture) -> list[str]:
        """The folders of gconv modules: they lie beside libc, as /usr shows it."""
        return sorted({f"/usr{folder.removeprefix('/usr')}/gconv" for folder in self.libc_folders(architecture)})

    def redirect_to(self, path: str, real: str) -> None:
        """Make a path of the copy lead to a file of the provider."""
        target = self.provider.inside(real)
        self.copy.link(path, target)
        self.folder.say(f"{path} -> {target}")
        self.targets.append(target)
