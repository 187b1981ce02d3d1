"""A sound library, and the places where it can be damaged."""

from __future__ import annotations

import struct
from random import Random

from pytest_vessel.system.made_elf import NEEDED, RUNPATH, SONAME, Made

TAGS = ((NEEDED, "liba.so"), (SONAME, "libx.so"), (RUNPATH, "/a:/b"), (NEEDED, "libb.so"))
WHOLE = Made(TAGS, "/lib/ld.so").content
LOADED = int.from_bytes(WHOLE[152:160], "little")
"""Where that what is loaded ends: the size in the second of its program headers. Sections follow."""
DYNAMIC_HEADER = 64 + 2 * 56
"""The program header of the dynamic section: behind that of the interpreter, and that of all."""
DYNAMIC = int.from_bytes(WHOLE[DYNAMIC_HEADER + 8 : DYNAMIC_HEADER + 16], "little")
SPARE_HEADERS = DYNAMIC_HEADER + 56
PAGE_BYTES = 4096
STRINGS = DYNAMIC + 16 * len(TAGS) + 8
"""Where the dynamic section says where the strings are."""


def changed(offset: int, form: str, value: int) -> bytes:
    """The library with another value there; `form` as in the module `struct`."""
    return WHOLE[:offset] + struct.pack(form, value) + WHOLE[offset + struct.calcsize(form) :]


def overlapping(*last: tuple[int, int]) -> bytes:
    """A library whose second page, with its names, is mapped once more: from a copy that asks for another one.

    `last`: offset and address of a further page.
    """
    made = Made([(SONAME, "x" * 4000), (NEEDED, "lib1.so")], "/lib/ld.so", build_id=b"12345678")
    once = made.content.ljust(2 * PAGE_BYTES, b"\0")
    pages = [(2 * PAGE_BYTES, PAGE_BYTES), *last]
    table = b"".join(struct.pack("<IIQQQQQQ", 1, 6, *page, page[1], *[PAGE_BYTES] * 3) for page in pages)
    once = once[:SPARE_HEADERS] + table + once[SPARE_HEADERS + len(table) :]
    return once + once[PAGE_BYTES:].replace(b"lib1.so", b"lib2.so")


def damaged(random: Random, content: bytes) -> bytes:
    """With some other bytes in it, or cut short."""
    made = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 4])):
        place = random.randrange(len(made))
        made[place : place + random.choice([1, 1, 4, 8])] = random.choice([b"\0", b"\xff" * 8, random.randbytes(4)])
    return bytes(made[: random.randrange(len(made)) if random.random() < 0.1 else None])
