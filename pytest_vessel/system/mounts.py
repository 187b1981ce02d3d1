"""Mounts as `/proc/self/mountinfo` lists them. Standard library alone; also runs inside the zygote."""

from __future__ import annotations

import os
import re

_ESCAPE = re.compile(rb"\\([0-7]{3})")


def mount_points() -> list[str]:
    """Every mount point of this mount namespace, in the order of the kernel (proc(5))."""
    with open("/proc/self/mountinfo", "rb") as table:
        fields = [line.split(b" ")[4] for line in table]
    return [os.fsdecode(_ESCAPE.sub(lambda found: bytes([int(found[1], 8)]), field)) for field in fields]


def mounts_below(folder: str) -> list[str]:
    """Mount points at or below `folder` (an absolute path without links), deepest first."""
    inside = [point for point in mount_points() if point == folder or point.startswith(folder + "/")]
    return sorted(inside, key=lambda point: point.count("/"), reverse=True)
