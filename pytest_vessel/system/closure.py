"""Which shared libraries a program of this machine needs, as its own loader finds them.

Only for trusted programs of the host: their loader is run (`ld.so --list`, ld.so(8)).
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

from pytest_vessel.errors import Inconclusive

_PT_INTERP = 3
_FOUND = re.compile(r"=> (/\S+) \(0x")
_TIMEOUT_S = 10.0


def interpreter(program: Path) -> Path | None:
    """The loader that a 64-bit little-endian ELF program asks for (PT_INTERP); None for a static one.

    Raises:
        Inconclusive: the file is no such program.
    """
    content = program.read_bytes()
    if content[:6] != b"\x7fELF\x02\x01":
        raise Inconclusive(f"{program}: is not a 64-bit little-endian ELF program", mend="Name a native program.")
    (offset,) = struct.unpack_from("<Q", content, 0x20)
    size, count = struct.unpack_from("<HH", content, 0x36)
    for index in range(count):
        kind, _flags, start, _address, _physical, length = struct.unpack_from("<IIQQQQ", content, offset + index * size)
        if kind == _PT_INTERP:
            return Path(content[start : start + length].rstrip(b"\0").decode())
    return None


def libraries(program: Path) -> tuple[Path, ...]:
    """Every file that the loader maps for `program`, the loader itself included; empty for a static program.

    Raises:
        Inconclusive: the loader cannot be run, or misses a library.
    """
    loader = interpreter(program)
    if loader is None:
        return ()
    done = subprocess.run(
        [str(loader), "--list", str(program)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode or "not found" in done.stdout:
        raise Inconclusive(f"{program}: its loader misses a library", mend=done.stderr.strip() or done.stdout.strip())
    return (loader, *(Path(found) for found in _FOUND.findall(done.stdout) if Path(found) != loader))
