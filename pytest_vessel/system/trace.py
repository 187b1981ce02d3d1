"""Run a command under `strace -f`, and read the whole log.

One file for all threads (not `-ff`): it alone keeps the order in which the tracer saw things happen, also between
processes. Hexadecimal strings and descriptor paths (`-xx -y`) make the log unambiguous. The log's clock is monotonic
(`-r`). strace's `--seccomp-bpf` stays off: a call that the command's own seccomp filter refuses would not be logged.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_vessel.errors import Inconclusive, UsageProblem
from pytest_vessel.observation.trace import Trace
from pytest_vessel.system import environment
from pytest_vessel.system.kept import Kept, Order
from pytest_vessel.system.stage import Stage
from pytest_vessel.system.stracelog import read

PATH_SIZE_BYTES = 4096
LOG_BOUND_SIZE_BYTES = 64 << 20
_OPTIONS = ("-f", "-xx", "-y", "--relative-timestamps=ns", "--syscall-times=ns", "--quiet=attach,personality")
_MEND = "Allow ptrace(2) here (sysctl kernel.yama.ptrace_scope, the seccomp profile of a container around this)."


@dataclass(frozen=True)
class Tracing:
    """What to log.

    Attributes:
        calls: strace's expression (`%file,%desc`, `openat,execve`, `!futex`); empty for every call.
        string_size_bytes: strings are read up to this size; longer ones are marked as truncated.
        verbose: structures and environments in full.
    """

    calls: str = ""
    string_size_bytes: int = PATH_SIZE_BYTES
    verbose: bool = False

    def command(self, log: Path, argv: Sequence[str]) -> tuple[str, ...]:
        """The command line, beginning with strace's path; `argv` begins with the path of its program.

        Raises:
            Inconclusive: strace is not installed.
        """
        if lacking := environment.lacks(["strace"]):
            raise lacking
        words = [str(shutil.which("strace")), *_OPTIONS, "-s", str(self.string_size_bytes), "-o", str(log)]
        words += ["-v"] * self.verbose + [f"--trace={self.calls}"] * bool(self.calls)
        return (*words, "--", *argv)


def trace(
    stage: Stage,
    tracing: Tracing,
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    timeout_s: float,
) -> Trace:
    """Run `argv` to the end of its last descendant, and return what it did; `log` is removed.

    Where a bound ends it (time, output, 64 MiB of log) the trace is `cut`.

    Raises:
        Inconclusive: strace cannot trace here, or the program cannot be started.
        UsageProblem: strace does not know a call of the expression.
    """
    call = stage.start(Order(tracing.command(log, argv), env, str(cwd), timeout_s=timeout_s))
    call.hang_up()
    stage.until(lambda: _size(log) > LOG_BOUND_SIZE_BYTES or _is_over(call), timeout_s + 5)
    too_long = not _is_over(call)
    stage.end(call)
    ending, found = call.ending(), read_log(log)
    if not found.calls and not found.exits and ending.stopped is None:
        raise _nothing(tracing, ending.message.strip() or str(ending))
    return replace(found, ending=ending, cut=found.cut or too_long or ending.stopped is not None)


def read_log(log: Path) -> Trace:
    """What a log tells, which is removed; a `cut` trace of nothing where there is none."""
    try:
        with open(log, encoding="ascii", errors="backslashreplace", newline="\n") as file:
            found = read(line.removesuffix("\n") for line in file)
    except FileNotFoundError:
        return Trace((), cut=True)
    log.unlink()
    return found


def _nothing(tracing: Tracing, said: str) -> UsageProblem | Inconclusive:
    if "invalid" in said:
        return UsageProblem(said, where=f"calls={tracing.calls!r}", mend="Write it as for strace's option --trace.")
    return Inconclusive(f"strace traced nothing: {said}", mend=_MEND)


def _is_over(call: Kept) -> bool:
    return call.empty and not call.sources()


def _size(log: Path) -> int:
    try:
        return os.stat(log).st_size
    except FileNotFoundError:
        return 0
