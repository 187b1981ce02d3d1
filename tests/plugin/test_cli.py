"""The console script, run as its users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_vessel import clause

Script = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        argv = [str(Path(sys.executable).with_name("pytest-vessel")), *words]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload,no-any-return]

    return run


def test_explain_a_clause(script: Script) -> None:
    done = script("explain", "LOCK-019")
    assert done.returncode == 0
    assert done.stdout.startswith("LOCK-019 (MUST, suite locking, profile locking/direct)\n  A SRC/.ref that is no")
    assert "source: S002-" in done.stdout
    assert "case fifo needs run, layout.ref; of the machine: gate\n" in done.stdout
    assert "must fail: blocks-on-fifo" in done.stdout


def test_explain_one_case(script: Script) -> None:
    assert "case directory" not in script("explain", "LOCK-019[fifo]").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["explain", "LOCK-11"], "Did you mean 'LOCK-011'?"),
        (["explain", "LOCK-019[fif]"], "Did you mean 'fifo'?"),
        (["run", "flatpack", "--plan"], "Did you mean 'flatpak'?"),
        (["clauses", "--impl", "./missing.toml"], "there is no such file"),
        (["replay", "missing"], "cannot be read"),
        ([], "usage:"),
        (["explian"], "invalid choice"),
    ],
)
def test_wrong_use_is_one_screen_and_status_4(script: Script, words: list[str], message: str) -> None:
    done = script(*words)
    assert done.returncode == 4
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") < 24


def test_clauses(script: Script) -> None:
    rows = json.loads(script("clauses", "--json").stdout)
    assert [row["id"] for row in rows] == [one.id for one in clause.load() for _ in one.cases]
    assert {row["state"] for row in rows} == {"MUST", "SHOULD", "FACT"}
    assert len(script("clauses").stdout.splitlines()) == len(rows)


def test_clauses_that_an_implementation_makes_decidable(script: Script, tmp_path: Path) -> None:
    (tmp_path / "tool.toml").write_text(
        '[implementation]\nname = "tool"\n[verbs]\nlock = ["sh", "{file}", "{argv}"]\n[choices]\ncreate = {no = []}\n'
    )
    rows = {
        (row["id"], row["case"]): row for row in json.loads(script("clauses", "--impl", "./tool.toml", "--json").stdout)
    }
    assert rows["LOCK-092", "no-create"]["state"] == "decidable"
    assert rows["LOCK-092", "create"]["state"] == "unsupported"
    assert rows["LOCK-092", "create"]["why"] == "the adapter of tool offers no choices.create.yes"
    assert rows["LOCK-070", "empty"]["state"] == "unsupported"


def test_plan_runs_nothing(script: Script, tmp_path: Path) -> None:
    (tmp_path / "tool.toml").write_text(
        '[implementation]\nname = "tool"\n[verbs]\nlock = ["sh", "-c", "touch ran", "{file}", "{argv}"]\n'
    )
    done = script("run", "./tool.toml", "--plan")
    assert done.returncode == 0, done.stderr
    assert "cases will be decided, in about 1 s\n" in done.stdout
    assert "  unsupported     LOCK-010 " in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["tool.toml"]


def test_run_is_pytest(script: Script) -> None:
    done = script("run", "reference", "--vessel-clause", "LOCK-094", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "reference: undecided in locking/tool"
    assert script("run", "reference", "--vessel-clause", "LOCK-94").returncode == 4


def test_run_says_what_an_adapter_file_executes(script: Script, tmp_path: Path) -> None:
    (tmp_path / "tool.toml").write_text('[implementation]\nname = "tool"\n[verbs]\nlock = ["sh", "{file}", "{argv}"]\n')
    done = script("run", "./tool.toml", "--vessel-clause", "LOCK-094", "-q", "-p", "no:cacheprovider")
    assert done.stdout.startswith("tool: lock executes sh '{file}' '{argv}'\n")
    assert "executes" not in script("run", "bubblewrap", "--vessel-clause", "LOCK-094", "-q").stdout


def test_doctor(script: Script) -> None:
    done = script("doctor")
    names = [line.split()[1] for line in done.stdout.splitlines() if line.startswith(("ok ", "lacks "))]
    programs = ["bubblewrap", "flatpak", "strace", "mmdebstrap", "zstd", "compiler"]
    assert names == ["probe", "gate", "userns", "mounts", "root", *programs, "user"]
    assert done.returncode == ("lacks " in done.stdout)
    lacking = script("doctor", env={"PATH": "/nonexistent"})
    assert lacking.returncode == 1
    assert "apt install strace" in lacking.stdout


@pytest.mark.parametrize("words", [("closure", "/bin/sh"), ("closure", "--json", "/bin/sh"), ("list",)])
def test_output_that_cannot_be_written(script: Script, words: tuple[str, ...]) -> None:
    argv = [str(Path(sys.executable).with_name("pytest-vessel")), *words]
    with open("/dev/full", "w") as full:
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    mend = "Make room there, or send it elsewhere."
    assert (done.returncode, done.stderr) == (
        4,
        f"pytest-vessel: the output cannot be written: No space left on device\n  {mend}\n",
    )


def test_output_that_nobody_wants() -> None:
    """It is closed, as by `>&-`."""
    argv = ["sh", "-c", '"$0" closure /bin/sh >&-', str(Path(sys.executable).with_name("pytest-vessel"))]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_reader_that_has_enough(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("pytest-vessel")
    listing = subprocess.Popen([program, "clauses"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert listing.stdout is not None
    assert listing.stdout.readline().startswith("MUST")
    listing.stdout.close()
    assert listing.wait(60) == 0
    assert listing.stderr is not None
    assert listing.stderr.read() == ""
    listing.stderr.close()
