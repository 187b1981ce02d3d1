"""HARN: the end of processes is seen by pidfds."""

from __future__ import annotations

import os
import select
import subprocess

from pytest_vessel.system.watch import Watch


def ends(pid: int) -> bool:
    """Wait, without reaping, until a process has ended."""
    pidfd = os.pidfd_open(pid)
    try:
        return bool(select.select([pidfd], [], [], 10)[0])
    finally:
        os.close(pidfd)


def test_the_end_of_one_of_two_is_seen_before_anybody_reaps_it() -> None:
    one, other = (subprocess.Popen(["cat"], stdin=subprocess.PIPE) for _ in range(2))
    with one, other, Watch((one.pid, other.pid, one.pid)) as watch:
        assert watch.living == (one.pid, other.pid)
        assert one.stdin is not None
        one.stdin.close()
        assert ends(one.pid)
        assert watch.ended(one.pid)
        assert watch.living == (other.pid,)


def test_one_that_is_gone_already_has_ended() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with Watch((process.pid,)) as watch:
        assert watch.ended(process.pid)
        assert watch.living == ()


def test_closing_lets_go_of_the_pidfds() -> None:
    before = os.listdir("/proc/self/fd")
    watch = Watch((os.getpid(),))
    assert len(os.listdir("/proc/self/fd")) == len(before) + 1
    watch.close()
    watch.close()
    assert len(os.listdir("/proc/self/fd")) == len(before)
