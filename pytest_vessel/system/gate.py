"""The gate: calls that a filter has chosen wait here until the harness answers. The side of the harness.

Source: seccomp_unotify(2). The prose for users is docs/gate.md.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import struct
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from pytest_vessel.errors import HarnessError
from pytest_vessel.system.answer import Answer, Fail, Go, Kill, Pretend, Seen
from pytest_vessel.system.held import Held

Policy = Callable[[Held], Answer | None]
"""Decides about a call that has just arrived; None: hold it."""

BATCH: Final = 256
"""Calls that one `pump` takes at most, so that a busy subject cannot keep it for ever."""

_RECEIVE, _SEND, _ID_VALID, _SET_FLAGS = 0xC0502100, 0xC0182101, 0x40082102, 0x40082104
_SYNC_WAKE_UP = 1
_CONTINUE = 1
_EMPTY = bytes(80)
_notification = struct.Struct("=QIIiIQ6Q").unpack
_response = struct.Struct("=QqiI").pack
_GONE = (errno.ENOENT, errno.ESRCH, errno.EINTR)
_GO = Go()


def hold(_: Held) -> None:
    """The policy that holds everything."""


def _let_go(_: Held) -> Go:
    return _GO


class Gate:
    """The listener of one filter, and all calls that wait for it. Not for use from two threads at once.

    `policy`: asked about each call when it arrives. Without one, `pump` lets everything go and `next` stops at
    everything. `over`: no task is left under the filter (none that was not waited for, on older kernels).

    Something may lie beneath the policy and every other answer of the test (`system.sabotage`). `instead` says what
    happens to a call that is let go; `concerns` says which calls are for the policy: the others are let go unasked,
    and are not in the log.

    Owns the descriptor. Once it is closed, held and later calls fail with ENOSYS: end the subject first.
    """

    def __init__(
        self,
        listener: int,
        policy: Policy | None = None,
        *,
        instead: Callable[[Held], Answer] | None = None,
        concerns: Callable[[Held], bool] | None = None,
    ) -> None:
        self.policy = policy
        self._instead = instead
        self._concerns = concerns
        self.over = False
        self._listener = listener
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._all: list[Held] = []
        self._held: dict[int, Held] = {}
        self._fresh: dict[int, Held] = {}
        self._turns = 0
        with contextlib.suppress(OSError):  # 6.6; a call costs a third less where the subject wakes on our processor
            fcntl.ioctl(listener, _SET_FLAGS, _SYNC_WAKE_UP)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The listener, for poll(2) together with others; -1 once closed."""
        return self._listener

    def close(self) -> None:
        """Give the listener up; calls that are held fail with ENOSYS, and so do all later chosen calls."""
        if self._listener >= 0:
            os.close(self._listener)
        self._listener = -1

    @property
    def held(self) -> list[Held]:
        """The calls that wait, in order of arrival; those of dead threads are left out."""
        for held in [held for held in self._held.values() if not self.valid(held)]:
            self._forget(held)
        return list(self._held.values())

    @property
    def log(self) -> list[Seen]:
        """Every call for the policy that has arrived, in order of arrival."""
        return [
            Seen(
                held.order,
                held.pid,
                held.known_process,
                held.call,
                held.arguments,
                held.identity,
                held.answer,
                held.turn,
            )
            for held in self._all
        ]

    def pump(self, timeout_s: float = 0.0) -> int:
        """Take what has arrived, answer each by the policy, hold the rest; returns how many were taken.

        Waits up to `timeout_s` for the first; takes at most BATCH. 0 with `over` true: nobody is left.
        An exception of the policy passes through; its call stays held.
        """
        taken = 0
        wait_s = timeout_s
        while taken < BATCH and self._ready(wait_s):
            wait_s = 0
            held = self._take()
            if held is None:
                continue
            taken += 1
            self._decide(held, self.policy or _let_go)
        return taken

    def next(self, timeout_s: float = 10.0) -> Held | None:
        """The next call that the policy holds (without a policy: the next call); None: time is up, or `over`.

        Each call is given once, also those that `pump` has left in `held`. It waits until it is answered.
        """
        deadline = time.monotonic() + timeout_s
        wait_s = timeout_s
        while True:
            while self._fresh:
                held = self._fresh.pop(next(iter(self._fresh)))
                if self.valid(held):
                    return held
                self._forget(held)
            if wait_s < 0 or not self._ready(wait_s):
                return None
            if (arrived := self._take()) is not None:
                self._decide(arrived, self.policy or hold)
            wait_s = deadline - time.monotonic()

    def pump_until(self, condition: Callable[[], bool], timeout_s: float = 10.0, interval_s: float = 0.01) -> bool:
        """Pump until the condition holds, time is up, or nobody is left; returns whether the condition holds.

        It is looked at after each batch, and every `interval_s` where nothing arrives.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            if self.over or time.monotonic() > deadline:
                return condition()
            self.pump(interval_s)
        return True

    def release(self, held: Held, answer: Answer) -> bool:
        """Answer a held call; False where it was over before (killed, or interrupted by a signal).

        Raises:
            ValueError: it has been answered.
        """
        if held.answer is not None:
            raise ValueError(f"already answered: {held!r}")
        if self._instead is not None and isinstance(answer, Go):
            answer = self._instead(held)
        taken = self._answer(held, answer)
        self._forget(held)
        if not taken:
            return False
        self._turns += 1
        held.answer = answer
        held.turn = self._turns
        return True

    def answer_by(self, policy: Policy) -> None:
        """Let another policy answer from now on, also what is held already."""
        self.policy = policy
        for held in self.held:
            if (answer := policy(held)) is not None:
                self.release(held, answer)

    def let_go(self) -> int:
        """Drop the policy and let all go that is held; returns how many. Later calls need pumping still."""
        self.policy = None
        return sum(self.release(held, _GO) for held in self.held)

    def valid(self, held: Held) -> bool:
        """Whether the thread still waits in this call."""
        if held.answer is not None or self._listener < 0:
            return False
        try:
            fcntl.ioctl(self._listener, _ID_VALID, held.id.to_bytes(8, "little"))
        except OSError as problem:
            if problem.errno not in _GONE:
                raise
            return False
        return True

    def _ready(self, wait_s: float) -> bool:
        if self._listener < 0:
            raise ValueError("this gate is closed")
        events = self._poll.poll(wait_s * 1000)
        if not events:
            return False
        if events[0][1] & select.POLLIN:
            return True
        self.over = True
        return False

    def _take(self) -> Held | None:
        """Receive one; None where the thread was gone between poll and here."""
        try:
            raw = _notification(fcntl.ioctl(self._listener, _RECEIVE, _EMPTY))
        except OSError as problem:
            if problem.errno not in _GONE:
                raise
            return None
        held = Held(self, len(self._all) + 1, raw)
        if self._is_asked_about(held):
            self._all.append(held)
        return held

    def _is_asked_about(self, held: Held) -> bool:
        return self._concerns is None or self._concerns(held)

    def _decide(self, held: Held, policy: Policy) -> None:
        """Ask; what gets no answer is held, also where the policy raises."""
        answer: Answer | None = None
        try:
            answer = policy(held) if self._is_asked_about(held) else _GO
        finally:
            if answer is not None:
                self.release(held, answer)
            elif held.answer is None:  # a policy may have answered by itself
                self._held[held.id] = self._fresh[held.id] = held

    def _forget(self, held: Held) -> None:
        self._held.pop(held.id, None)
        self._fresh.pop(held.id, None)

    def _answer(self, held: Held, answer: Answer) -> bool:
        match answer:
            case Go():
                return self._send(_response(held.id, 0, 0, _CONTINUE))
            case Fail(number):
                return self._send(_response(held.id, 0, -number, 0))
            case Pretend(value):
                return self._send(_response(held.id, value, 0, 0))
            case Kill():
                return self._kill(held)

    def _send(self, response: bytes) -> bool:
        try:
            fcntl.ioctl(self._listener, _SEND, response)
        except OSError as problem:
            if problem.errno not in _GONE:
                raise
            return False
        return True

    def _kill(self, held: Held) -> bool:
        """Through a pidfd that is known to be of the held thread's process."""
        if not self.valid(held):
            return False
        if not (process := held.process):
            mend = "Run the gate in the pid namespace of the subject, or outside of it."
            raise HarnessError(f"process of {held!r} is not visible from here", where="gate", mend=mend)
        try:
            handle = os.pidfd_open(process)
        except ProcessLookupError:
            return False
        try:
            if not self.valid(held):
                return False
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True
