"""The keeper: the small process under which every call of an implementation runs.

It is a subreaper with a private mount namespace and, where one can be had, pid 1 of a pid namespace: when it
ends, the kernel ends everything in it, and its mounts are gone. It bounds time and the number of processes.
End of file on its socket (pytest has closed it, or is dead) ends it. Standard library alone; forked from the zygote.

Modes, best first; `possible_modes` tries them once:

============  =======================================================================================
`pid`         private mounts and a pid namespace (root)
`user+pid`    the same inside a user namespace that maps our own user and group to themselves
`subreaper`   neither can be had: descendants are found through /proc and ended one by one
============  =======================================================================================

Messages to pytest, one JSON object each: `{"started": pid}`, `{"failed": errno, "what": path}`,
`{"no_gate": errno}`, `{"ended": wait status, "after_s": ...}`, `{"stopped": "time"|"processes"}`, `{"empty": true}`,
`{"broken": text}`.
Messages from pytest: `{"kill": true}` ends everything that is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import time
from typing import Any

from pytest_vessel.system import kernel, seccomp

MODES = ("pid", "user+pid", "subreaper")
_TICK_MS = 50
_SMALL_PID_MAX_KERNEL = (6, 14)
_LEAST_PID_MAX = 400
_MORE_THAN_BOUND = 64
"""What fork(2) refuses lies above what the keeper bounds, so that it sees its bound passed, and says so."""
_FLAGS = {
    "pid": kernel.CLONE_NEWNS | kernel.CLONE_NEWPID,
    "user+pid": kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID,
}


def possible_modes() -> list[str]:
    """The modes that this machine allows, best first; each but the last is tried in a child."""
    wanted = ("pid", "subreaper") if os.geteuid() == 0 else ("user+pid", "subreaper")
    return [mode for mode in wanted if mode == "subreaper" or _works(mode)]


def _works(mode: str) -> bool:
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    status = 1
    try:
        _unshare(mode)
        inner = os.fork()
        if not inner:
            _private_mounts()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1])
    finally:
        os._exit(status)


def enter(mode: str, tell: int) -> None:
    """Turn the calling child of the zygote into a keeper; where it forks on the way, only the last one returns.

    Args:
        mode: one of `MODES`.
        tell: a pipe on which the pid of the grandchild is written, as the zygote sees it.
    """
    if mode == "subreaper":
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        with contextlib.suppress(OSError):
            kernel.unshare(kernel.CLONE_NEWNS)
            kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        return
    _unshare(mode)
    pid = os.fork()
    if pid:
        os.write(tell, str(pid).encode())
        os._exit(0)
    _private_mounts()


def _unshare(mode: str) -> None:
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(_FLAGS[mode])
    if mode == "user+pid":
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as mapping:
                mapping.write(text)


def _private_mounts() -> None:
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)


def main(request: dict[str, Any], descriptors: list[int]) -> None:
    """Keep one call: start it, watch it, end it.

    `request`: argv, env, cwd, uid, gid (or null), read_only (paths), small (pairs of path and inodes), timeout_s,
    processes (bound), filter (hex, or null), ignore (signal numbers). `descriptors`: socket, stdin, stdout, stderr
    and, with a filter, a socket for the listener.
    """
    control = socket.socket(fileno=descriptors[0])
    for path in request["read_only"]:
        kernel.bind_read_only(path)
    for path, inodes in request["small"]:
        kernel.mount_small(path, inodes)
    _bound_processes(request)
    wake = _wake_on_children()
    started = time.monotonic()
    pid, problems = _start(request, descriptors[1:])
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    _send(control, {"started": pid})
    _Watch(control, wake, problems, pid, request, started).run()


def _bound_processes(request: dict[str, Any]) -> None:
    if request["mode"] != "subreaper" and _kernel() >= _SMALL_PID_MAX_KERNEL:
        # From this kernel on the number belongs to the pid namespace; before, it is the whole machine's.
        with contextlib.suppress(OSError), open("/proc/sys/kernel/pid_max", "w") as bound:
            bound.write(str(max(_LEAST_PID_MAX, request["processes"] + _MORE_THAN_BOUND)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2] if part.isdigit())


def _wake_on_children() -> int:
    wake, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return wake


def _send(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        control.send(json.dumps(message).encode())


def _start(request: dict[str, Any], descriptors: list[int]) -> tuple[int, int]:
    """Fork and exec the call; returns its pid, and a pipe on which a failed exec is reported."""
    told, tell = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if not pid:
        try:
            _become(request, descriptors, tell)
        except _NoGate as problem:
            os.write(tell, json.dumps({"no_gate": problem.errno}).encode())
        except OSError as problem:
            what = problem.filename or request["argv"][0]
            os.write(tell, json.dumps({"failed": problem.errno, "what": what}).encode())
        finally:
            os._exit(127)
    os.close(tell)
    return pid, told


class _NoGate(OSError):
    """The kernel refused the filter."""


def _become(request: dict[str, Any], descriptors: list[int], tell: int) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in range(1, signal.NSIG):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    for number in request["ignore"]:
        signal.signal(number, signal.SIG_IGN)
    os.chdir(request["cwd"])
    if request["uid"] is not None:
        os.setgroups([])
        os.setresgid(request["gid"], request["gid"], request["gid"])
        os.setresuid(request["uid"], request["uid"], request["uid"])
    os.umask(0o022)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    channel = socket.socket(fileno=os.dup(descriptors[3])) if request["filter"] else None
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
    _close_all_but(tell, channel.fileno() if channel else -1)
    if channel:
        _install(bytes.fromhex(request["filter"]), channel)
    os.execvpe(request["argv"][0], request["argv"], request["env"])


def _install(filter_program: bytes, channel: socket.socket) -> None:
    """Put ourselves under the filter and hand its listener over.

    From here on whatever we do may be a chosen call; even the end of `channel` is one, so somebody must hold on to it.
    """
    try:
        listener = seccomp.install(filter_program)
    except OSError as problem:
        raise _NoGate(problem.errno, problem.strerror) from None
    socket.send_fds(channel, [b"listener"], [listener])


def _close_all_but(*kept: int) -> None:
    start = 3
    for descriptor in sorted(number for number in kept if number >= 0):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, 4096)


class _Watch:
    """The loop of a keeper: reaps, bounds, obeys."""

    def __init__(
        self, control: socket.socket, wake: int, problems: int, pid: int, request: dict[str, Any], started: float
    ) -> None:
        self.control, self.wake, self.problems, self.pid, self.request = control, wake, problems, pid, request
        self.started, self.deadline = started, started + request["timeout_s"]
        self.bounded = False
        self.processes = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # a call may mount over it

    def run(self) -> None:
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        poll.register(self.problems, select.POLLIN)
        while self.reap():
            events = dict(poll.poll(_TICK_MS))
            if self.problems in events:
                poll.unregister(self.problems)
                self.report_failed_start()
            if self.wake in events:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
            if self.control.fileno() in events and not self.obey():
                break
            self.bound()
        end_all(self.request["mode"])

    def report_failed_start(self) -> None:
        """Does not block once the call has ended or been replaced by its program; says nothing the second time."""
        if failure := os.read(self.problems, 8192):
            with contextlib.suppress(OSError):
                self.control.send(failure)

    def reap(self) -> bool:
        """Collect what has ended; False when nothing is left."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return True
                if pid == self.pid:
                    self.report_failed_start()  # before its end, which may be the last thing that happens here
                    _send(self.control, {"ended": status, "after_s": time.monotonic() - self.started})
        except ChildProcessError:
            _send(self.control, {"empty": True})
            return False

    def obey(self) -> bool:
        try:
            message = self.control.recv(4096)
        except OSError:
            return False
        if not message:
            return False
        if json.loads(message).get("kill"):
            end_all(self.request["mode"])
        return True

    def bound(self) -> None:
        if self.bounded:
            return
        reason = "time" if time.monotonic() > self.deadline else ""
        if not reason and self.too_many():
            reason = "processes"
        if reason:
            self.bounded = True
            _send(self.control, {"stopped": reason})
            end_all(self.request["mode"])

    def too_many(self) -> bool:
        if self.request["mode"] == "subreaper":
            return len(descendants_of(os.getpid())) > int(self.request["processes"])
        return sum(name.isdigit() for name in os.listdir(self.processes)) > int(self.request["processes"])


def end_all(mode: str) -> None:
    """End everything that this keeper keeps, stopped processes too; returns when the signals are sent."""
    if mode != "subreaper":
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGCONT)
            os.kill(-1, signal.SIGKILL)
        return
    deadline = time.monotonic() + 2
    while (pids := descendants_of(os.getpid())) and time.monotonic() < deadline:
        for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def children_of(pid: int) -> list[int]:
    """The direct children of a process, as this pid namespace numbers them; empty where it is gone."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children") as listed:
                children += [int(child) for child in listed.read().split()]
    return children


def descendants_of(pid: int) -> list[int]:
    """All descendants of a process, parents before children."""
    found, waiting = [], children_of(pid)[::-1]
    while waiting:  # no recursion: who forks without end may do so in depth
        found.append(waiting.pop())
        waiting += children_of(found[-1])[::-1]
    return found
