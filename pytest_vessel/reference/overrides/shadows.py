"""The runtime's own copies of what is overridden: they go, so that no loader can find them first.

ld.so.conf lists OVR first, and that is not enough: ldconfig prefers a library that asks for a newer kernel, or one in a
`glibc-hwcaps` folder, wherever it is; and a program that resets LD_LIBRARY_PATH, or a DT_RPATH, leads to the runtime's.
What is not overridden is not touched.
"""

from __future__ import annotations

import os

from pytest_vessel.reference.capturing import kind_of
from pytest_vessel.reference.overrides.folder import OverridesFolder, reason
from pytest_vessel.reference.overrides.roots import CopyRoot
from pytest_vessel.reference.trouble import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_vessel.reference.overrides.architecture import Architecture

FASTER = "glibc-hwcaps"
"""Holds folders with libraries for better processors, which are found before the usual ones."""


class Shadows:
    """Removes libraries of the runtime from the copy."""

    def __init__(self, folder: OverridesFolder, copy: CopyRoot) -> None:
        self.folder = folder
        self.copy = copy

    def remove(self, architecture: Architecture) -> None:
        """Remove each library of this kind that has an override of the same name.

        Raises:
            Trouble: one cannot be removed; names it.
        """
        overridden = set(self.folder.links(architecture.folder))
        for path in self.library_folders(architecture):
            folder = self.copy.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                for name in self.shadows(folder, path, architecture, overridden):
                    os.unlink(name, dir_fd=folder)
                    self.folder.say(f"{path}/{name}: removed, since it is overridden")
            except OSError as problem:
                raise Trouble(f"{path}: a library cannot be removed from the copy: {reason(problem)}") from None
            finally:
                os.close(folder)

    def library_folders(self, architecture: Architecture) -> list[str]:
        """The runtime's folders of libraries, each once, without links."""
        found: dict[str, None] = {}
        for path in architecture.library_folders:
            faster = [f"{path}/{FASTER}/{level}" for level in self.copy.names(f"{path}/{FASTER}")]
            found |= {real: None for real in map(self.copy.real, (path, *faster)) if real and self.copy.is_folder(real)}
        return list(found)

    def shadows(self, folder: int, path: str, architecture: Architecture, overridden: set[str]) -> list[str]:
        """The names in one folder that are to go: libraries, and the links in it that lead to one of them."""
        gone = set(self.libraries(folder, path, architecture, overridden))
        return [name for name in sorted(os.listdir(folder)) if self.copy.real(f"{path}/{name}") in gone]

    def libraries(self, folder: int, path: str, architecture: Architecture, overridden: set[str]) -> Iterator[str]:
        """The libraries that are overridden: by a name that leads to them, or by the name that they give themselves."""
        for name in sorted(os.listdir(folder)):
            if ".so" not in name:
                continue
            file = self.copy.find(f"{path}/{name}", os.O_RDONLY | os.O_NONBLOCK)
            if file is None:
                continue  # a link that leads nowhere, as to the provider's loader, shadows nothing
            try:
                kind = kind_of(file, name)
                if kind and kind.multiarch == architecture.multiarch and {name, kind.soname} & overridden:
                    yield self.copy.path(file)
            finally:
                os.close(file)
