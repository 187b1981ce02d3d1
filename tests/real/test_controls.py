"""No pass of a real implementation is vacuous: each that has a control fails once the locks are sabotaged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from real_programs import environ, require

from pytest_vessel.clause import load

IMPLEMENTATIONS = ("reference", "bubblewrap", "flatpak")
RUN_TIMEOUT_S = 540.0


@pytest.mark.full
@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_every_control_holds(name: str, folder: Path) -> None:
    require(name)
    chosen = ",".join(row.id for row in load() if row.due and any(row.control_of(case.name) for case in row.cases))
    argv = [sys.executable, "-P", "-m", "pytest", "-p", "vessel", "-p", "no:cacheprovider", "-n0", "-q"]
    argv += ["--vessel-impl", name, "--vessel-control", "--vessel-clause", chosen, "--vessel-report", "report"]
    done = subprocess.run(
        argv, cwd=folder, env=environ(folder), capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False
    )
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr
    (report,) = json.loads((folder / "report" / "report.json").read_text())["implementations"]
    cases = {(row["id"], case["name"]): case for row in report["clauses"] for case in row["cases"]}
    assert not [label for label, case in cases.items() if case["verdict"] in ("inconclusive", "error")]
    controls = {label: case["control"] for label, case in cases.items() if case["verdict"] == "pass"}
    states = {label: control for label, control in controls.items() if control["state"] != "none"}
    assert len(states) > 5
    assert {control["state"] for control in states.values()} == {"held"}, states
