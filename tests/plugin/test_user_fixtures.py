"""The public fixtures in a project of somebody who runs no suite."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from starting import Start

TESTS = """
import subprocess

import pytest


def test_holder(vessel_holder, vessel_locks, tmp_path):
    file = tmp_path / "lock"
    file.touch()
    held = vessel_holder(file)
    table = vessel_locks(file)
    assert [lock.holders for lock in table.locks] == [(held.pid,)]
    assert table.protects
    with pytest.raises(BlockingIOError):
        vessel_holder(file, "shared")
    held.release()
    assert not vessel_locks(file).locks


def test_runtime(vessel_runtime):
    tree = vessel_runtime("complete-root")
    assert tree.ref.is_file()
    assert (tree.copy(tree.src.parent / "copy").src / "usr/libexec/vessel/probe").is_file()


def test_gate(vessel_gate):
    from pytest_vessel.system.bpf import Chosen

    gated = vessel_gate(["true"], [Chosen("exit_group")])
    held = gated.next()
    assert held is not None
    assert gated.finish().status == 0


def test_lock_tool(vessel_implementation, tmp_path):
    file = vessel_implementation.work / "files" / "lock"
    file.touch()
    running = vessel_implementation.lock(file)
    assert running.start().ready
    assert running.finish(3).status == 3
"""


@pytest.fixture
def project(pytester: pytest.Pytester, adapters: Path) -> Path:
    pytester.makepyfile(test_own=TESTS)
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\nxfail_strict = true\n")
    return pytester.path


@pytest.mark.parametrize("way", [(), ("-n2",), ("-p", "no:xdist", "--import-mode=importlib")])
def test_fixtures_without_a_run(start: Start, project: Path, way: tuple[str, ...]) -> None:
    run = start(*way)
    run.result.assert_outcomes(passed=4)
    assert run.status == 0
    assert "LOCK-" not in run.out
    assert "vessel: " not in run.out


def test_one_run_for_each_implementation(start: Start, project: Path) -> None:
    run = start("test_own.py", "-v", "--vessel-impl", "careless.toml", "--vessel-impl", "leaky.toml", "-k", "tool")
    run.result.assert_outcomes(passed=2, deselected=3)
    for name in ("careless.toml", "leaky.toml"):
        assert f"test_own.py::test_lock_tool[{name}] PASSED" in run.out


def test_ini_key_chooses_for_own_tests(start: Start, project: Path, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvessel_impl =\n    careless.toml\n    leaky.toml\n")
    run = start("-v", "-k", "tool", cwd=pytester.mkdir("below"))
    assert run.status == 5
    run = start("-v", "-k", "tool", "..")
    run.result.assert_outcomes(passed=2, deselected=3)


@pytest.mark.parametrize("option", ["--vessel-impl=refrence", "--vessel-impl=none.toml", "--vessel-timeout=soon"])
def test_bad_input(start: Start, project: Path, option: str) -> None:
    run = start("test_own.py", option, "-k", "tool")
    assert run.status != 0
    assert "Did you mean 'reference'?" in run.text or "Check the path." in run.text or "Give seconds" in run.text
    assert "INTERNALERROR" not in run.text


LEAVING = """
import os
import re
from pathlib import Path


def test_leaves_much(vessel_holder, vessel_runtime, vessel_implementation, vessel_work, tmp_path):
    file = tmp_path / "lock"
    file.touch()
    held = vessel_holder(file)
    tree = vessel_runtime()
    lock = vessel_implementation.work / "files" / "lock"
    lock.touch()
    running = vessel_implementation.lock(lock)
    assert running.start().ready
    pids = [held.pid, *running.call.processes()]
    Path("left").write_text("\\n".join(map(str, [*pids, tree.src, vessel_work, vessel_implementation.work])))
    raise SystemError("and fails")


def test_afterwards():
    left = Path("left").read_text().splitlines()
    assert len(left) >= 5
    for one in left:
        assert not (os.path.exists(one) if "/" in one else lives(one)), one


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # a zombie holds nothing; who started it reaps it later
"""


def test_leftovers_of_a_failing_test_are_gone(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=LEAVING)
    run = start("test_own.py", "--vessel-impl", "careless.toml")
    run.result.assert_outcomes(passed=1, failed=1)
    assert "SystemError: and fails" in run.out


def test_a_fixture_of_the_projects_own_wins(start: Start, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef vessel_locks():\n    return 'mine'\n")
    pytester.makepyfile(test_own="def test_own(vessel_locks):\n    assert vessel_locks == 'mine'\n")
    start().result.assert_outcomes(passed=1)


def test_fixtures_are_listed(start: Start) -> None:
    run = start("--fixtures", "-q")
    assert run.status == 0
    for name in ("bwrap", "gate", "holder", "host", "implementation", "locks", "runtime", "trace"):
        place = re.search(rf"\nvessel_{name}( \[session scope\])? -- ", run.out)
        assert place is not None, name
        assert "no docstring" not in run.out[place.start() : place.start() + 200]
    assert "\njudge " not in run.out


def test_options_are_listed(start: Start) -> None:
    run = start("--help")
    assert run.status == 0
    assert "conformance of container runtimes (pytest -p vessel):" in run.out
    assert "--vessel-timeout=SECONDS" in run.out
    assert os.linesep + "  vessel_impl (linelist):" in run.out
