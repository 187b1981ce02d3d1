"""Mutants of a copy with overrides: the folder itself, its aliases, and what the container sees of it."""

from __future__ import annotations

import os

from pytest_vessel.mutant.registry import mutant
from pytest_vessel.reference.container import Beside
from pytest_vessel.reference.mutable import Copy
from pytest_vessel.reference.overrides.aliases import Aliases
from pytest_vessel.reference.overrides.folder import INSIDE, PLACE, OverridesFolder
from pytest_vessel.reference.overrides.provider_view import ProviderView
from pytest_vessel.reference.overrides.roots import CopyRoot, Provider
from pytest_vessel.reference.trouble import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture


@mutant("overrides-writable")
class OverridesWritable(ProviderView):
    """Lets the container write to its overrides.

    Stands for the copy that is the container's own anyway: a program that updates itself spoils its drivers.
    """

    def show_at(self, path: str, folder: int) -> None:
        """Leave it open."""
        if path == PLACE:
            os.close(folder)
        else:
            super().show_at(path, folder)


@mutant("provider-not-shown")
class ProviderNotShown(ProviderView):
    """Does not show the provider where the links lead.

    Stands for a mount that failed without a word.
    """

    def show_provider(self, provider: Provider) -> None:
        """Leave it out."""


@mutant("verbatim-not-shown")
class VerbatimNotShown(ProviderView):
    """Shows nothing of the provider but its /usr, /lib* and /app.

    Stands for a list of folders that was enough for one distribution: links to /opt lead nowhere.
    """

    def show_at(self, path: str, folder: int) -> None:
        """Leave it out."""
        if path == PLACE:
            super().show_at(path, folder)
        else:
            os.close(folder)


@mutant("overrides-littered")
class OverridesLittered(OverridesFolder):
    """Leaves a file in the overrides that is neither a link nor a manifest.

    Stands for a log or a marker that somebody needed once.
    """

    def make(self, copy: int) -> None:
        """Write it."""
        super().make(copy)
        self.write("created-by", "vessel-reference\n")


@mutant("overrides-missing-when-empty")
class OverridesMissingWhenEmpty(Copy):
    """Takes the empty folder of overrides away where there is no provider.

    Stands for "nothing to do": programs that look into it fail.
    """

    def beside(self) -> Beside:
        """Delete it."""
        if self.made.overrides:
            return super().beside()
        os.rmdir(os.path.join(self.made.path, PLACE))
        return Beside()


@mutant("alias-dangling")
class AliasDangling(Aliases):
    """Lets every alias lead into the overrides, also where the library is the runtime's.

    Stands for the case that was tested: there every library was overridden.
    """

    def target(self, architecture: Architecture, names: Sequence[str]) -> str | None:
        """Say so."""
        return super().target(architecture, names) and f"{INSIDE}/{architecture.folder}/{names[0]}"


@mutant("alias-of-runtime-only")
class AliasOfRuntimeOnly(Aliases):
    """Makes no alias of a library that is overridden.

    Stands for links that were made before anything was captured.
    """

    def target(self, architecture: Architecture, names: Sequence[str]) -> str | None:
        """Pass over it."""
        found = super().target(architecture, names)
        return None if found and found.startswith(INSIDE) else found


@mutant("alias-missing-is-last")
class AliasMissingIsLast(Aliases):
    """Makes no alias behind the first whose library is missing.

    Stands for `break` where `continue` was meant.
    """

    def __init__(self, folder: OverridesFolder, copy: CopyRoot) -> None:
        super().__init__(folder, copy)
        self.goes_on = True

    def target(self, architecture: Architecture, names: Sequence[str]) -> str | None:
        """Find none any more."""
        found = super().target(architecture, names) if self.goes_on else None
        self.goes_on = found is not None
        return found


@mutant("alias-missing-is-fatal")
class AliasMissingIsFatal(Aliases):
    """Gives up where a library is missing that has aliases.

    Stands for an error where the runtime's description is newer than its libraries.
    """

    def target(self, architecture: Architecture, names: Sequence[str]) -> str | None:
        """Insist."""
        if found := super().target(architecture, names):
            return found
        raise Trouble(f"{names[0]}: is missing")
