"""One kept call of an implementation, seen from the harness: its streams, its gate, its processes, its end."""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pytest_vessel.errors import HarnessError, Inconclusive
from pytest_vessel.observation.process import Bound, Ending
from pytest_vessel.system import bpf
from pytest_vessel.system.gate import Gate, Policy, hold
from pytest_vessel.system.held import Held
from pytest_vessel.system.keeper import children_of, descendants_of
from pytest_vessel.system.quiet import is_alive
from pytest_vessel.system.sabotage import Sabotage
from pytest_vessel.system.workshop import Workshop

OUTPUT_BOUND_SIZE_BYTES = 16 << 20
KEPT_OUTPUT_SIZE_BYTES = 256 << 10
_SHOWN_CHARACTERS = 4000
_END_TIMEOUT_S = 5.0
_NOT_STARTED = {
    errno.ENOENT: "Install it where that user can run it; where it is a script, its interpreter too.",
    errno.EACCES: "Install it where that user can run it.",
    errno.ENOEXEC: "It is no program of this machine, or a script without #! at its start.",
}
_NO_GATE = "Run outside of other seccomp listeners (a gate, some containers), or allow seccomp(2) in the sandbox here."


@dataclass(frozen=True)
class User:
    """A user by numbers."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Order:
    """What to start, and within which bounds.

    Attributes:
        argv: the program (an absolute path) and its arguments.
        env: the whole environment.
        cwd: folder to start in.
        user: whom to become; None: stay who we are.
        read_only: folders that are read-only mounts for this call alone.
        small: folders that are empty file systems of their own for this call alone, and how many inodes each has.
        timeout_s: after this the call is ended (`Bound.TIME`).
        processes: as many processes as it may have.
        chosen: system calls that the gate holds; none: no gate, unless there is a sabotage.
        sabotage: what lies beneath every answer at the gate; None: calls that are let go take place.
        mode: keeper mode; None: the best that the machine allows.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    user: User | None = None
    read_only: tuple[str, ...] = ()
    small: tuple[tuple[str, int], ...] = ()
    timeout_s: float = 30.0
    processes: int = 512
    chosen: tuple[bpf.Chosen, ...] = ()
    sabotage: Sabotage | None = None
    mode: str | None = None
    ignore: tuple[int, ...] = field(default=())

    @property
    def gated(self) -> tuple[bpf.Chosen, ...]:
        """What the filter stops at: the chosen calls, and those that the sabotage needs."""
        return (*self.chosen, *(self.sabotage.chosen if self.sabotage else ()))

    def concerns_policy(self, held: Held) -> bool:
        """Whether a call at the gate is one of the chosen."""
        return bpf.selects(self.chosen, held.call, held.arguments)


