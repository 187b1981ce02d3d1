"""What the container sees of OVR: the folder itself, which nobody in it can write to although the copy is its own."""

from __future__ import annotations

import os

from pytest_vessel.reference import kernel
from pytest_vessel.reference.container import Beside, bind
from pytest_vessel.reference.overrides.folder import NAME, PLACE, make_folders

DRIVER_VARIABLES = (
    *("LIBGL_DRIVERS_PATH", "LIBVA_DRIVERS_PATH", "VDPAU_DRIVER_PATH"),
    *("VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_LAYER_PATH"),
    *("__EGL_VENDOR_LIBRARY_FILENAMES", "__EGL_EXTERNAL_PLATFORM_CONFIG_FILENAMES", "XR_RUNTIME_JSON"),
)
"""They name drivers of the outside, which lead nowhere in a container."""


class OverridesView(Beside):
    """OVR alone. Before and after the root is swapped, the current folder is the container's root."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self) -> None:
        """Cover OVR with itself, read-only."""
        if not os.path.lexists(NAME):  # over a merged /usr the root is not the copy's
            os.symlink(PLACE, NAME)
        self.show_at(PLACE, os.open(PLACE, os.O_PATH | os.O_CLOEXEC))

    def show_at(self, path: str, folder: int) -> None:
        """Show a folder, a descriptor that is closed then, read-only at a path of the new root."""
        place = make_mount_point(path)
        bind(folder, place)
        os.close(folder)
        self.shown.append(place)
        kernel.make_read_only(place)

    def hide(self) -> None:
        """Take away what was shown: a folder with a mount on it could not be deleted."""
        while self.shown:
            kernel.unmount(self.shown.pop())


def make_mount_point(path: str) -> str:
    """Make a folder in the new root, never through a link; returns its path from there."""
    place = path.lstrip("/")
    root = os.open(".", os.O_PATH | os.O_CLOEXEC)
    try:
        os.close(make_folders(root, place))
    finally:
        os.close(root)
    return place
