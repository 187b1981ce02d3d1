"""How much of an archive is unpacked before it is taken for a bomb."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Bounds on one archive or image, all its layers together.

    Attributes:
        members: how many entries it may have.
        size_bytes: what it may unpack to; a hard link counts as much as its file, for a copy may make two of them.
        depth: how many folders one may lie in another.
        path_bytes: the length of a path from the top.
        ratio: what it may unpack to, as a multiple of what was read of it so far...
        ratio_from_bytes: ...from this size on.
    """

    members: int = 500_000
    size_bytes: int = 16 << 30
    depth: int = 64
    path_bytes: int = 2048
    ratio: int = 250
    ratio_from_bytes: int = 64 << 20


class Refused(Exception):
    """What is wrong with a member or a stream; whoever unpacks says of which."""
