"""The holder: a small process that opens files and holds locks on them. Forked from the zygote; standard library alone.

It answers one request at a time on its socket (SOCK_SEQPACKET, plain text, so that a request costs some 15 us),
and ends, with all its locks, at the end of file there:

======================================================  =====================================================
`lock KIND MODE WAIT START LENGTH PATH`                 `ok HANDLE`, or `open ERRNO`, or `lock ERRNO`
`open PATH`                                             `ok HANDLE`, or `open ERRNO`: no lock yet
`take KIND MODE HANDLE`                                 `ok HANDLE`, or `lock ERRNO`: whole file, without waiting
`release HANDLE`                                        `ok`: unlocked explicitly, then closed
`close HANDLE`                                          `ok`: closed, nothing else
`fork`                                                  `ok PID`: a child that holds the same descriptors
`pass HANDLE`                                           `ok`, with the descriptor attached
`adopt`, then a message with the descriptor attached    `ok HANDLE`
======================================================  =====================================================

KIND: `ofd`, `posix`, `flock`; MODE: `shared`, `exclusive`; WAIT: `now`, `wait`. A handle is a descriptor number.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
from typing import Any

_REQUEST_SIZE_BYTES = 8192
_OFD = {"now": 37, "wait": 38}
_POSIX = {"now": fcntl.F_SETLK, "wait": fcntl.F_SETLKW}
_TYPES = {"shared": fcntl.F_RDLCK, "exclusive": fcntl.F_WRLCK}
_FLOCK = {"shared": fcntl.LOCK_SH, "exclusive": fcntl.LOCK_EX}


def main(_request: dict[str, Any], descriptors: list[int]) -> None:
    """Serve one connection until its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptors[0])
    while message := control.recv(_REQUEST_SIZE_BYTES):
        try:
            control.send(_answer(message, control))
        except OSError:
            return


def _answer(message: bytes, control: socket.socket) -> bytes:
    verb, _, rest = message.partition(b" ")
    if verb == b"lock":
        return lock(rest)
    if verb == b"open":
        return _open(rest.decode("utf-8", "surrogateescape"), os.O_RDWR)
    if verb == b"take":
        kind, mode, handle = rest.decode().split()
        return _take(int(handle), kind, mode, "now", 0, 0)
    if verb == b"release":
        unlock(int(rest))
    if verb in (b"release", b"close"):
        os.close(int(rest))
        return b"ok"
    if verb == b"fork":
        return b"ok %d" % _fork(control)
    if verb == b"pass":
        socket.send_fds(control, [b"descriptor"], [int(rest)])
        return b"ok"
    if verb == b"adopt":
        return b"ok %d" % socket.recv_fds(control, 16, 1)[1][0]
    return b"unknown"


def lock(rest: bytes) -> bytes:
    """Open and lock a file, as the request `lock` asks for it; returns the answer."""
    kind, mode, wait, start, length, path = rest.decode("utf-8", "surrogateescape").split(" ", 5)
    writes = mode == "exclusive" and kind != "flock"
    opened = _open(path, os.O_RDWR if writes else os.O_RDONLY)
    if not opened.startswith(b"ok"):
        return opened
    descriptor = int(opened.split()[1])
    answer = _take(descriptor, kind, mode, wait, int(start), int(length))
    if not answer.startswith(b"ok"):
        os.close(descriptor)
    return answer


def _open(path: str, flags: int) -> bytes:
    try:
        return b"ok %d" % os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as problem:
        return b"open %d" % (problem.errno or 0)


def _take(descriptor: int, kind: str, mode: str, wait: str, start: int, length: int) -> bytes:
    try:
        if kind == "flock":
            fcntl.flock(descriptor, _FLOCK[mode] | (fcntl.LOCK_NB if wait == "now" else 0))
        else:
            wanted = struct.pack("hhqqi4x", _TYPES[mode], os.SEEK_SET, start, length, 0)
            fcntl.fcntl(descriptor, (_OFD if kind == "ofd" else _POSIX)[wait], wanted)
    except OSError as problem:
        return b"lock %d" % (problem.errno or 0)
    return b"ok %d" % descriptor


def unlock(descriptor: int) -> None:
    """Unlock explicitly: an open file description that a fork shares would keep its lock after a close."""
    nothing = struct.pack("hhqqi4x", fcntl.F_UNLCK, os.SEEK_SET, 0, 0, 0)
    fcntl.fcntl(descriptor, _OFD["now"], nothing)
    fcntl.fcntl(descriptor, fcntl.F_SETLK, nothing)
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _fork(control: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    hung_up = select.poll()
    hung_up.register(control, 0)
    hung_up.poll()
    os._exit(0)
