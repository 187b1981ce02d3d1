"""What a gate costs, beside strace: `python benchmarks/gate.py [COUNT]`. Needs cc; strace where it is installed.

One C loop of system calls, timed by itself, is run in each way; the figures of one run are comparable with each other
alone. Each is the best of five rounds: what else runs on the machine only ever adds. Then whole programs, interleaved.
"""

from __future__ import annotations

import errno
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.answer import Answer, Fail, Go
from pytest_vessel.system.bpf import LOCKS
from pytest_vessel.system.gate import Policy
from pytest_vessel.system.held import Held
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.stage import Stage

ROUNDS = 5
STARTS = 40
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


Way = Callable[[list[str]], str]
Row = tuple[str, str, Way, int]


def plain(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


class Gates:
    """Ways to run a command behind a gate, on one stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def start(self, argv: list[str]) -> Kept:
        call = self.stage.start(Order(tuple(argv), {}, "/", chosen=LOCKS, timeout_s=600.0))
        self.stage.until(lambda: call.gate or call.empty, 30.0)
        return call

    def alone(self, argv: list[str], policy: Policy | None = None) -> str:
        """Nothing but the gate is looked at while the loop runs."""
        call = self.start(argv)
        assert call.gate
        call.gate.policy = policy
        while not call.gate.over:
            call.gate.pump(1.0)
        return self.end(call)

    def staged(self, argv: list[str]) -> str:
        """As `vessel_gate` does it: streams and the keeper are looked after, too."""
        return self.end(self.start(argv))

    def end(self, call: Kept) -> str:
        self.stage.finish(call)
        return call.ending().output


def traced(argv: list[str], *options: str) -> str:
    return plain(["strace", "-f", "-o", "/dev/null", "-e", "trace=fcntl", *options, *argv])


def go(held: Held) -> Answer:
    return Go()


def look(held: Held) -> Answer:
    return Go() if held.file() else Fail(errno.EBADF)


def in_kernel(argv: list[str]) -> str:
    return traced(argv, "--seccomp-bpf")


def ways(gates: Gates) -> list[Row]:
    """What, which call, how, one in how many of the calls."""
    return [
        ("getppid, plain", "getppid", plain, 1),
        ("getppid, not chosen", "getppid", gates.alone, 1),
        ("fcntl(F_GETFD), plain", "getfd", plain, 1),
        ("fcntl(F_GETFD), its command not chosen", "getfd", gates.alone, 1),
        ("fcntl(F_GETLK), plain", "getlk", plain, 1),
        ("fcntl(F_GETLK), gated, answered Go", "getlk", gates.alone, 50),
        ("... by a policy", "getlk", partial(gates.alone, policy=go), 50),
        ("... by a policy that looks at the file", "getlk", partial(gates.alone, policy=look), 50),
        ("... on a stage", "getlk", gates.staged, 50),
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


def calls(gates: Gates, count: int, folder: Path) -> None:
    """The table of single calls."""
    program, file = folder / "loop", folder / "file"
    file.touch()
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", program], input=LOOP.encode(), check=True)
    plain_ns: dict[str, float] = {}
    print(f"{'':54} {'us a call':>10} {'x plain':>9}")
    for label, call, how, share in ways(gates) + (STRACE if shutil.which("strace") else []):
        argv = [str(program), call, str(count // share), str(file)]
        cost_ns = min(float(how(argv)) for _ in range(ROUNDS))
        ratio = cost_ns / plain_ns.setdefault(call, cost_ns)
        print(f"{label:54} {cost_ns / 1000:10.3f} {ratio:9.2f}", flush=True)


def starts(gates: Gates) -> None:
    """The table of whole programs: /bin/true, started and ended."""
    true = shutil.which("true") or "/bin/true"
    strace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=fcntl", true]
    ungated = Order((true,), {}, "/")
    ways: dict[str, Callable[[], object]] = {
        "subprocess.run": lambda: plain([true]),
        "under a keeper": lambda: gates.stage.finish(gates.stage.start(ungated)),
        "under a keeper and a gate": lambda: gates.staged([true]),
        "under strace": lambda: plain(strace),
    }
    if not shutil.which("strace"):
        del ways["under strace"]
    costs_s: dict[str, list[float]] = {label: [] for label in ways}
    for _ in range(STARTS):
        for label, cost_s in costs_s.items():
            began = time.perf_counter()
            ways[label]()
            cost_s.append(time.perf_counter() - began)
    base_s = statistics.median(costs_s["subprocess.run"])
    print(f"\n{'/bin/true':54} {'ms':>10} {'x plain':>9}")
    for label, cost_s in costs_s.items():
        median_s = statistics.median(cost_s)
        print(f"{label:54} {median_s * 1000:10.2f} {median_s / base_s:9.2f}")


def main(count: int) -> None:
    with workshops.opened() as workshop, stages.opened(workshop) as stage, workshop.case_folder() as folder:
        calls(Gates(stage), count, folder)
        starts(Gates(stage))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
