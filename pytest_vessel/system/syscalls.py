"""System calls that a gate can choose: their numbers by architecture, and what their arguments mean.

Numbers: the kernel's `asm/unistd_64.h`, `asm/unistd_32.h`, `asm/unistd_x32.h` and `asm-generic/unistd.h`. Pure data.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_vessel.errors import Inconclusive

# x86_64, aarch64, i386; None where that architecture has no such call
_NUMBERS: Final[Mapping[str, tuple[int | None, int | None, int | None]]] = {
    # files are opened, made
    "open": (2, None, 5),
    "openat": (257, 56, 295),
    "openat2": (437, 437, 437),
    "creat": (85, None, 8),
    "mkdir": (83, None, 39),
    "mkdirat": (258, 34, 296),
    "mknod": (133, None, 14),
    "mknodat": (259, 33, 297),
    "link": (86, None, 9),
    "linkat": (265, 37, 303),
    "symlink": (88, None, 83),
    "symlinkat": (266, 36, 304),
    # deleted, renamed
    "unlink": (87, None, 10),
    "unlinkat": (263, 35, 301),
    "rmdir": (84, None, 40),
    "rename": (82, None, 38),
    "renameat": (264, 38, 302),
    "renameat2": (316, 276, 353),
    # changed
    "chmod": (90, None, 15),
    "fchmod": (91, 52, 94),
    "fchmodat": (268, 53, 306),
    "fchmodat2": (452, 452, 452),
    "chown": (92, None, 182),
    "fchown": (93, 55, 95),
    "lchown": (94, None, 16),
    "fchownat": (260, 54, 298),
    "chown32": (None, None, 212),
    "fchown32": (None, None, 207),
    "lchown32": (None, None, 198),
    "truncate": (76, 45, 92),
    "truncate64": (None, None, 193),
    "ftruncate": (77, 46, 93),
    "ftruncate64": (None, None, 194),
    "fallocate": (285, 47, 324),
    "utimensat": (280, 88, 320),
    "setxattr": (188, 5, 226),
    # read, written
    "read": (0, 63, 3),
    "pread64": (17, 67, 180),
    "readv": (19, 65, 145),
    "write": (1, 64, 4),
    "pwrite64": (18, 68, 181),
    "writev": (20, 66, 146),
    "copy_file_range": (326, 285, 377),
    "sendfile": (40, 71, 187),
    "sendfile64": (None, None, 239),
    "fsync": (74, 82, 118),
    "fdatasync": (75, 83, 148),
    "getdents": (78, None, 141),
    "getdents64": (217, 61, 220),
    "readlink": (89, None, 85),
    "readlinkat": (267, 78, 305),
    # looked at
    "stat": (4, None, 106),
    "lstat": (6, None, 107),
    "fstat": (5, 80, 108),
    "stat64": (None, None, 195),
    "lstat64": (None, None, 196),
    "fstat64": (None, None, 197),
    "newfstatat": (262, 79, None),
    "fstatat64": (None, None, 300),
    "statx": (332, 291, 383),
    "access": (21, None, 33),
    "faccessat": (269, 48, 307),
    "faccessat2": (439, 439, 439),
    # descriptors
    "fcntl": (72, 25, 55),
    "fcntl64": (None, None, 221),
    "flock": (73, 32, 143),
    "close": (3, 57, 6),
    "close_range": (436, 436, 436),
    "dup": (32, 23, 41),
    "dup2": (33, None, 63),
    "dup3": (292, 24, 330),
    # processes
    "execve": (59, 221, 11),
    "execveat": (322, 281, 358),
    "exit": (60, 93, 1),
    "exit_group": (231, 94, 252),
    "fork": (57, None, 2),
    "vfork": (58, None, 190),
    "clone": (56, 220, 120),
    "clone3": (435, 435, 435),
    "kill": (62, 129, 37),
    "tgkill": (234, 131, 270),
    "tkill": (200, 130, 238),
    "setsid": (112, 157, 66),
    "wait4": (61, 260, 114),
    "waitid": (247, 95, 284),
    # places, namespaces
    "chdir": (80, 49, 12),
    "fchdir": (81, 50, 133),
    "chroot": (161, 51, 61),
    "mount": (165, 40, 21),
    "umount": (None, None, 22),
    "umount2": (166, 39, 52),
    "pivot_root": (155, 41, 217),
    "unshare": (272, 97, 310),
    "setns": (308, 268, 346),
    "move_mount": (429, 429, 429),
    "open_tree": (428, 428, 428),
    "fsopen": (430, 430, 430),
    "fsmount": (432, 432, 432),
    "mount_setattr": (442, 442, 442),
}
CALLS: Final = frozenset(_NUMBERS)
"""Every name that can be chosen, whether or not this machine has such a call."""

IO_URING_SETUP: Final = 425
"""The same on every architecture (but for the x32 bit)."""

_X32_BIT: Final = 0x40000000
_X32_OWN: Final = {"readv": 515, "writev": 516, "execve": 520, "waitid": 529, "execveat": 545}


@dataclass(frozen=True)
class Abi:
    """One way into the kernel: `audit` is what seccomp sees as `arch` (AUDIT_ARCH_*), `bit` is set in every number."""

    name: str
    audit: int
    numbers: Mapping[str, int] = field(repr=False, compare=False)
    bit: int = 0
    word_bits: int = 64

    @property
    def io_uring_setup(self) -> int:
        """The number of the call that no filter can look behind."""
        return IO_URING_SETUP | self.bit


def _column(index: int) -> dict[str, int]:
    return {name: number for name, row in _NUMBERS.items() if (number := row[index]) is not None}


def _x32() -> dict[str, int]:
    return {name: _X32_OWN.get(name, number) | _X32_BIT for name, number in _column(0).items()}


X86_64: Final = Abi("x86_64", 0xC000003E, _column(0))
X32: Final = Abi("x32", 0xC000003E, _x32(), bit=_X32_BIT)
AARCH64: Final = Abi("aarch64", 0xC00000B7, _column(1))
I386: Final = Abi("i386", 0x40000003, _column(2), word_bits=32)

_X86 = (X86_64, X32, I386)
_MACHINES: Final[Mapping[str, tuple[Abi, ...]]] = {
    **dict.fromkeys(("x86_64", "i386", "i486", "i586", "i686"), _X86),
    **dict.fromkeys(("aarch64", "arm64"), (AARCH64,)),
}


def abis(machine: str | None = None) -> tuple[Abi, ...]:
    """Every known way into the kernel of that machine (`platform.machine()`; default: this one).

    All x86 names give the same: a personality (`setarch i686`) changes the name and not the calls.

    Raises:
        Inconclusive: a machine whose numbers we do not know.
    """
    machine = machine or platform.machine()
    try:
        return _MACHINES[machine]
    except KeyError:
        mend = f"Run on one of: {', '.join(sorted(_MACHINES))}."
        raise Inconclusive(f"no system call numbers known for the machine {machine!r}", mend=mend) from None


_NAMES: Final = {(abi.audit, number): name for abi in (*_X86, AARCH64) for name, number in abi.numbers.items()}


def name_of(audit: int, number: int) -> str:
    """The call of that number, or `syscall_NUMBER`."""
    return _NAMES.get((audit, number), f"syscall_{number}")


@dataclass(frozen=True)
class Pathname:
    """A pathname among the arguments.

    `directory`: index of the descriptor that it is relative to (None: the working directory).
    `follows`: whether the call follows a symbolic link there. `flags`: index of the argument whose bits change that:
    those in `unless` forbid it, those in `when` ask for it; `pointed`: that argument is the address of the flags.
    """

    index: int
    directory: int | None = None
    follows: bool = True
    flags: int | None = None
    unless: int = 0
    when: int = 0
    pointed: bool = False


@dataclass(frozen=True)
class Shape:
    """Which arguments of a call are pathnames, and which is the descriptor it works on."""

    paths: tuple[Pathname, ...] = ()
    descriptor: int | None = None


_AT_SYMLINK_NOFOLLOW: Final = 0x100
_AT_SYMLINK_FOLLOW: Final = 0x400


def _one(*indices: int, follows: bool = True) -> Shape:
    return Shape(tuple(Pathname(index, follows=follows) for index in indices))


def _at(*pairs: tuple[int, int], follows: bool = True, flags: int | None = None) -> Shape:
    unless = _AT_SYMLINK_NOFOLLOW if follows else 0
    when = 0 if follows else _AT_SYMLINK_FOLLOW
    return Shape(
        tuple(Pathname(path, directory, follows, flags, unless, when) for directory, path in pairs),
    )


# O_EXCL matters with O_CREAT alone, and means nothing without it
_OPEN_UNLESS = os.O_NOFOLLOW | os.O_EXCL
_PLAIN_FOLLOWING = (
    "creat execve chmod chown chown32 truncate truncate64 stat stat64 access setxattr chdir chroot umount umount2"
)
_PLAIN_NOT_FOLLOWING = "mkdir mknod unlink rmdir lchown lchown32 lstat lstat64 readlink"
_DESCRIPTOR_FIRST = (
    "fcntl fcntl64 flock close close_range dup dup2 dup3 fchmod fchown fchown32 ftruncate ftruncate64 fallocate "
    "read pread64 readv write pwrite64 writev copy_file_range sendfile sendfile64 fsync fdatasync getdents getdents64 "
    "fstat fstat64 fchdir setns fsmount"
)

SHAPES: Final[Mapping[str, Shape]] = {
    "open": Shape((Pathname(0, flags=1, unless=_OPEN_UNLESS),)),
    "openat": Shape((Pathname(1, 0, flags=2, unless=_OPEN_UNLESS),)),
    "openat2": Shape((Pathname(1, 0, flags=2, unless=_OPEN_UNLESS, pointed=True),)),
    **{name: _one(0) for name in _PLAIN_FOLLOWING.split()},
    **{name: _one(0, follows=False) for name in _PLAIN_NOT_FOLLOWING.split()},
    **{name: Shape(descriptor=0) for name in _DESCRIPTOR_FIRST.split()},
    "rename": _one(0, 1, follows=False),
    "link": _one(0, 1, follows=False),
    "symlink": _one(1, follows=False),
    "mount": _one(0, 1),
    "pivot_root": _one(0, 1),
    "renameat": _at((0, 1), (2, 3), follows=False),
    "renameat2": _at((0, 1), (2, 3), follows=False),
    "linkat": _at((0, 1), (2, 3), follows=False, flags=4),
    "symlinkat": _at((1, 2), follows=False),
    "mkdirat": _at((0, 1), follows=False),
    "mknodat": _at((0, 1), follows=False),
    "unlinkat": _at((0, 1), follows=False),
    "readlinkat": _at((0, 1), follows=False),
    "fchmodat": _at((0, 1)),
    "faccessat": _at((0, 1)),
    "fchmodat2": _at((0, 1), flags=3),
    "faccessat2": _at((0, 1), flags=3),
    "fchownat": _at((0, 1), flags=4),
    "execveat": _at((0, 1), flags=4),
    "newfstatat": _at((0, 1), flags=3),
    "fstatat64": _at((0, 1), flags=3),
    "utimensat": _at((0, 1), flags=3),
    "statx": _at((0, 1), flags=2),
    "open_tree": _at((0, 1), flags=2),
    "mount_setattr": _at((0, 1), flags=2),
    "move_mount": _at((0, 1), (2, 3), follows=False),
}


def shape_of(call: str) -> Shape:
    """What the arguments of a call mean; an empty shape where we do not know."""
    return SHAPES.get(call, Shape())
