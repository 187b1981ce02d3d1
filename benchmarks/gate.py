"""What a gate costs, beside strace: `python benchmarks/gate.py [COUNT]`. Needs cc; strace where it is installed.

One C loop of system calls, timed by itself, is run in each way; the figures of one run are comparable with each other
alone. Each is the best of five rounds: what else runs on the machine only ever adds.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import LOCKS
from pytest_vessel.system.gate import Policy
from pytest_vessel.system.held import Held
from pytest_vessel.system.launch import launch

ROUNDS = 5
LOOP = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
    long count = atol(argv[2]);
    int file = open(argv[3], O_RDWR);
    struct flock lock = {.l_type = F_WRLCK};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (long i = 0; i < count; i++)
        if (!strcmp(argv[1], "getppid")) syscall(SYS_getppid);
        else if (!strcmp(argv[1], "getfd")) syscall(SYS_fcntl, file, F_GETFD);
        else syscall(SYS_fcntl, file, F_GETLK, &lock);
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.1f\n", ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / count);
    return file < 0;
}
"""


Row = tuple[str, str, Callable[[list[str]], str], int]


def plain(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def gated(argv: list[str], policy: Policy | None = None) -> str:
    process, gate = launch(argv, LOCKS, stdout=subprocess.PIPE)
    with gate, process:
        gate.policy = policy
        while not gate.over:
            gate.pump(1.0)
        return process.communicate()[0].decode()


def traced(argv: list[str], *options: str) -> str:
    return plain(["strace", "-f", "-o", "/dev/null", "-e", "trace=fcntl", *options, *argv])


def go(held: Held) -> Answer:
    return Go()


def look(held: Held) -> Answer:
    return Go() if held.file() else Fail(errno.EBADF)


def in_kernel(argv: list[str]) -> str:
    return traced(argv, "--seccomp-bpf")


# what, which call, how, one in how many of the calls
GATE: list[Row] = [
    ("getppid, plain", "getppid", plain, 1),
    ("getppid, not chosen", "getppid", gated, 1),
    ("fcntl(F_GETFD), plain", "getfd", plain, 1),
    ("fcntl(F_GETFD), its command not chosen", "getfd", gated, 1),
    ("fcntl(F_GETLK), plain", "getlk", plain, 1),
    ("fcntl(F_GETLK), gated, answered Go", "getlk", gated, 50),
    ("... by a policy", "getlk", partial(gated, policy=go), 50),
    ("... by a policy that looks at the file", "getlk", partial(gated, policy=look), 50),
]
STRACE: list[Row] = [
    (f"{label}, strace -f -e trace=fcntl{option}", call, how, share)
    for option, how in (("", traced), (" --seccomp-bpf", in_kernel))
    for label, call, share in (
        ("getppid", "getppid", 50),
        ("fcntl(F_GETFD)", "getfd", 50),
        ("fcntl(F_GETLK)", "getlk", 50),
    )
]


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program, file = f"{folder}/loop", f"{folder}/file"
        Path(file).touch()
        subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", program], input=LOOP.encode(), check=True)
        plain_ns: dict[str, float] = {}
        print(f"{'':54} {'us a call':>10} {'x plain':>9}")
        for label, call, how, share in GATE + (STRACE if shutil.which("strace") else []):
            argv = [program, call, str(count // share), file]
            cost_ns = min(float(how(argv)) for _ in range(ROUNDS))
            ratio = cost_ns / plain_ns.setdefault(call, cost_ns)
            print(f"{label:54} {cost_ns / 1000:10.3f} {ratio:9.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
