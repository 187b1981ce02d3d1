"""A sound library, and the places where it can be damaged."""

from __future__ import annotations

import struct

from pytest_vessel.system.made_elf import NEEDED, RUNPATH, SONAME, Made

TAGS = ((NEEDED, "liba.so"), (SONAME, "libx.so"), (RUNPATH, "/a:/b"), (NEEDED, "libb.so"))
WHOLE = Made(TAGS, "/lib/ld.so").content
LOADED = int.from_bytes(WHOLE[152:160], "little")
"""Where that what is loaded ends: the size in the second of its program headers. Sections follow."""
DYNAMIC_HEADER = 64 + 2 * 56
"""The program header of the dynamic section: behind that of the interpreter, and that of all."""
DYNAMIC = int.from_bytes(WHOLE[DYNAMIC_HEADER + 8 : DYNAMIC_HEADER + 16], "little")
STRINGS = DYNAMIC + 16 * len(TAGS) + 8
"""Where the dynamic section says where the strings are."""


def changed(offset: int, form: str, value: int) -> bytes:
    """The library with another value there; `form` as in the module `struct`."""
    return WHOLE[:offset] + struct.pack(form, value) + WHOLE[offset + struct.calcsize(form) :]
