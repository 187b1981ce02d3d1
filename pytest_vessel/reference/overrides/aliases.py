"""Other names of libraries: links in `lib/TUPLE/aliases`, as the runtime's ABI description asks for them.

A distribution may call a library by another name than the runtime does, and a program is linked against either. The
description is JSON: `{"shared_libraries": [{"libbz2.so.1.0": {"aliases": ["libbz2.so.1"]}}, ...]}`.
"""

from __future__ import annotations

import json
import os
from typing import Any

from pytest_vessel.reference.overrides.folder import INSIDE, OverridesFolder
from pytest_vessel.reference.overrides.roots import CopyRoot
from pytest_vessel.reference.trouble import Trouble, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_vessel.reference.overrides.architecture import Architecture

DESCRIPTION = "lib/vessel/abi.json"
"""Where the runtime has it; at the top of SRC when that is a merged /usr."""

MOST_BYTES = 1 << 22


class Aliases:
    """The aliases of one container."""

    def __init__(self, folder: OverridesFolder, copy: CopyRoot) -> None:
        self.folder = folder
        self.copy = copy

    def make(self, architectures: Sequence[Architecture]) -> None:
        """Make the aliases for each architecture; what only the primary one has is nothing to be told of.

        Raises:
            Trouble: the description cannot be understood, or an alias cannot be made.
        """
        described = list(self.described())
        for architecture in architectures:
            self.folder.make_folder(f"{architecture.folder}/aliases")
            for name, aliases in described:
                target = self.target(architecture, (name, *aliases))
                if target:
                    self.link(architecture, target, (name, *aliases))
                elif architecture is architectures[0]:
                    tell(f"{name}: neither the runtime nor the provider has it, so it has no aliases")

    def described(self) -> Iterator[tuple[str, list[str]]]:
        """The libraries with other names, and these; nothing where the runtime has no description."""
        try:
            document = json.loads(self.copy.content(DESCRIPTION, MOST_BYTES))
            libraries: list[dict[str, dict[str, Any]]] = document["shared_libraries"]
            for one in libraries:
                for name, facts in one.items() if isinstance(one, dict) else ():
                    if aliases := facts.get("aliases"):
                        yield plain(name), [plain(alias) for alias in aliases]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise Trouble(f"{DESCRIPTION}: is no description of an ABI ({problem})") from None

    def target(self, architecture: Architecture, names: Sequence[str]) -> str | None:
        """The library that all these names are to lead to: an override, by whichever name, else the runtime's."""
        for name in names:
            if self.folder.target(f"{architecture.folder}/{name}"):
                return f"{INSIDE}/{architecture.folder}/{name}"
        for folder in architecture.library_folders:
            found = self.copy.library(f"{folder}/{names[0]}")
            if found and found.multiarch == architecture.multiarch:
                return f"{folder}/{names[0]}"
        return None

    def link(self, architecture: Architecture, target: str, names: Sequence[str]) -> None:
        """Make the links: each alias, and the library's own name if the target has another."""
        if os.path.basename(target) == names[0]:
            names = names[1:]
        for name in names:
            path = f"{architecture.folder}/aliases/{name}"
            if self.folder.target(path) is None:
                self.folder.link(path, target)
            else:
                tell(f"{name}: is an alias of two libraries; the first has it")


def plain(name: str) -> str:
    """A name that leads to no other folder. Raises ValueError."""
    if "/" in name or not name.strip("."):
        raise ValueError(f"{name!r} is no name of a library")
    return name
