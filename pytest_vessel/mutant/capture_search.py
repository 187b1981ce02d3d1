"""Mutants of the search for libraries in a root."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.capturing import Capture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_vessel.capture.stock import Stock
    from pytest_vessel.libraries.elf import Elf
    from pytest_vessel.libraries.elf_header import Abi
    from pytest_vessel.libraries.files import File, Files
    from pytest_vessel.libraries.rootfs import Root

_CACHE = "/etc/ld.so.cache"


class Searching(Capture):
    """Looks into roots, and reads files, in a way of its own."""

    def stock(self, folder: str) -> Stock:
        """Make a stock of these classes."""
        from pytest_vessel.capture.abis import abi_of
        from pytest_vessel.capture.stock import Stock
        from pytest_vessel.libraries.closure import Libraries

        class FlawedLibraries(Libraries):
            rooted, files, ordinary = self.rooted(), self.files(), None

        class FlawedStock(Stock):
            libraries = FlawedLibraries

        return FlawedStock(folder, abi_of(self.arch))

    def rooted(self) -> type[Root]:
        """How paths are followed; the class is made here since its base is imported late."""
        from pytest_vessel.libraries.rootfs import Root

        return Root

    def files(self) -> type[Files]:
        """How files are read."""
        from pytest_vessel.libraries.files import Files

        return Files


class Misreading(Searching):
    """Reads files as something else than they are."""

    def files(self) -> type[Files]:
        """Change what was read."""
        from pytest_vessel.libraries.files import File, Files

        misread = self.misread

        class FlawedFiles(Files):
            def take(self, real_path: str) -> File | int:
                found = super().take(real_path)
                return found._replace(elf=misread(found.elf)) if isinstance(found, File) else found

        return FlawedFiles

    def misread(self, elf: Elf) -> Elf:
        """What it takes a file for."""
        raise NotImplementedError


class Leaving(Searching):
    """Walks on this machine, from the folder of the root on; `begins_again`: at that folder for absolute links."""

    begins_again = False

    def rooted(self) -> type[Root]:
        """Put that folder before what is looked at, and take it away from what is found; else that begins with `//`."""
        from pytest_vessel.libraries.rootfs import Entry, Root

        begins_again = self.begins_again

        class FlawedRoot(Root):
            def __init__(self, path: str | os.PathLike[str]) -> None:
                super().__init__(path)
                self.top = ""

            def _walk(self, real: str, path: str) -> str | int:
                found = super()._walk(self._here(real), self._here(path) if path.startswith("/") else path)
                if isinstance(found, int):
                    return found
                return found.removeprefix(self.path) if found.startswith(self.path) else f"/{found}"

            def _look_at(self, path: str) -> Entry:
                found = super()._look_at(path)
                again = begins_again and found.target.startswith("/")
                return found._replace(target=self.path + found.target) if again else found

            def _list(self, folder: str) -> frozenset[str] | None:
                return super()._list(self._here(folder))

            def open(self, real_path: str) -> int:
                return super().open(self._here(real_path))

            def _here(self, path: str) -> str:
                return path[1:] if path.startswith("//") else self.path + path

        return FlawedRoot


@mutant("capture-runpath-is-rpath")
class RunpathIsRpath(Misreading):
    """Hands DT_RUNPATH on to what a library has loaded, as DT_RPATH is.

    Stands for one list of folders for both.
    """

    def misread(self, elf: Elf) -> Elf:
        """Take one for the other."""
        return elf if elf.runpath is None else elf._replace(rpath=elf.runpath, runpath=None)


@mutant("capture-ignores-rpath")
class IgnoresRpath(Misreading):
    """Does not look at DT_RPATH.

    Stands for a reader that was written when everybody had DT_RUNPATH.
    """

    def misread(self, elf: Elf) -> Elf:
        """Forget it."""
        return elf._replace(rpath=None)


@mutant("capture-ignores-runpath")
class IgnoresRunpath(Misreading):
    """Does not look at DT_RUNPATH.

    Stands for a search in the cache alone.
    """

    def misread(self, elf: Elf) -> Elf:
        """Forget it."""
        return elf._replace(runpath=None)


@mutant("capture-origin-is-text")
class OriginIsText(Misreading):
    """Looks for a folder that is called $ORIGIN.

    Stands for paths that are used as they are written.
    """

    def misread(self, elf: Elf) -> Elf:
        """Spell it so that it stands for nothing."""
        return elf._replace(runpath=elf.runpath and elf.runpath.replace("$ORIGIN", "$UNKNOWN"))


@mutant("capture-takes-any-class")
class TakesAnyClass(Searching):
    """Takes the first library of the right name, of whatever class and machine.

    Stands for a search by name alone.
    """

    def files(self) -> type[Files]:
        """Take every file for one of this machine."""
        from pytest_vessel.capture.abis import abi_of
        from pytest_vessel.libraries.files import File, Files

        ours = abi_of(self.arch)

        class FlawedFiles(Files):
            def __init__(self, root: Root, _abi: Abi | None, facts: dict[str, File]) -> None:
                super().__init__(root, None, facts)

            def take(self, real_path: str) -> File | int:
                found = super().take(real_path)
                return found._replace(elf=found.elf._replace(abi=ours)) if isinstance(found, File) else found

        return FlawedFiles


@mutant("capture-ignores-cache")
class IgnoresCache(Searching):
    """Looks into the default folders alone.

    Stands for a list of folders in place of ld.so.cache.
    """

    def rooted(self) -> type[Root]:
        """Hide the cache."""
        from pytest_vessel.libraries.rootfs import Root

        class FlawedRoot(Root):
            def content(self, path: str) -> bytes | None:
                return None if path == _CACHE else super().content(path)

        return FlawedRoot


@mutant("capture-needs-cache")
class NeedsCache(Capture):
    """Fails where the provider has no ld.so.cache, although the loader finds all in its default folders.

    Stands for a look into the cache alone.
    """

    def stock(self, folder: str) -> Stock:
        """Look for the cache."""
        from pytest_vessel.errors import LibraryError

        if folder == self.provider_folder and not os.path.exists(folder + _CACHE):
            raise LibraryError("has no ld.so.cache", where=folder)
        return super().stock(folder)


@mutant("capture-follows-links-out")
class FollowsLinksOut(Leaving):
    """Follows links of the provider as links of this machine.

    Stands for realpath(3) on a path below a root.
    """


@mutant("capture-dots-lead-out")
class DotsLeadOut(Leaving):
    """Begins absolute links of the provider at its root again, and leaves that root by `..`.

    Stands for a root that is put before absolute targets, where each part had to be followed.
    """

    begins_again = True
