"""Filters: the classic BPF program that stops at the chosen system calls and lets all others pass at full speed.

The kernel remembers which call numbers a filter always allows (5.11), and asks the program only about the others.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from pytest_vessel.system.syscalls import CALLS, Abi, abis

ALLOW: Final = 0x7FFF0000
NOTIFY: Final = 0x7FC00000
REFUSE: Final = 0x00050000 | errno.ENOSYS
"""What a program answers: SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ERRNO with ENOSYS."""

LONGEST: Final = 4096
"""Instructions that the kernel takes at most (BPF_MAXINSNS)."""

_LOAD, _GOTO, _EQUAL, _RETURN = 0x20, 0x05, 0x15, 0x06
_AT_NUMBER, _AT_ARCH, _AT_ARGUMENTS = 0, 4, 16
_INSTRUCTION = struct.Struct("=HBBI")


@dataclass(frozen=True)
class Chosen:
    """A system call to stop at: always, or only where an argument has one of some values.

    `argument`: index, 0 to 5. `values`: compared with the argument's low 32 bits, which is all that an int has.
    A name that the machine does not have (`open` on aarch64) chooses nothing there.

    Raises:
        ValueError: an unknown name, values without an argument or the other way round, or out of range.
    """

    name: str
    argument: int | None = None
    values: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.name not in CALLS:
            raise ValueError(f"unknown system call {self.name!r}; known: pytest_vessel.system.syscalls.CALLS")
        if (self.argument is None) != (not self.values):
            raise ValueError(f"{self.name}: an argument needs values, and values need an argument")
        if self.argument is not None and self.argument not in range(6):
            raise ValueError(f"{self.name}: no argument {self.argument}; they count from 0 to 5")
        if any(not -(2**31) <= value < 2**32 for value in self.values):
            raise ValueError(f"{self.name}: a value does not fit into 32 bits")


def selects(chosen: Iterable[Chosen], name: str, arguments: Sequence[int]) -> bool:
    """Whether a filter of these choices stops at a call of that name with these raw arguments."""
    return any(
        each.argument is None or arguments[each.argument] & 0xFFFFFFFF in {value & 0xFFFFFFFF for value in each.values}
        for each in chosen
        if each.name == name
    )


def _every(names: str) -> tuple[Chosen, ...]:
    return tuple(Chosen(name) for name in names.split())


def _commands(*commands: int) -> tuple[Chosen, ...]:
    return tuple(Chosen(name, 1, frozenset(commands)) for name in ("fcntl", "fcntl64"))


# 5 to 7: POSIX; 12 to 14: the same with 64-bit ranges, from 32-bit programs; 36 to 38: OFD
LOCKS: Final = _commands(5, 6, 7, 12, 13, 14, 36, 37, 38)
"""Every fcntl call that asks for, takes or releases a lock (POSIX and OFD; not flock)."""
SET_LOCKS: Final = _commands(6, 7, 13, 14, 37, 38)
"""Every fcntl call that takes or releases a lock; looking (F_GETLK) passes."""
FLOCK: Final = _every("flock")
"""flock(2)."""
RELEASES: Final = _every("close close_range dup2 dup3 exit exit_group")
"""What may end a lock without saying so (with SET_LOCKS and EXECS: every release)."""
DELETES: Final = _every("unlink unlinkat rmdir rename renameat renameat2")
"""What takes a name away."""
OPENS: Final = _every("open openat openat2 creat")
"""What opens a file by name."""
CREATES: Final = _every("mkdir mkdirat mknod mknodat link linkat symlink symlinkat")
"""What makes a name, but for OPENS and renaming."""
LISTINGS: Final = _every("getdents getdents64")
"""What reads a folder."""
EXECS: Final = _every("execve execveat")
"""What starts a program; a shell tries once for each entry of PATH."""

_Tests = dict[int, frozenset[int]]


def program(chosen: Iterable[Chosen], machine: str | None = None) -> bytes:
    """The filter, as an array of `struct sock_filter`.

    NOTIFY for chosen calls in every ABI of the machine (`platform.machine()`; default: this one), REFUSE for
    io_uring_setup, whose work no filter sees, and for calls of an ABI that we do not know; ALLOW for all else.
    A name chosen more than once stops where any of its choices does.

    Raises:
        ValueError: longer than the kernel takes.
        Inconclusive: unknown machine.
    """
    merged = _merge(chosen)
    code = _load(_AT_ARCH)
    for audit, sharing in groupby(abis(machine), key=lambda abi: abi.audit):
        code += _where(audit, _section(tuple(sharing), merged))
    code += _answer(REFUSE)
    if (size := len(code) // _INSTRUCTION.size) > LONGEST:
        raise ValueError(f"the filter has {size} instructions, the kernel takes {LONGEST}: choose fewer values")
    return code


def _merge(chosen: Iterable[Chosen]) -> dict[str, _Tests]:
    """The tests of each name by argument; no tests: always."""
    merged: dict[str, _Tests] = {}
    always: set[str] = set()
    for each in chosen:
        tests = merged.setdefault(each.name, {})
        if each.argument is None:
            always.add(each.name)
        else:
            tests[each.argument] = tests.get(each.argument, frozenset()) | {value & 0xFFFFFFFF for value in each.values}
    return {name: {} if name in always else tests for name, tests in merged.items()}


def _section(sharing: tuple[Abi, ...], merged: dict[str, _Tests]) -> bytes:
    """The program for the ABIs that share one `arch` value."""
    code = _load(_AT_NUMBER)
    for abi in sharing:
        code += _where(abi.io_uring_setup, _answer(REFUSE))
        for name, tests in merged.items():
            if (number := abi.numbers.get(name)) is not None:
                code += _where(number, _block(tests))
    return code + _answer(ALLOW)


def _block(tests: _Tests) -> bytes:
    """The program for one call, once its number has been recognised."""
    code = b""
    for argument, values in tests.items():
        code += _load(_AT_ARGUMENTS + 8 * argument)
        code += b"".join(_where(value, _answer(NOTIFY)) for value in sorted(values))
    return code + _answer(ALLOW if tests else NOTIFY)


def _load(offset: int) -> bytes:
    return _INSTRUCTION.pack(_LOAD, 0, 0, offset)


def _answer(value: int) -> bytes:
    return _INSTRUCTION.pack(_RETURN, 0, 0, value)


def _where(value: int, code: bytes) -> bytes:
    """Run `code` if the loaded word is `value`, else skip it; only a GOTO can skip more than 255 instructions."""
    count = len(code) // _INSTRUCTION.size
    if count < 256:
        return _INSTRUCTION.pack(_EQUAL, 0, count, value) + code
    return _INSTRUCTION.pack(_EQUAL, 1, 0, value) + _INSTRUCTION.pack(_GOTO, 0, 0, count) + code
