"""The sabotage of a control: the implementation's locks do nothing, and it believes that they do.

It lies beneath whatever else a test does at the gate. A test may hold a lock call, or fail it; where it lets the call
go, the call is answered as if it had gone well, and does not take place.
"""

from __future__ import annotations

import fcntl
import os
import struct
from hashlib import sha256

from pytest_vessel.system import bpf, reach
from pytest_vessel.system.answer import Answer, Go, Pretend
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import Identity, identity
from pytest_vessel.system.lockfiles import LockFiles

_GO, _NOTHING = Go(), Pretend(0)
_FREE = struct.pack("=h", fcntl.F_UNLCK)
"""`l_type`, the first member of `struct flock` in every ABI."""


class Sabotage:
    """Spoils each lock call on a lock file: fcntl, POSIX and OFD, and flock.

    Taking and releasing (F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, flock) is answered 0. Looking (F_GETLK,
    F_OFD_GETLK) is answered "free": who looks first and never takes a lock would else be let off.

    Calls of the probe go through: it is the harness's own eye. It is told by the content of its executable, since
    every runtime and every copy holds it under another inode.

    Attributes:
        files: the lock files of the test.
        chosen: what a gate must stop at for it.
        calls: how many calls were answered so.
    """

    chosen = (*bpf.LOCKS, *bpf.FLOCK)

    def __init__(self, files: LockFiles, probe: bytes) -> None:
        """`probe`: the content of the probe's file."""
        self.files = files
        self.calls = 0
        self._probe = (len(probe), sha256(probe).digest())
        self._programs: dict[tuple[Identity, int], bool] = {}

    def __call__(self, held: Held) -> Answer:
        """What happens to a call that the test lets go."""
        if not bpf.selects(self.chosen, held.call, held.arguments):
            return _GO
        if held.file() not in self.files or self._is_of_probe(held):
            return _GO
        if not bpf.selects((*bpf.SET_LOCKS, *bpf.FLOCK), held.call, held.arguments) and not _say_free(held):
            return _GO
        self.calls += 1
        return _NOTHING

    def _is_of_probe(self, held: Held) -> bool:
        """Whether the program that makes the call is the probe; a program that cannot be seen is not."""
        try:
            descriptor = os.open(f"/proc/{held.pid}/exe", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return self._is_probe(descriptor)
        finally:
            os.close(descriptor)

    def _is_probe(self, descriptor: int) -> bool:
        seen = os.fstat(descriptor)
        size_bytes, digest = self._probe
        if seen.st_size != size_bytes:
            return False
        key = identity(seen), seen.st_mtime_ns
        if key not in self._programs:
            self._programs[key] = sha256(os.pread(descriptor, size_bytes, 0)).digest() == digest
        return self._programs[key]


def _say_free(held: Held) -> bool:
    """Write the answer of a look into the process; False where its memory cannot be written."""
    try:
        return reach.write(held.pid, held.arguments[2], _FREE, held.alive)
    except OSError:
        return False