class Kept:
    """A started call. `pump` it (through a `Stage`) to see anything happen; `close` ends everything in it."""

    def __init__(self, workshop: Workshop, order: Order) -> None:
        self.order = order
        self.gate: Gate | None = None
        self._policy: Policy | None = hold
        self.out = bytearray()
        self.err = bytearray()
        self.started = 0
        self.ended_status: int | None = None
        self.ended_after_s: float | None = None
        self.empty = False
        self.broken = ""
        self.inconclusive: Inconclusive | None = None
        self.stopped: Bound | None = None
        self.closed_by_us = False
        self._deadline = time.monotonic() + order.timeout_s
        self._sizes = {"out": 0, "err": 0}
        theirs = self._open(order)
        try:
            self.pid = workshop.fork(_request(order), theirs)
        except BaseException:
            self._close_all()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._pidfd = _pidfd_of(self.pid)

    def _open(self, order: Order) -> list[int]:
        ours, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._control = ours
        stdin, self.stdin = os.pipe2(os.O_CLOEXEC)
        self._stdout, stdout = os.pipe2(os.O_CLOEXEC)
        self._stderr, stderr = os.pipe2(os.O_CLOEXEC)
        for ours_alone in (self.stdin, self._stdout, self._stderr):
            os.set_blocking(ours_alone, False)  # through /proc/self/fd a call can fill its stdin, and read its stdout
        self._channel: socket.socket | None = None
        theirs = [control.detach(), stdin, stdout, stderr]
        if order.gated:
            self._channel, channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            theirs.append(channel.detach())
        return theirs

    def sources(self) -> dict[int, Callable[[], None]]:
        """Descriptors to wait for, and what to call when one is ready."""
        found: dict[int, Callable[[], None]] = {}
        if self._control.fileno() >= 0:
            found[self._control.fileno()] = self._hear
        if self._stdout >= 0:
            found[self._stdout] = lambda: self._read("out")
        if self._stderr >= 0:
            found[self._stderr] = lambda: self._read("err")
        if self._channel is not None:
            found[self._channel.fileno()] = self._take_listener
        if self.gate is not None and self.gate.fileno() >= 0 and not self.gate.over:
            found[self.gate.fileno()] = self._answer
        return found

    def _hear(self) -> None:
        try:
            message = self._control.recv(8192)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._control.close()
            self.empty = True
            return
        self._note(json.loads(message))

    def _note(self, message: dict[str, Any]) -> None:
        if "started" in message:
            self.started = message["started"]
        elif "ended" in message:
            self.ended_status, self.ended_after_s = message["ended"], message["after_s"]
        elif "stopped" in message:
            self.stopped = self.stopped or Bound(message["stopped"])
        elif "empty" in message:
            self.empty = True
        elif "no_gate" in message:
            self.inconclusive = Inconclusive(f"no gate can be installed: {_refusal(message['no_gate'])}", mend=_NO_GATE)
        elif "failed" in message:
            self._note_failed_start(message["what"], message["failed"])
        else:
            self.broken = str(message.get("broken", message))

    def _note_failed_start(self, path: str, number: int) -> None:
        what = f"{path}: {os.strerror(number)}"
        if number in _NOT_STARTED:
            who = f" as {self.order.user.name}" if self.order.user else ""
            self.inconclusive = Inconclusive(f"cannot be started{who}: {what}", mend=_NOT_STARTED[number])
        else:
            self.broken = what

    def _read(self, name: str) -> None:
        descriptor = self._stdout if name == "out" else self._stderr
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            os.close(descriptor)
            setattr(self, f"_std{name}", -1)
            return
        buffer: bytearray = getattr(self, name)
        buffer += data[: max(0, KEPT_OUTPUT_SIZE_BYTES - len(buffer))]
        self._sizes[name] += len(data)
        if self._sizes[name] > OUTPUT_BOUND_SIZE_BYTES and self.stopped is None:
            self.stopped = Bound.OUTPUT
            self.kill()

    def _take_listener(self) -> None:
        assert self._channel is not None
        _message, descriptors, _flags, _address = socket.recv_fds(self._channel, 16, 1)
        self._channel.close()
        self._channel = None
        if descriptors:
            sabotage = self.order.sabotage
            concerns = self.order.concerns_policy if sabotage else None
            self.gate = Gate(descriptors[0], self._policy, instead=sabotage, concerns=concerns)

    @property
    def unanswered(self) -> bool:
        """Whether calls were chosen, and nobody has said yet what becomes of them."""
        return bool(self.order.chosen) and self._policy is hold

    def answer_by(self, policy: Policy | None) -> None:
        """Let a policy answer at the gate, also what is held there; None: let everything go, now and from now on.

        Until it is told so a call holds everything that is chosen: nothing slips by while another call is pumped.
        """
        self._policy = policy
        if self.gate is None:
            return
        if policy is None:
            self.gate.let_go()
        else:
            self.gate.answer_by(policy)

    def _answer(self) -> None:
        assert self.gate is not None
        self.gate.pump(0)

    @property
    def told(self) -> bool:
        """Whether its keeper has told of its start and, where it has ended, of its end.

        Until then it is not at rest: it has no process yet, or what looks like rest is its end.
        """
        return self.ended or (self.started > 0 and any(map(is_alive, children_of(self.pid)[:1])))

    @property
    def ended(self) -> bool:
        """Whether the started process itself has ended (others may be left)."""
        return self.ended_status is not None or bool(self.broken or self.inconclusive) or self.empty

    @property
    def cut(self) -> bool:
        """Whether it wrote more than is kept of it."""
        return max(self._sizes.values()) > KEPT_OUTPUT_SIZE_BYTES

    @property
    def left_s(self) -> float:
        """How long the bound on time lets it go on, in seconds; 0 where that is over."""
        return max(0.0, self._deadline - time.monotonic())

    def processes(self) -> list[int]:
        """Pids of everything that is kept, as this machine numbers them: launcher first."""
        return descendants_of(self.pid)

    def ending(self) -> Ending:
        """How it ended.

        Raises:
            Inconclusive: the program could not be started, or not under a gate.
            HarnessError: the keeper broke.
        """
        if self.inconclusive:
            raise self.inconclusive
        if self.broken:
            raise HarnessError(f"the keeper broke: {self.broken}", where=" ".join(self.order.argv))
        status = self.ended_status
        if status is None and not (self.closed_by_us or self.stopped):
            raise HarnessError("the keeper ended without a word", where=" ".join(self.order.argv))
        code = os.waitstatus_to_exitcode(status) if status is not None else -signal.SIGKILL
        return Ending(
            status=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            stopped=self.stopped,
            message=_text(self.err),
            output=_text(self.out),
            ended_by_us=self.closed_by_us and self.stopped is None,
        )

    def kill(self) -> None:
        """Ask the keeper to end everything; its messages still come."""
        with suppress(OSError):
            self._control.send(b'{"kill": true}')

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a process of this call, through a pidfd; nothing happens where it is gone already.

        Raises:
            HarnessError: that pid is none of this call's.
        """
        with suppress(ProcessLookupError):
            pidfd = os.pidfd_open(pid)
            try:
                if pid not in self.processes():
                    raise HarnessError(f"pid {pid} is no process of this call")
                signal.pidfd_send_signal(pidfd, number)
            finally:
                os.close(pidfd)

    def say(self, data: bytes) -> None:
        """Write to its stdin; nothing happens where that is closed, nobody reads any more, or the pipe is full."""
        if self.stdin >= 0:
            with suppress(BrokenPipeError, BlockingIOError):
                os.write(self.stdin, data)

    def hang_up(self) -> None:
        """Close its stdin."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def close(self) -> None:
        """End everything that is kept and wait for it. Idempotent."""
        if self._pidfd < 0 and self.stdin < 0:
            return
        self.closed_by_us = self.closed_by_us or self.ended_status is None
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        if self._pidfd >= 0:
            _wait_for(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self.empty = True
        if self.gate is not None:  # now: earlier, who is held would have gone on with an error
            self.gate.close()
        self._close_all()

    def _close_all(self) -> None:
        self.hang_up()
        for name in ("_stdout", "_stderr"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._control.close()


def _request(order: Order) -> dict[str, Any]:
    return {
        "do": "keep",
        "argv": list(order.argv),
        "env": dict(order.env),
        "cwd": order.cwd,
        "uid": order.user.uid if order.user else None,
        "gid": order.user.gid if order.user else None,
        "read_only": list(order.read_only),
        "small": order.small,
        "timeout_s": order.timeout_s,
        "processes": order.processes,
        "filter": bpf.program(order.gated).hex() if order.gated else None,
        "mode": order.mode,
        "ignore": list(order.ignore),
    }


def _pidfd_of(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return -1


def _wait_for(pidfd: int) -> None:
    gone = select.poll()
    gone.register(pidfd, select.POLLIN)
    if gone.poll(_END_TIMEOUT_S * 1000):
        return
    for number in (signal.SIGCONT, signal.SIGKILL):  # the call has found a way to hold its keeper up
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, number)
        if gone.poll(_END_TIMEOUT_S * 1000):
            return
    raise HarnessError(f"a keeper did not end within {3 * _END_TIMEOUT_S:.0f} s")


def _refusal(number: int) -> str:
    return "there is one above already" if number == errno.EBUSY else os.strerror(number)


def _text(data: Sequence[int] | bytearray) -> str:
    text = bytes(data).decode("utf-8", "backslashreplace")
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " [...]"
