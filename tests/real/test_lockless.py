"""Negative controls: runc and podman lock nothing, and nothing that depends on a lock may be green for them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_programs import environ

from pytest_vessel import clause

CGROUP = f"vessel-{os.getpid()}"
BOUND = '"--ulimit=nofile=64:64", "--ulimit=nproc=64:64", "--network=none"'
PODMAN = '"--root={work}/podman", "--runroot=podman", "--storage-driver=vfs", "--runtime=runc", "--events-backend=none"'
RUN = {
    "runc": f'"{sys.executable}", "{Path(__file__).with_name("run_oci.py")}", "{CGROUP}", "{{runtime}}", "{{argv}}"',
    "podman": f'"podman", {PODMAN}, "--cgroup-manager=cgroupfs", "run", "--cgroup-parent=/{CGROUP}", "--rm", '
    f'"--interactive", "--quiet", "--log-driver=none", {BOUND}, "--rootfs", "{{runtime}}", "{{argv}}"',
}
ADAPTER = """
[implementation]
name = "{name}"
version = ["{name}", "--version"]

[verbs]
run = [{run}]

[choices]
layout = {{ complete-root = [] }}

[layout]
src = "{{runtime}}"
ref = "{{src}}/.ref"
ref_inside = ["/.ref"]

[machine]
run = ["root"]
"""
RUN_TIMEOUT_S = 540.0


@pytest.fixture(params=RUN)
def adapter(request: pytest.FixtureRequest, folder: Path) -> Iterator[Path]:
    name: str = request.param
    if os.geteuid() != 0 or not shutil.which(name):
        pytest.skip(f"{name} is not installed, or we are not root: apt install runc podman")
    path = folder / f"{name}.toml"
    path.write_text(ADAPTER.format(name=name, run=RUN[name]))
    yield path
    for group in Path("/sys/fs/cgroup").glob(f"**/{CGROUP}"):  # what is killed leaves its control groups behind
        for root, _folders, _files in os.walk(group, topdown=False):
            os.rmdir(root)


@pytest.mark.full
def test_no_lock_no_pass(adapter: Path, folder: Path) -> None:
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", str(adapter), "--vessel-report", str(folder / "report")]
    done = subprocess.run(argv, cwd=folder, env=environ(folder), capture_output=True, text=True, timeout=RUN_TIMEOUT_S)
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr
    (report,) = json.loads((folder / "report" / "report.json").read_text())["implementations"]
    states = {profile["state"] for profile in report["profiles"].values()}
    assert "not conformant" in states
    assert "conformant" not in states
    verdicts = {(row["id"], case["name"]): case["verdict"] for row in report["clauses"] for case in row["cases"]}
    depend = {
        (one.id, case.name) for one in clause.load() for case in one.cases if one.control_of(case.name) == "locks"
    }
    assert not [case for case in depend if verdicts.get(case) == "pass"]
    assert {"LOCK-001", "LOCK-010", "LOCK-012", "LOCK-051"} <= {key[0] for key in verdicts if verdicts[key] == "fail"}
    assert "error" not in verdicts.values()
