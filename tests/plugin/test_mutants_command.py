"""`pytest-vessel mutants`, run as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from polling import wait_until

from pytest_vessel.matrix_runs import Plan, Runner
from pytest_vessel.record.line import Record
from pytest_vessel.record.read import read_record

PROGRAM = str(Path(sys.executable).with_name("pytest-vessel"))
LIMIT_S = 240


def mutants(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [PROGRAM, "mutants", *words]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def test_matrix_of_one_clause(tmp_path: Path) -> None:
    done = mutants(tmp_path, "--clause", "LOCK-094", "--json", "--records", "kept", "-n1")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["clauses"] == {"LOCK-094": {"killed_by": ["leaks-descriptor"], "survived": []}}
    assert found["vacuous"] == {"null": [], "parrot": []}
    assert done.stderr.count("\n") == 4
    assert "/4] reference: 1 pass\n" in done.stderr
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "leaks-descriptor",
        "null",
        "parrot",
        "reference",
    ]
    (case,) = read_record(tmp_path / "kept/leaks-descriptor").cases
    assert case.verdict == "fail"
    again = mutants(tmp_path, "--read", "kept", "--json")
    assert json.loads(again.stdout)["clauses"] == found["clauses"]
    assert again.stderr == ""
    (tmp_path / "rows.toml").write_text('[LOCK-094]\nkills = ["owl"]\n')
    assert mutants(tmp_path, "--read", "kept", "--update", "rows.toml").returncode == 4
    assert mutants(tmp_path, "--read", "kept", "--update", "rows.toml", "--all").returncode == 0
    assert (tmp_path / "rows.toml").read_text() == '[LOCK-094]\nkills = ["owl"]\n', "the real row agrees"


def test_mutant_that_survives_what_it_meets(tmp_path: Path) -> None:
    done = mutants(tmp_path, "--clause", "LOCK-094", "--mutant", "tool-always-waits", "--all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("LOCK-094  killed by nobody\n")
    assert "unproven" not in done.stdout.replace("nothing is called unproven", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mutant", "unloked"], "Did you mean 'unlocked'?"),
        (["--clause", "LOCK-9999"], "unknown clause"),
        (["--suite", "loking"], "Did you mean 'locking'?"),
        (["--clause", ""], "names nothing"),
        (["--clause", "LOCK-094", "--records", "."], "Name a folder that does not exist yet."),
    ],
)
def test_wrong_use_is_status_4(tmp_path: Path, words: list[str], message: str) -> None:
    done = mutants(tmp_path, *words)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_run_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    plans = [Plan("reference", ("LOCK-094",)), Plan("none", ("LOCK-094",))]
    found, wrong = Runner(tmp_path, told.append).all_of(plans, 2)
    assert isinstance(found["reference"], Record)
    assert len(wrong) == 1
    assert wrong[0].startswith("none: status 4: ")
    assert len(told) == 2


def test_run_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_vessel.matrix_runs.RUN_TIMEOUT_S", 0.2)
    outcome = Runner(tmp_path, lambda _: None).run(Plan("reference", ("LOCK-010",)))
    assert outcome == "did not end within 0 s"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_all_runs(tmp_path: Path, number: int) -> None:
    argv = [PROGRAM, "mutants", "--clause", "LOCK-010,LOCK-013", "-n2"]
    with subprocess.Popen(argv, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert wait_until(lambda: len(children(process.pid)) >= 2, LIMIT_S)
        runs = children(process.pid)
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert not [pid for pid in runs if os.path.exists(f"/proc/{pid}")]


def children(pid: int) -> list[int]:
    """Children of all threads of a process."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
