"""The ABIs of libraries by Debian's multiarch tuples."""

from __future__ import annotations

import os

from pytest_vessel.errors import UsageProblem
from pytest_vessel.libraries.elf_header import Abi
from pytest_vessel.nearest import nearest

TUPLES = {
    "x86_64-linux-gnu": Abi(64, "<", 62),
    "i386-linux-gnu": Abi(32, "<", 3),
    "x86_64-linux-gnux32": Abi(32, "<", 62),
    "aarch64-linux-gnu": Abi(64, "<", 183),
    "arm-linux-gnueabihf": Abi(32, "<", 40),
    "powerpc64le-linux-gnu": Abi(64, "<", 21),
    "s390x-linux-gnu": Abi(64, ">", 22),
    "riscv64-linux-gnu": Abi(64, "<", 243),
}
_OF_MACHINES = {"ppc64le": "powerpc64le", "armv7l": "arm", "i686": "i386"}


def abi_of(tuple_: str) -> Abi:
    """The ABI that a tuple names; an empty one is this machine's.

    Raises:
        UsageProblem: it is unknown.
    """
    wanted = tuple_ or usual()
    if wanted not in TUPLES:
        raise UsageProblem(f"{wanted!r} is no multiarch tuple", mend=nearest(wanted, TUPLES))
    return TUPLES[wanted]


def usual() -> str:
    """The tuple of this machine."""
    machine = _OF_MACHINES.get(os.uname().machine, os.uname().machine)
    return next((name for name in TUPLES if name.startswith(f"{machine}-")), f"{machine}-linux-gnu")
