"""What the container sees of the provider: its libraries and their data, which nobody in it can write to."""

from __future__ import annotations

import os

from pytest_vessel.reference import kernel
from pytest_vessel.reference.container import show_entry
from pytest_vessel.reference.overrides.roots import PROVIDER_INSIDE, Provider, is_shown
from pytest_vessel.reference.overrides.view import OverridesView, make_mount_point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class ProviderView(OverridesView):
    """OVR and the provider.

    Args:
        path: the provider's folder.
        verbatim: folders of the provider that are seen at their own place, without links in their paths.
    """

    def __init__(self, path: str, verbatim: Sequence[str]) -> None:
        super().__init__()
        self.path = path
        self.verbatim = verbatim
        self.descriptor = -1

    def open(self) -> None:
        """Open the provider anew: what was opened in another mount namespace cannot be bound in ours."""
        self.descriptor = os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def show(self) -> None:
        """Show OVR, and the provider's folders."""
        super().show()
        provider = Provider(self.descriptor)
        self.show_provider(provider)
        for path in self.verbatim:
            self.show_at(path, provider.open(path, os.O_PATH | os.O_DIRECTORY))
        os.close(self.descriptor)

    def show_provider(self, provider: Provider) -> None:
        """Show /usr, /lib* and /app of the provider below `PROVIDER_INSIDE`."""
        place = make_mount_point(PROVIDER_INSIDE)
        kernel.mount("tmpfs", place, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755")
        self.shown.append(place)
        root = os.open(".", os.O_PATH | os.O_CLOEXEC)
        os.chdir(place)
        for name in provider.names("/"):
            if is_shown(name):
                show_entry(self.descriptor, name)
        kernel.make_read_only(".")
        os.fchdir(root)
        os.close(root)
