"""The zygote: one small warm process per pytest process, which forks keepers and holders and cleans up at the end.

It runs outside pytest, from the standard library alone. Its one connection is a socket to pytest; each child gets
a socket of its own. End of file on that socket, also when pytest is killed, ends everything: the children see the
end of their own sockets, the zygote waits for them and then removes the run's work folder. Forking here instead
of in pytest costs 1 ms instead of an interpreter's start, and no descriptor of pytest's ever leaks into a child.

It makes the run folder itself, so that nobody is ever between that folder and its end. Its first message names folder
and modes (`{"folder": PATH, "modes": [...]}`, with the descriptor attached whose lock says that the folder is in use),
or why there is none (`{"broken": TEXT}`). Requests are one JSON object each on a SOCK_SEQPACKET socket, with
descriptors attached (SCM_RIGHTS); the first descriptor is the child's own socket. The answer is `{"pid": N}`: N as
pytest sees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from pytest_vessel.system import holder, keeper, work
from pytest_vessel.system.kernel import PR_SET_CHILD_SUBREAPER, prctl

REQUEST_SIZE_BYTES = 1 << 20
_END_TIMEOUT_S = 5.0

_CHILDREN: dict[str, Callable[[dict[str, Any], list[int]], None]] = {"keep": keeper.main, "hold": holder.main}


def main(control_fd: int, base: str) -> None:
    """Make a run folder in `base`; serve until the end of file on `control_fd`; end all children; remove the folder."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    control = socket.socket(fileno=control_fd)
    modes = keeper.possible_modes()
    try:
        folder, lock = work.make_run_folder(base)
    except OSError as problem:
        control.send(json.dumps({"broken": str(problem)}).encode())
        return
    with contextlib.suppress(OSError):  # pytest may be gone already
        socket.send_fds(control, [json.dumps({"modes": modes, "folder": folder}).encode()], [lock])
    with contextlib.suppress(OSError):
        work.remove_stale(base)
    while _serve(control, modes):
        _reap()
    control.close()
    _end_children()
    work.remove(folder)


def _serve(control: socket.socket, modes: list[str]) -> bool:
    try:
        message, descriptors, _flags, _address = socket.recv_fds(control, REQUEST_SIZE_BYTES, 16)
    except ConnectionError:
        return False
    if not message:
        return False
    request: dict[str, Any] = json.loads(message)
    if request["do"] == "keep":
        request["mode"] = request.get("mode") or modes[0]
    pid = _fork(control, request, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    with contextlib.suppress(ConnectionError):
        control.send(json.dumps({"pid": pid}).encode())
    return True


def _fork(control: socket.socket, request: dict[str, Any], descriptors: list[int]) -> int:
    """Fork one child; returns its pid, which a keeper in a pid namespace, a grandchild, tells through a pipe."""
    keeps = request["do"] == "keep"
    told, tell = os.pipe() if keeps else (-1, -1)
    pid = os.fork()
    if not pid:
        _be_child(control, request, descriptors, told, tell)
    if not keeps:
        return pid
    os.close(tell)
    with os.fdopen(told, "rb") as answers:
        return int(answers.read() or pid)


def _be_child(
    control: socket.socket, request: dict[str, Any], descriptors: list[int], told: int, tell: int
) -> NoReturn:
    status = 1
    try:
        control.close()
        os.setsid()
        if tell >= 0:
            os.close(told)
            keeper.enter(request["mode"], tell)
            os.close(tell)
        _CHILDREN[request["do"]](request, descriptors)
        status = 0
    except BaseException as problem:
        _tell_problem(descriptors[0], problem)
    finally:
        os._exit(status)


def _tell_problem(descriptor: int, problem: BaseException) -> None:
    with contextlib.suppress(OSError):
        text = f"{type(problem).__name__}: {problem}"
        socket.socket(fileno=descriptor).send(json.dumps({"broken": text}).encode())


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _end_children() -> None:
    """Wait for the children, which see the end of their sockets; one that does not end in time is killed."""
    deadline = time.monotonic() + _END_TIMEOUT_S / 5
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                select.select([], [], [], 0.005)
        deadline = time.monotonic() + _END_TIMEOUT_S
        while time.monotonic() < deadline:
            for pid in keeper.descendants_of(os.getpid()):  # also those whose keeper was killed
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if not os.waitpid(-1, os.WNOHANG)[0]:
                select.select([], [], [], 0.005)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
