"""Mutants of a copy with overrides: what fails, and nobody notices, or nobody is told of in a way that helps."""

from __future__ import annotations

import os
from contextlib import suppress

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.mutable import MutableCopy
from pytest_vessel.reference.overrides.folder import NAME, OverridesFolder
from pytest_vessel.reference.overrides.libraries import Libraries
from pytest_vessel.reference.trouble import Trouble


@mutant("override-links-unchecked")
class OverrideLinksUnchecked(OverridesFolder):
    """Goes on where a link cannot be made.

    Stands for symlink(2) whose result nobody looks at: the container starts with half of a driver.
    """

    def link(self, path: str, target: str) -> None:
        """Try to."""
        with suppress(Trouble):
            super().link(path, target)


@mutant("override-folders-unchecked")
class OverrideFoldersUnchecked(OverridesFolder):
    """Goes on where a folder cannot be made.

    Stands for `mkdir -p ... || true`: where nothing is to be put into it at once nobody notices.
    """

    def make_folder(self, path: str) -> None:
        """Try to."""
        with suppress(Trouble):
            super().make_folder(path)


@mutant("override-manifests-unchecked")
class OverrideManifestsUnchecked(OverridesFolder):
    """Goes on where a manifest cannot be written.

    Stands for a warning: the driver is there, and no loader is told of it.
    """

    def write(self, path: str, text: str) -> None:
        """Try to."""
        with suppress(Trouble):
            super().write(path, text)


@mutant("override-errors-nameless")
class OverrideErrorsNameless(OverridesFolder):
    """Says that something cannot be made, and not what.

    Stands for `perror("symlink")`: nobody knows which of a hundred links it was.
    """

    def link(self, path: str, target: str) -> None:
        """Leave the path out."""
        try:
            super().link(path, target)
        except Trouble:
            raise Trouble(f"{NAME}: something cannot be made") from None


@mutant("helper-status-ignored")
class HelperStatusIgnored(Libraries):
    """Believes its helper program whatever that ends with, and has an empty folder where there is none.

    Stands for system(3) without a look at its result: drivers are missing, and nobody says so.
    """

    def check(self, place: str, status: int) -> None:
        """Have a folder at least."""
        self.folder.make_folder(place)


@mutant("helper-silence-believed")
class HelperSilenceBelieved(Libraries):
    """Takes a helper program that ends well and has made nothing for one that had nothing to make.

    Stands for a check of the status alone.
    """

    def check(self, place: str, status: int) -> None:
        """Have a folder at least."""
        if status == 0:
            self.folder.make_folder(place)
        super().check(place, status)


@mutant("overrides-littering")
class OverridesLittering(MutableCopy):
    """Keeps a folder in TMPDIR while overrides are made, and deletes it only when all went well.

    Stands for a clean-up at the end of a function, which an early return passes by.
    """

    def override(self) -> None:
        """Make it before, and delete it afterwards."""
        os.mkdir(folder := os.path.join(os.environ.get("TMPDIR", "/tmp"), f"vessel-{os.getpid()}"))
        super().override()
        os.rmdir(folder)
