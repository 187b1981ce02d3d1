"""Somebody else puts a folder in the place of the overrides folder, while entries are made in there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import identity, identity_of


class Swap:
    """A gate policy: before a folder of OVR is made, or the first thing in it, another takes OVR's place.

    They are recognised by device and inode, however a call names them. `overrides` gives OVR's path in a copy, `part`
    is the name of that folder.

    Attributes:
        held: that call; empty where none came.
        place, opened: OVR's path, and where the folder is now that was there.
    """

    def __init__(self, parent: Parent, overrides: Callable[[Path], Path], part: str) -> None:
        self._parent, self._overrides, self._part = parent, overrides, part
        self.held = ""
        self.place = self.opened = Path()

    def __call__(self, held: Held) -> Answer:
        """The policy."""
        if not self.held and (place := self._made_in(held)):
            self.held, self.place = held.call, place
            self.opened = place.with_name(f"{place.name}-opened")
            place.rename(self.opened)
            place.mkdir(mode=0o755)
        return Go()

    def _made_in(self, held: Held) -> Path | None:
        """OVR, where the call would make the part, or something in there."""
        made, folder = held.made(), held.made_in()
        if not made or not folder:
            return None
        for place in map(self._overrides, self._parent.copies()):
            folders = {identity_of(Path(top)) for top, _folders, _files in os.walk(place / self._part)}
            if os.path.basename(made) == os.fsencode(self._part):
                folders.add(identity_of(place))
            if identity(folder) in folders:
                return place
        return None
