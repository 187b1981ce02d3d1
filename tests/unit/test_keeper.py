"""HARN: a kept call is bounded, and ends with whoever asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from polling import wait_until

from pytest_vessel.errors import Inconclusive
from pytest_vessel.observation.process import Bound
from pytest_vessel.system import stage as stages
from pytest_vessel.system import workshop as workshops
from pytest_vessel.system.keeper import descendants_of
from pytest_vessel.system.kept import Kept, Order, User
from pytest_vessel.system.kernel import MS_BIND, mount
from pytest_vessel.system.quiet import Rest
from pytest_vessel.system.stage import Stage

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(params=["best", "subreaper"])
def mode(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "best" else str(request.param)


def shell(script: str, mode: str | None = None, **bounds: object) -> Order:
    return Order(("/bin/sh", "-c", script), dict(os.environ), "/", mode=mode, **bounds)  # type: ignore[arg-type]


def lines(call: Kept) -> list[str]:
    return bytes(call.out).decode().splitlines()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_streams_and_status(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("read word; echo got $word; echo oops >&2; exit 7", mode))
    call.say(b"hello\n")
    stage.finish(call)
    ending = call.ending()
    assert (ending.status, ending.output, ending.message) == (7, "got hello\n", "oops\n")
    assert ending.refused


def test_a_signal_is_told_from_a_status(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("kill -TERM $$", mode))
    stage.finish(call)
    assert (call.ending().status, call.ending().signal) == (None, signal.SIGTERM)


def test_a_program_that_is_not_there(stage: Stage, mode: str | None) -> None:
    call = stage.start(Order(("/no/such/program",), {}, "/", mode=mode))
    stage.finish(call)
    with pytest.raises(Inconclusive, match="No such file"):
        call.ending()


def test_time_is_bounded_also_for_daemons_and_stopped_processes(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("trap '' TERM; setsid sleep 1000 & kill -STOP $$; sleep 1000", mode, timeout_s=0.3))
    assert stage.until(lambda: len(call.processes()) >= 2, 5)
    kept = call.processes()
    stage.finish(call)
    assert call.ending().stopped is Bound.TIME
    assert not any(alive(pid) for pid in kept)


def test_processes_are_bounded(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("while :; do sleep 1000 & done", mode, processes=60, timeout_s=20.0))
    stage.finish(call)
    assert call.ending().stopped is Bound.PROCESSES


def test_the_bound_on_processes_is_seen_to_be_passed(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("while :; do sleep 1000 & done", mode, timeout_s=60.0))
    stage.finish(call)
    assert call.ending().stopped is Bound.PROCESSES


def test_processes_that_fork_in_depth(stage: Stage, mode: str | None) -> None:
    chain = "import os, signal\nwhile True:\n    if os.fork(): signal.pause()"
    order = Order((sys.executable, "-S", "-c", chain), dict(os.environ), "/", mode=mode, processes=2000, timeout_s=1.0)
    call = stage.start(order)
    stage.finish(call)
    assert call.ending().stopped is Bound.TIME
    assert call.processes() == []


@AS_ROOT
def test_a_call_that_mounts_over_proc_is_bounded(stage: Stage) -> None:
    call = stage.start(shell("mount -t tmpfs none /proc; while :; do sleep 1000 & done", processes=60, timeout_s=60.0))
    stage.finish(call)
    assert call.ending().stopped is Bound.PROCESSES


def test_a_keeper_that_was_stopped_still_ends_everything(
    stage: Stage, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_vessel.system.kept._END_TIMEOUT_S", 0.5)
    call = stage.start(shell("(setsid sleep 1000 &); sleep 1000", mode))
    assert stage.until(lambda: len(call.processes()) >= 2, 5)
    kept = [call.pid, *call.processes()]
    os.kill(call.pid, signal.SIGSTOP)
    stage.end(call)
    assert wait_until(lambda: not any(alive(pid) for pid in kept), 2)


def test_what_has_killed_its_keeper_ends_with_the_workshop() -> None:
    with workshops.opened() as workshop, stages.opened(workshop) as stage:
        call = stage.start(shell("echo $$; kill -9 $PPID; sleep 1000 & sleep 1000", "subreaper"))
        assert stage.until(lambda: call.empty and lines(call), 5)
        orphan = int(lines(call)[0])
        assert alive(orphan)
        orphans = [orphan, *descendants_of(orphan)]
    assert not any(alive(pid) for pid in orphans)


def test_a_call_can_neither_block_our_reading_nor_our_writing(stage: Stage, mode: str | None) -> None:
    steals = """
