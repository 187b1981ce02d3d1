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
    """Redirects, in the copy, what belongs to a libc that is overridden."""

    def __init__(self, folder: OverridesFolder, copy: CopyRoot, provider: Provider) -> None:
        self.folder = folder
        self.copy = copy
        self.provider = provider

    def check(self, architecture: Architecture) -> bool:
        """Whether the provider can give libraries of a kind: it has the loader for them.

        Raises:
            Trouble: it has libc, but not the loader.
        """
        if self.provider.real(architecture.loader):
            return True
        for folder in architecture.library_folders:
            found = self.provider.library(f"{folder}/{LIBC}")
            if found and found.multiarch == architecture.multiarch:
                what = f"the provider has {folder}/{LIBC}, and not the loader that belongs to it, {architecture.loader}"
                raise Trouble(f"{what}: none of its libraries for {architecture.multiarch} can be loaded")
        return False

    def redirect(self, architecture: Architecture) -> None:
        """Redirect all of it, if libc is overridden."""
        if self.folder.target(f"{architecture.folder}/{LIBC}") is None:
            return
        self.redirect_loader(architecture)
        for path in DATA:
            self.redirect_data(path)
        self.redirect_gconv(architecture)

    def redirect_loader(self, architecture: Architecture) -> None:
        """Replace each copy of ld.so that the runtime has."""
        loader = self.provider.real(architecture.loader)
        if loader is None:
            raise Trouble(f"{architecture.loader}: is gone from the provider")
        name = os.path.basename(architecture.loader)
        paths = (architecture.loader, *(f"{folder}/{name}" for folder in architecture.library_folders))
        for real in sorted({real for real in map(self.copy.real, paths) if real}):
            self.redirect_to(real, loader)

    def redirect_data(self, path: str) -> None:
        """Replace a folder by the provider's, if that has it."""
        real = self.provider.real(path)
        if real and self.provider.is_folder(real):
            self.redirect_to(path, real)

    def redirect_gconv(self, architecture: Architecture) -> None:
        """Replace the gconv modules: they lie beside libc, as /usr shows it."""
        for folder in architecture.library_folders:
            if self.provider.real(f"{folder}/{LIBC}") and folder.startswith("/usr/"):
                self.redirect_data(f"{folder}/gconv")

    def redirect_to(self, path: str, real: str) -> None:
        """Make a path of the copy lead to a file of the provider."""
        target = self.provider.inside(real)
        self.copy.link(path, target)
        self.folder.say(f"{path} -> {target}")
