"""The locks at one moment of a start, above all at the payload's very first act, which is held while somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from pytest_vessel.fixtures.running import PATIENT, Patience, Running
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.bpf import CREATES, Chosen
from pytest_vessel.system.held import Held

_ACT = Chosen("write", 0, frozenset((1,)))
"""The probe's first system call: it says that it is ready."""

ATTENTIVE = (*PATIENT, *CREATES, _ACT)
"""What a call must be started with."""


class Attention(Patience):
    """Patience that looks at locks once: when the payload makes its first system call, before that takes place.

    Opens and lock calls of the files are still delayed then: whoever starts the payload without waiting for a lock
    has none at that moment.

    Attributes:
        due: whether it is the moment to look, asked for each call that arrives; replace it for another moment.
        caught: somebody has looked.
        locks: what was seen.
    """

    def __init__(
        self,
        running: Running,
        files: Callable[[], Iterable[Path]],
        look: Callable[[], LockTable | None],
        answer: Callable[[Held, int], Answer] = lambda _held, _count: Go(),
    ) -> None:
        super().__init__(files, answer)
        self._running, self._look = running, look
        self._delays = True
        self.due: Callable[[Held], bool] = self.is_first_act
        self.caught = False
        self.locks: LockTable | None = None

    def is_first_act(self, held: Held) -> bool:
        """Whether this is a write of the payload, the first of which is its first system call."""
        return held.call == _ACT.name and self._running.talk.is_payload(held.pid)

    def __call__(self, held: Held) -> Answer | None:
        """Look, if it is time; delay opens of the files and lock calls on them."""
        if not self.caught and self.due(held):
            self.caught, self.locks = True, self._look()
        if not self._delays or held.call == _ACT.name:
            return Go()
        return super().__call__(held)

    def hurry(self) -> None:
        """Delay nothing any more, and let go what is held."""
        self._delays = False
        for held in self._running.held:
            held.go()


def attend(running: Running, attention: Attention) -> Attention:
    """Let it answer the gate."""
    running.patience = attention
    running.gated(attention)
    return attention
