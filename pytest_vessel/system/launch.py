"""Start a program under a gate: our half of the launcher in `seccomp`.

`launch` does it all. Whoever starts processes in another way (under a keeper, in a container) takes the pieces: start
`command(DESCRIPTOR)` with one end of a stream socket pair as that descriptor, send `order(...)` through the other end,
then `receive(...)` the listener there.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import IO, NamedTuple

from pytest_vessel.errors import HarnessError, Inconclusive
from pytest_vessel.system.bpf import Chosen, program
from pytest_vessel.system.gate import Gate

Stream = int | IO[bytes] | None


class Launched(NamedTuple):
    """A started subject and its gate."""

    process: subprocess.Popen[bytes]
    gate: Gate


def command(descriptor: int) -> list[str]:
    """The argv that starts the launcher; it needs neither our files nor this interpreter's environment."""
    source = files("pytest_vessel.system").joinpath("seccomp.py").read_text(encoding="utf-8")
    return [os.path.realpath(sys.executable), "-I", "-S", "-c", source, str(descriptor)]


def order(
    argv: Sequence[str],
    filter_program: bytes,
    environment: Mapping[str, str],
    user: tuple[int, int] | None = None,
) -> bytes:
    """What the launcher is to do; `user`: (uid, gid) that it becomes first, without supplementary groups."""
    content = {
        "argv": list(argv),
        "program": filter_program.hex(),
        "environment": dict(environment),
        "user": user,
    }
    text = json.dumps(content).encode()
    return len(text).to_bytes(8, "little") + text


def receive(channel: socket.socket, timeout_s: float = 10.0) -> int:
    """The listener, close-on-exec, from a launcher that has got its order.

    Raises:
        Inconclusive: this machine refused the filter.
        FileNotFoundError: there is no such program.
        HarnessError: the launcher ended without a word, or did not answer in time.
    """
    channel.settimeout(timeout_s)
    try:
        answer, listeners, _, _ = socket.recv_fds(channel, 4096, 1, socket.MSG_CMSG_CLOEXEC)
    except TimeoutError:
        raise HarnessError(f"the gate's launcher did not answer within {timeout_s} s", where="launch") from None
    if answer == b"+" and listeners:
        return listeners[0]
    if not answer:
        raise HarnessError("the gate's launcher ended without a word", where="launch", mend="See its standard error.")
    number, _, text = answer[1:].decode(errors="replace").partition(" ")
    if text.startswith("no program"):
        raise FileNotFoundError(int(number), text)
    mend = "Run the tests outside of other seccomp listeners, or allow seccomp(2) in this container's profile."
    raise Inconclusive(f"no gate can be installed: {text}", where="launch", mend=mend)


def launch(
    argv: Sequence[str],
    chosen: Iterable[Chosen],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: tuple[int, int] | None = None,
    pass_fds: Sequence[int] = (),
    timeout_s: float = 10.0,
    stdin: Stream = None,
    stdout: Stream = None,
    stderr: Stream = None,
    start_new_session: bool = False,
) -> Launched:
    """Start `argv` so that its chosen calls, and those of all that it starts, wait at the gate.

    Args:
        environment: of the program; default: ours.
        folder: its working directory.
        user: (uid, gid) to become.
        timeout_s: for the launcher to be ready (about 20 ms here), not for the program.
        stdin, stdout, stderr, start_new_session: as `subprocess.Popen` takes them.

    With EXECS chosen the first event is the launcher's exec of `argv`. The caller ends and waits for the process; a
    thread that waits for an answer dies of SIGKILL alone. Without a `user`, only what lacks CAP_SYS_ADMIN gets
    no_new_privs.

    Raises:
        Inconclusive, FileNotFoundError, HarnessError: as `receive`.
    """
    wanted = program(chosen)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        fds = (*pass_fds, theirs.fileno())
        process = subprocess.Popen(
            command(theirs.fileno()),
            pass_fds=fds,
            cwd=folder,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=start_new_session,
        )
        try:
            theirs.close()
            ours.sendall(order(argv, wanted, os.environ if environment is None else environment, user))
            return Launched(process, Gate(receive(ours, timeout_s)))
        except BaseException:
            process.kill()
            process.communicate()
            raise
