"""What a gate can answer to a held call, and the lines of its log. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Go:
    """The call takes place now."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The call does not take place and fails with this error: a number of the module `errno`.

    Raises:
        ValueError: not from 1 to 4095, the errors that a system call can have.
    """

    errno: int

    def __post_init__(self) -> None:
        if self.errno not in range(1, 4096):
            raise ValueError(f"no error number: {self.errno}; take one of the module errno")


@dataclass(frozen=True, slots=True)
class Pretend:
    """The call does not take place and returns this value, as if it had succeeded."""

    value: int = 0


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL to the whole process of the thread: the call does not take place."""


Answer = Go | Fail | Pretend | Kill


class Seen(NamedTuple):
    """One line of a gate's log.

    `order`: position of arrival, from 1. `turn`: position among the answers, from 1.
    `answer`: None where the call is still held, or was over before.
    `process`, `file` (device, inode): None unless somebody asked for them while the call was held.
    """

    order: int
    pid: int
    process: int | None
    call: str
    arguments: tuple[int, ...]
    file: tuple[int, int] | None
    answer: Answer | None
    turn: int | None
