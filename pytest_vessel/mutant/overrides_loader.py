"""Mutants of a copy with overrides: what belongs to libc, and how the container's loader finds libraries."""

from __future__ import annotations

import os

from pytest_vessel.capture.glibc import FAMILY
from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.mutable import Copy
from pytest_vessel.reference.overrides.glibc import DATA, Glibc
from pytest_vessel.reference.overrides.loading import CONFIGURATION, MOST_BYTES, Loading
from pytest_vessel.reference.overrides.shadows import Shadows
from pytest_vessel.reference.trouble import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_vessel.reference.overrides.architecture import Architecture


@mutant("keeps-runtime-loader")
class KeepsRuntimeLoader(Glibc):
    """Leaves the runtime's ld.so where the provider's libc is taken.

    Stands for "ld.so is no library": both are of one build, and a program with one of each dies at once.
    """

    def redirect_loader(self, architecture: Architecture, loader: str) -> None:
        """Leave it."""


@mutant("keeps-runtime-locale")
class KeepsRuntimeLocale(Glibc):
    """Leaves the runtime's locale data where the provider's libc is taken.

    Stands for data that is forgotten since it is no code: its format belongs to a version of libc.
    """

    def redirect_data(self, path: str) -> None:
        """Leave it."""
        if path not in DATA:
            super().redirect_data(path)


@mutant("keeps-runtime-gconv")
class KeepsRuntimeGconv(Glibc):
    """Leaves the runtime's gconv modules where the provider's libc is taken.

    Stands for plugins that nobody thinks of: libc loads them, and they need symbols of their own libc.
    """

    def gconv(self, architecture: Architecture) -> list[str]:
        """Find none."""
        return []


@mutant("redirects-glibc-always")
class RedirectsGlibcAlways(Glibc):
    """Redirects loader and data also where the runtime's libc is kept.

    Stands for the order of two steps: what is redirected is decided before it is known whose libc is newer.
    """

    def redirect(self, architecture: Architecture, loader: str) -> None:
        """Do not ask."""
        self.redirect_loader(architecture, loader)
        for path in (*DATA, *self.gconv(architecture)):
            self.redirect_data(path)


@mutant("ignores-missing-loader")
class IgnoresMissingLoader(Glibc):
    """Starts without any library of a provider whose loader cannot be found, and says nothing.

    Stands for a warning where only an error helps: the user looks for the driver elsewhere.
    """

    def loader(self, architecture: Architecture) -> str | None:
        """Go on."""
        try:
            return super().loader(architecture)
        except Trouble:
            return None


@mutant("runtime-conf-lost")
class RuntimeConfLost(Loading):
    """Lists the overrides in ld.so.conf, and nothing of what the runtime had there.

    Stands for `>` where `>>` was meant.
    """

    def content(self) -> bytes:
        """Leave its lines out."""
        return "".join(f"{folder}\n" for folder in self.folders).encode()


@mutant("runtime-conf-first")
class RuntimeConfFirst(Loading):
    """Lists the overrides in ld.so.conf behind what the runtime has there.

    Stands for `>>`: of two libraries with one name the loader takes that of the first folder.
    """

    def content(self) -> bytes:
        """Turn the order around."""
        ours = "".join(f"{folder}\n" for folder in self.folders).encode()
        return super().content().removeprefix(ours) + b"\n" + ours


@mutant("overrides-not-in-conf")
class OverridesNotInConf(Loading):
    """Leaves ld.so.conf as it is, so that the cache knows nothing of the overrides.

    Stands for a line that is written to a file which nobody reads.
    """

    def content(self) -> bytes:
        """The runtime's lines alone."""
        return self.copy.content(f"/etc/{CONFIGURATION}", MOST_BYTES)


@mutant("cache-not-made")
class CacheNotMade(Loading):
    """Makes no cache of the loader, and behaves as if there were one.

    Stands for ldconfig called before the root is changed: it succeeds, elsewhere.
    """

    def make_cache(self) -> None:
        """Do nothing."""
        self.has_cache = True


@mutant("cache-failure-fatal")
class CacheFailureFatal(Loading):
    """Gives up where ldconfig fails.

    Stands for `set -e`: runtimes without ldconfig cannot be used any more.
    """

    def make_cache(self) -> None:
        """Insist."""
        super().make_cache()
        if not self.has_cache:
            raise Trouble("ldconfig: failed")


@mutant("cache-failure-ignored")
class CacheFailureIgnored(Loading):
    """Goes on where ldconfig fails as if it had not.

    Stands for a status that nobody looks at: no loader finds the overrides.
    """

    def make_cache(self) -> None:
        """Call it a success."""
        super().make_cache()
        self.has_cache = True


@mutant("driver-variables-stay")
class DriverVariablesStay(Copy):
    """Hands the variables that name drivers of the outside on to the container.

    Stands for an environment that is passed on as it is: their paths lead nowhere, or to something else.
    """

    def forget_drivers(self) -> None:
        """Keep them."""


@mutant("shadows-stay")
class ShadowsStay(Shadows):
    """Leaves the runtime's copies of libraries that are overridden in the copy.

    Stands for the belief that the first folder of ld.so.conf always wins: glibc-hwcaps and DT_RPATH come before it.
    """

    def remove(self, architecture: Architecture) -> None:
        """Leave all."""


@mutant("hwcaps-shadows-stay")
class HwcapsShadowsStay(Shadows):
    """Leaves copies of overridden libraries that the runtime has for better processors.

    Stands for code from before glibc 2.33: the overrides work on the machine of the one who wrote it.
    """

    def library_folders(self, architecture: Architecture) -> list[str]:
        """Do not look there."""
        return [path for path in super().library_folders(architecture) if "/glibc-hwcaps/" not in path]


@mutant("shadows-cleared")
class ShadowsCleared(Shadows):
    """Removes all libraries of the runtime but the C library's family once something is overridden.

    Stands for an emptied folder: what the provider gives is thought to be enough.
    """

    def libraries(self, folder: int, path: str, architecture: Architecture, overridden: set[str]) -> Iterator[str]:
        """Count all as overridden."""
        more = set(os.listdir(folder)) - FAMILY if overridden else set()
        return super().libraries(folder, path, architecture, overridden | more)
