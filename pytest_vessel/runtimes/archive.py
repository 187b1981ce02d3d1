"""A tar archive, packed or not, and a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pytest_vessel.errors import SourceError
from pytest_vessel.runtimes import stream
from pytest_vessel.runtimes.bounds import Bounds
from pytest_vessel.runtimes.cache import seal_of
from pytest_vessel.runtimes.place import place, place_cached
from pytest_vessel.runtimes.unpack import Layer, unpack
from pytest_vessel.system.sysroot import Layout


@dataclass(frozen=True)
class Archive:
    """A tar archive, as `pytest_vessel.sources.archive` describes it."""

    path: Path
    bounds: Bounds

    @property
    def key(self) -> str:
        """The digest of the file."""
        return f"archive:{stream.digest_at(self.path)}"

    def fill(self, src: Path, layout: Layout) -> None:
        """Unpack it, if that was not done before, and copy what the layout shows."""
        digest = stream.digest_at(self.path)
        place_cached(f"archive:{digest}", partial(self._make, digest), src, layout)

    def _make(self, digest: str, root: Path) -> None:
        unpack([Layer(str(self.path), stream.opened(self.path, self.bounds, digest))], root, self.bounds)


@dataclass(frozen=True)
class Folder:
    """A folder, as `pytest_vessel.sources.folder` describes it."""

    path: Path

    @property
    def key(self) -> str:
        """A digest of names, sizes and times."""
        try:
            return f"folder:{self.path}:{seal_of(self.path).listing}"
        except OSError as problem:
            where, why = os.fsdecode(problem.filename), problem.strerror
            raise SourceError(f"cannot be read: {why}", where=where, mend="Check path and rights.") from None

    def fill(self, src: Path, layout: Layout) -> None:
        """Copy what the layout shows."""
        place(self.path, src, layout)
