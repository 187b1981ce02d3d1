"""What the container sees of OVR: the folder itself, which nobody in it can write to although the copy is its own."""

from __future__ import annotations

import os

from pytest_vessel.reference import kernel
from pytest_vessel.reference.container import Beside
from pytest_vessel.reference.overrides.folder import NAME, PLACE, make_folders


class OverridesView(Beside):
    """OVR alone."""

    def show(self) -> None:
        """Cover OVR with itself, read-only."""
        if not os.path.lexists(NAME):  # over a merged /usr the root is not the copy's
            os.symlink(PLACE, NAME)
        place = make_mount_point(PLACE)
        kernel.mount(place, place, flags=kernel.MS_BIND)
        kernel.make_read_only(place)


def make_mount_point(path: str) -> str:
    """Make a folder in the new root, never through a link; returns its path from there."""
    place = path.lstrip("/")
    root = os.open(".", os.O_PATH | os.O_CLOEXEC)
    try:
        os.close(make_folders(root, place))
    finally:
        os.close(root)
    return place
