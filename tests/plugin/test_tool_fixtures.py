"""`vessel_bwrap`, `vessel_trace`, `vessel_host`, `vessel_needs`, in a project of somebody who runs no suite."""

from __future__ import annotations

import pytest
from starting import Start

BWRAP = """
import os
import socket
from pathlib import Path

import pytest


def test_run(vessel_bwrap, vessel_runtime, tmp_path):
    runtime = vessel_runtime(programs=["sh", "cat"])
    (tmp_path / "file").write_text("from outside")
    script = "cat; cat /data/file; echo more >/data/file; echo $NAME; pwd; echo oops >&2; exit 3"
    ran = vessel_bwrap(
        ["/bin/sh", "-c", script], runtime, input=b"in ", ro_bind={"/data": tmp_path}, env={"NAME": "me"}, cwd="/usr"
    )
    assert (ran.returncode, ran.stdout) == (3, "in from outsideme\\n/usr\\n")
    assert "Read-only file system" in ran.stderr
    assert (tmp_path / "file").read_text() == "from outside"
    assert ran.argv[0].endswith("bwrap") and ran.argv[-1] == script
    assert 0 < ran.duration_s < 30


def test_writable(vessel_bwrap, vessel_runtime, tmp_path):
    runtime = vessel_runtime("complete-root", programs=["sh"])
    script, bind = ["sh", "-c", "echo y >/tmp/mine/new && echo x >/usr/new"], {"/tmp/mine": tmp_path}
    assert vessel_bwrap(script, runtime, bind=bind).returncode != 0
    assert (tmp_path / "new").read_text() == "y\\n"
    vessel_bwrap(script, runtime, bind=bind, writable=True).check()
    assert (runtime.src / "usr/new").read_text() == "x\\n"


def test_network(vessel_bwrap, tmp_path):
    devices = "/proc/net/dev"
    here = Path(devices).read_text().count(":")
    root = Path("/")
    assert vessel_bwrap(["cat", devices], root, layout="complete-root").check().stdout.count(":") == 1
    shared = vessel_bwrap(["cat", devices], root, layout="complete-root", network=True)
    assert shared.check().stdout.count(":") == here


def test_spawn(vessel_bwrap, vessel_runtime):
    runtime = vessel_runtime(programs=["sh"])
    spawned = vessel_bwrap.spawn(["sh", "-c", "echo ready; read word; echo got $word; exit 4"], runtime)
    assert spawned.until(lambda: "ready" in spawned.stdout)
    assert spawned.running
    spawned.write(b"this\\n")
    ended = spawned.wait()
    assert (ended.returncode, ended.stdout) == (4, "ready\\ngot this\\n")
    assert spawned.wait() == spawned.stop() == ended
    assert not spawned.running


def test_stop_and_time(vessel_bwrap, vessel_runtime):
    runtime = vessel_runtime(programs=["sh"])
    spawned = vessel_bwrap.spawn(["sh", "-c", "echo ready; read word"], runtime)
    assert not spawned.until(lambda: "never" in spawned.stdout, timeout_s=0.1)
    assert spawned.until(lambda: "ready" in spawned.stdout)
    assert spawned.stop().returncode is None
    late = vessel_bwrap(["sh", "-c", "while :; do :; done"], runtime, timeout_s=0.3)
    assert (late.returncode, late.stopped) == (None, "time")


def test_too_much(vessel_bwrap, vessel_runtime):
    runtime = vessel_runtime(programs=["sh"])
    with pytest.raises(ValueError, match="64 KiB"):
        vessel_bwrap(["sh"], runtime, input=b"x" * 70000)
    line = "0123456789" * 10
    script = f"i=0; while [ $i -lt 3000 ]; do echo {line}; i=$((i+1)); done"
    much = vessel_bwrap(["sh", "-c", script], runtime)
    assert (much.returncode, much.cut) == (0, True)


def test_goes_on(vessel_bwrap, vessel_runtime, tmp_path):
    spawned = vessel_bwrap.spawn(["sh", "-c", "read word"], vessel_runtime(programs=["sh"]))
    assert spawned.until(lambda: len(spawned.call.processes()) > 1)
    Path("left").write_text(" ".join(map(str, spawned.call.processes())))


def test_is_gone():
    pids = Path("left").read_text().split()
    assert pids
    assert not [pid for pid in pids if Path("/proc", pid, "exe").exists()]
"""