import os
stdout = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
stdin = os.open("/proc/self/fd/0", os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(stdin, b"x" * 4096)
except BlockingIOError: os.write(2, b"full")
while True:
    os.write(1, b"y" * 8192)
    try: os.read(stdout, 1 << 16)
    except BlockingIOError: pass
"""
    order = Order((sys.executable, "-S", "-c", steals), dict(os.environ), "/", mode=mode, timeout_s=20.0)
    call = stage.start(order)
    assert stage.until(lambda: call.err == b"full", 10)
    call.say(b"x" * 70000)
    stage.finish(call)
    assert call.ending().stopped is Bound.OUTPUT


def test_a_name_that_is_no_text(stage: Stage) -> None:
    named = "import ctypes, sys; ctypes.CDLL(None).prctl(15, b'\\xff\\n:\\tState:\\tR')"
    named += "; print(1, flush=True); sys.stdin.read()"
    call = stage.start(Order((sys.executable, "-c", named), dict(os.environ), "/"))
    assert stage.until(lambda: bool(call.out), 10)
    rest = Rest(call.processes)
    assert stage.until(rest, 10)


def test_output_is_bounded(stage: Stage) -> None:
    call = stage.start(shell("exec cat /dev/zero", timeout_s=30.0))
    stage.finish(call)
    assert call.ending().stopped is Bound.OUTPUT
    assert len(call.out) <= 256 << 10
    assert len(call.ending().output) < 100_000


def test_a_call_that_closes_its_streams_still_ends(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("exec <&- >&- 2>&-; exit 3", mode))
    stage.finish(call)
    assert call.ending().status == 3


def test_end_takes_everything_with_it(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("(setsid sleep 1000 &) ; sleep 1000", mode))
    assert stage.until(lambda: len(call.processes()) >= 2, 5)
    kept = [call.pid, *call.processes()]
    stage.end(call)
    assert not any(alive(pid) for pid in kept)
    assert call.ending().ended_by_us


def test_signals_reach_only_what_is_kept(stage: Stage) -> None:
    call = stage.start(shell("trap 'echo caught; exit 4' USR1; echo ready; while :; do sleep 0.01; done"))
    assert stage.until(lambda: lines(call) == ["ready"], 5)
    call.signal(call.processes()[0], signal.SIGUSR1)
    stage.finish(call)
    assert call.ending().status == 4
    other = stage.start(shell("read x"))
    with pytest.raises(Exception, match="no process of this call"):
        other.signal(os.getpid(), signal.SIGTERM)


@AS_ROOT
def test_mounts_of_a_call_are_its_own(stage: Stage, tmp_path: Path) -> None:
    call = stage.start(shell(f"mount -t tmpfs none {tmp_path} && touch {tmp_path}/inside && echo done; read x"))
    assert stage.until(lambda: lines(call) == ["done"], 5)
    assert os.listdir(tmp_path) == []
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


@AS_ROOT
def test_read_only_folders(stage: Stage, tmp_path: Path) -> None:
    call = stage.start(shell(f"touch {tmp_path}/x", read_only=(str(tmp_path),)))
    stage.finish(call)
    assert call.ending().failed
    assert "Read-only" in call.ending().message
    (tmp_path / "x").touch()


@AS_ROOT
def test_small_folders(stage: Stage, tmp_path: Path) -> None:
    """The folder itself is one of the three."""
    (tmp_path / "covered").touch()
    call = stage.start(shell(f"cd {tmp_path}; touch a b c; ls", small=((str(tmp_path), 3),)))
    stage.finish(call)
    assert lines(call) == ["a", "b"]
    assert "No space left" in call.ending().message
    assert [path.name for path in tmp_path.iterdir()] == ["covered"]


@AS_ROOT
def test_another_user(stage: Stage) -> None:
    call = stage.start(shell("id -u; id -G; grep CapEff /proc/self/status", user=User("nobody", 65534, 65534)))
    stage.finish(call)
    uid, groups, capabilities = lines(call)
    assert (uid, groups) == ("65534", "65534")
    assert int(capabilities.split()[1], 16) == 0


def test_nothing_but_the_three_streams_is_inherited(stage: Stage, mode: str | None) -> None:
    call = stage.start(shell("exec ls /proc/self/fd", mode))
    stage.finish(call)
    assert lines(call) == ["0", "1", "2", "3"]  # 3 is the folder that ls itself reads


_VICTIM = """
import os, sys
from pytest_vessel.system import workshop, stage
from pytest_vessel.system.kept import Order
from pytest_vessel.system.lockholder import Holder
shop = workshop.Workshop()
entered = shop.case_folder()
case = entered.__enter__()
there = stage.Stage(shop)
call = there.start(Order(("/bin/sh", "-c", "trap '' TERM HUP; (setsid sleep 1000 &); echo x; sleep 1000"),
                         dict(os.environ), "/", mode=sys.argv[1] if sys.argv[1] != "best" else None))
there.until(lambda: call.out and len(call.processes()) >= 2, 10)
(case / "file").touch()
holder = Holder(shop)
holder.lock(case / "file")
print(shop.folder, case, shop.pid, call.pid, holder.pid, *call.processes(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def killed(mode: str | None) -> Iterator[Callable[[], tuple[Path, Path, list[int], subprocess.Popen[str]]]]:
    """Start a harness of its own, which keeps things; the test kills it."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[Path, Path, list[int], subprocess.Popen[str]]:
        victim = subprocess.Popen(
            [sys.executable, "-c", _VICTIM, mode or "best"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(victim)
        assert victim.stdout is not None
        folder, case, *pids = victim.stdout.readline().split()
        return Path(folder), Path(case), [int(pid) for pid in pids], victim

    yield start
    for victim in started:
        victim.kill()
        victim.communicate()


Start = Callable[[], tuple[Path, Path, list[int], "subprocess.Popen[str]"]]


def test_nothing_stays_when_the_harness_is_killed(killed: Start) -> None:
    folder, _case, pids, victim = killed()
    assert all(alive(pid) for pid in pids)
    victim.kill()
    assert wait_until(lambda: not any(alive(pid) for pid in pids), 2)
    assert wait_until(lambda: not folder.exists(), 2)


@AS_ROOT
def test_what_is_behind_a_leaked_mount_survives_the_kill(killed: Start, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("must survive")
    folder, case, pids, victim = killed()
    (case / "leaked").mkdir()
    (case / "link").symlink_to(tmp_path)
    mount(str(tmp_path), str(case / "leaked"), flags=MS_BIND)
    victim.kill()
    assert wait_until(lambda: not folder.exists() and not any(alive(pid) for pid in pids), 2)
    assert (tmp_path / "precious").read_text() == "must survive"
    assert str(case) not in Path("/proc/self/mountinfo").read_text()


@AS_ROOT
def test_the_next_run_clears_up_where_even_the_zygote_was_killed(killed: Start, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("must survive")
    folder, case, pids, victim = killed()
    zygote = pids[0]
    (case / "leaked").mkdir()
    (case / "link").symlink_to(tmp_path)
    mount(str(tmp_path), str(case / "leaked"), flags=MS_BIND)
    victim.send_signal(signal.SIGSTOP)  # so that it cannot see the zygote go
    os.kill(zygote, signal.SIGKILL)
    victim.kill()
    assert wait_until(lambda: not any(alive(pid) for pid in pids), 2)
    assert folder.exists()
    with workshops.opened():
        assert wait_until(lambda: not folder.exists(), 5)
    assert (tmp_path / "precious").read_text() == "must survive"
