"""A conversation with the probe, the static program that is the payload of every run (`fixtures/sources/probe.c`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from pytest_vessel.errors import HarnessError
from pytest_vessel.observation.locks import Mode
from pytest_vessel.observation.process import Descriptor
from pytest_vessel.system.kept import Kept
from pytest_vessel.system.stage import Stage

PROBE_INSIDE = "/usr/libexec/vessel/probe"
"""Where the harness puts the probe in every runtime that it builds."""

ANSWER_TIMEOUT_S = 10.0
_SHOWN_CHARACTERS = 80
_T = TypeVar("_T")


class Talk:
    """Asks the probe, one line each, through stdin and stdout of a call."""

    def __init__(self, stage: Stage, call: Kept, nonce: str) -> None:
        self.stage, self.call, self.nonce = stage, call, nonce
        self._greeting = f"vessel-ready {nonce} ".encode()
        self._asked = 0

    @property
    def ready(self) -> bool:
        """Whether the payload has said that it runs."""
        return self._greeting in self.call.out

    def is_payload(self, pid: int) -> bool:
        """Whether a process is the payload, or a fork of it: by its command line, which only the probe has so."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        words = command.split(b"\0")
        return words[0].rpartition(b"/")[2].startswith(b"probe") and words[2:3] == [self.nonce.encode()]

    def ask(self, *words: str) -> list[str]:
        """One command; returns the words of its answer.

        Raises:
            HarnessError: no answer came, or none of the probe's: it is gone or was never there.
        """
        self._say(words)
        number = self._asked
        line = self.stage.until(lambda: self._answer(number) or self.call.empty, ANSWER_TIMEOUT_S)
        if not isinstance(line, bytes):
            raise HarnessError(f"the payload does not answer {words[0]!r}", mend="It has ended, or lost its stdin.")
        answer = [unquote(word) for word in line.decode("ascii", "replace").split()[1:]]
        return [_read(answer, lambda: answer[0]), *answer[1:]]

    def answers(self) -> bool:
        """Whether somebody is there at the other end."""
        try:
            return self.ask("pids")[0] == "pids"
        except HarnessError:
            return False

    def _say(self, words: Sequence[str]) -> None:
        self._asked += 1
        self.call.say((" ".join(quote(word, safe="/.:-_+") for word in words) + "\n").encode())

    def _answer(self, number: int) -> bytes | None:
        """The answer to the command of that number, from 1: every command is answered by one line."""
        answers = [line for line in bytes(self.call.out).split(b"\n")[:-1] if line.startswith(b"= ")]
        return answers[number - 1] if len(answers) >= number else None

    def identity(self, path: str) -> tuple[str, int] | None:
        """Device (`major:minor`) and inode that `path` leads to inside; None where it leads nowhere."""
        answer = self.ask("stat", path)
        return _read(answer, lambda: (answer[1], int(answer[2]))) if answer[0] == "stat" else None

    def descriptors(self) -> tuple[Descriptor, ...]:
        """Open descriptors of the payload, the probe's own aside."""
        answer = self.ask("fds")
        return _read(answer, lambda: tuple(_descriptor(word) for word in answer[1:]))

    def lock(self, handle: int, path: str, mode: Mode, *, access: str = "r") -> tuple[str, int]:
        """Take an OFD lock inside, without waiting: `("locked", 0)`, `("open-errno", n)` or `("lock-errno", n)`."""
        answer = self.ask("lock", str(handle), path, access, "ofd", str(mode), "nowait", "0", "0")
        return _read(answer, lambda: (answer[0], int(answer[1]) if len(answer) > 1 else 0))

    def would_conflict(self, path: str, mode: Mode) -> str:
        """What F_OFD_GETLK inside says of such a lock: `free`, `shared`, `exclusive`, or `errno N`."""
        answer = self.ask("test", path, str(mode), "0", "0")
        return _read(answer, lambda: answer[1]) if answer[0] == "conflict" else " ".join(answer)

    def end(self, status: int = 0) -> None:
        """Have the payload exit; the call's end is for the stage to see."""
        self._say(("exit", str(status)))


def _read(answer: list[str], read: Callable[[], _T]) -> _T:
    """What `read` makes of an answer, unless the probe cannot have given it. Raises `HarnessError`."""
    try:
        return read()
    except (ValueError, IndexError):
        raise HarnessError(
            f"what answers is not the payload: {' '.join(answer)[:_SHOWN_CHARACTERS]!r}",
            mend="The implementation must start {argv} itself and leave its streams alone.",
        ) from None


def _descriptor(word: str) -> Descriptor:
    number, major, minor, inode, _mode = word.split(":")
    return Descriptor(int(number), f"{major}:{minor}", int(inode))


def new_nonce() -> str:
    """A word that only this start's payload can say."""
    return os.urandom(8).hex()