TRACE = """
def test_trace(vessel_trace, vessel_bwrap, vessel_runtime):
    runtime = vessel_runtime(programs=["cat"])
    trace = vessel_trace(vessel_bwrap.command(["cat", "/usr/nothing"], runtime), "%file")
    assert trace.complete
    assert trace.ending.status == 1
    assert [call.errno for call in trace.named("openat", "open") if "/usr/nothing" in str(call)] == ["ENOENT"]


def test_gate(vessel_gate, vessel_bwrap, vessel_runtime):
    from pytest_vessel.system.bpf import Chosen

    command = vessel_bwrap.command(["sh", "-c", "exit 5"], vessel_runtime(programs=["sh"]))
    assert vessel_gate(command, [Chosen("exit_group")]).finish().status == 5
"""


def test_bubblewrap(start: Start, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=BWRAP)
    run = start("-W", "error", "-p", "no:cacheprovider")
    run.result.assert_outcomes(passed=8)


def test_traces(start: Start, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=TRACE)
    start("-W", "error").result.assert_outcomes(passed=2)


NEEDS = """
import pytest

@pytest.mark.vessel_needs("probe", "strace")
def test_there(): pass

@pytest.mark.vessel_needs("probe")
@pytest.mark.vessel_needs("flatpak")
def test_not_there(vessel_stage): pass
"""


def test_a_marker_asks_for_a_skip(start: Start, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pytester.mkdir("path")
    for name in ("strace", "cc"):
        (path / name).write_text("#!/bin/sh\n")
        (path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(path))
    pytester.makepyfile(test_own=NEEDS)
    run = start("-rs", "--strict-markers")
    run.result.assert_outcomes(passed=1, skipped=1)
    assert "flatpak is not installed: apt install flatpak" in run.out
    assert "vessel_needs(name, ...)" in start("--markers").out


@pytest.mark.parametrize(("args", "said"), [('"strase"', "Did you mean 'strace'?"), ("", "name one or more of probe")])
def test_a_marker_that_names_nothing(start: Start, pytester: pytest.Pytester, args: str, said: str) -> None:
    pytester.makepyfile(test_own=f"import pytest\n@pytest.mark.vessel_needs({args})\ndef test_it(): pass\n")
    run = start()
    run.result.assert_outcomes(errors=1)
    assert "UsageError: vessel_needs: " in run.out
    assert said in run.out


def test_without_bubblewrap_a_test_is_red(
    start: Start, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(pytester.mkdir("empty")))
    pytester.makepyfile(
        test_own="""
        from pathlib import Path

        def test_it(vessel_bwrap):
            vessel_bwrap(["true"], Path("/"))
        """
    )
    run = start()
    run.result.assert_outcomes(failed=1)
    run.result.stdout.fnmatch_lines(["E*Inconclusive: bubblewrap is not installed", "E*apt install bubblewrap"])


HOST = """
def test_host(vessel_host):
    assert vessel_host.spec == "local://"
"""
FAKE = """
class Fake:
    def __init__(self, spec):
        self.spec = spec

get_host = Fake
"""


def test_host(start: Start, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pytester.mkdir("fake")
    (folder / "testinfra.py").write_text(FAKE)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    pytester.makepyfile(test_own=HOST)
    for options in ((), ("--vessel-host", "local://"), ("-n1", "--vessel-host=local://")):
        start(*options).result.assert_outcomes(passed=1)


@pytest.mark.parametrize("way", [(), ("-p", "vessel"), ("-n1",)])
def test_other_hosts_are_usage_errors(start: Start, pytester: pytest.Pytester, way: tuple[str, ...]) -> None:
    pytester.makepyfile(test_own="def test_own(): pass\n")
    run = start(*way, "--vessel-host", "ssh://machine")
    assert run.status == 4
    assert "--vessel-host: 'ssh://machine': ssh hosts cannot be reached yet" in run.err
    assert "INTERNALERROR" not in run.text
