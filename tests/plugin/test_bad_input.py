"""Bad input: exit 4, one screen, no traceback, and a word on what to change."""

from __future__ import annotations

from pathlib import Path

import pytest
from starting import Start

SCREEN_LINES = 24


@pytest.mark.parametrize(
    ("args", "what", "mend"),
    [
        (("--vessel-impl", "refrence"), "unknown implementation 'refrence'", "Did you mean 'reference'?"),
        (("--vessel-impl", "mutant:unloked"), "unknown mutant 'unloked'", "Did you mean 'unlocked'?"),
        (("--vessel-impl", "bubblewrap:pth=x"), "unknown key 'pth'", "Known: path"),
        (("--vessel-impl", "none.toml"), "none.toml: there is no such file", "Check the path."),
        (("--vessel-impl", "broken.toml"), "broken.toml:1: [implementation: is not valid TOML", "Mend that line."),
        (("--vessel-impl", "wrong.toml"), "wrong.toml:1: verb: is not a known key", "Did you mean 'verbs'?"),
        (("--vessel-impl", "."), "unknown implementation '.'", "Known: "),
        (("--vessel-clause", "LOCK-9"), "--vessel-clause: unknown clause 'LOCK-9'", "Did you mean 'LOCK-09"),
        (("--vessel-clause", "lock-092"), "unknown clause 'lock-092'", "Did you mean 'LOCK-092'?"),
        (("--vessel-clause", "LOCK-092[creat]"), "LOCK-092 has no case 'creat'", "Did you mean 'create'?"),
        (("--vessel-clause", "LOCK-094[x]"), "LOCK-094 has no case 'x'", "LOCK-094 has no named cases."),
        (("--vessel-clause", ""), "--vessel-clause: names nothing", "LOCK-"),
        (("--vessel-suite", "loking"), "--vessel-suite: unknown suite 'loking'", "Did you mean 'locking'?"),
        (("--vessel-suite", ","), "--vessel-suite: names nothing", "locking"),
        (("--vessel-level", "most"), "--vessel-level: unknown level 'most'", "Did you mean 'must'?"),
        (("--vessel-seed", "xyz"), "--vessel-seed: 'xyz' is not a seed", "Give 1 to 16 hexadecimal digits"),
        (("--vessel-seed", ""), "--vessel-seed: '' is not a seed", "Give 1 to 16 hexadecimal digits"),
        (("--vessel-explore", "0"), "--vessel-explore: '0' is no number of schedules", "or all."),
        (("--vessel-explore", "some"), "'some' is no number of schedules", "or all."),
        (("--vessel-timeout", "0"), "--vessel-timeout: '0' is not a time", "Give seconds, more than 0"),
        (("--vessel-timeout", "nan"), "'nan' is not a time", "Give seconds, more than 0"),
        (("--vessel-timeout", "soon"), "'soon' is not a time", "Give seconds, more than 0"),
        (("--vessel-user", "nobdy"), "--vessel-user: unknown user 'nobdy'", "Did you mean 'nobody'?"),
        (("--vessel-user", "root"), "'root' may do everything", "Name an unprivileged user"),
        (("--vessel-report", "file/below"), "file/below: cannot be written: Not a directory", "Name a folder"),
        (("--vessel-report", "file"), "file: cannot be written: File exists", "Name a folder"),
        (("--vessel-report", ""), "--vessel-report: names no folder", "Name a folder"),
        (("--vessel-report", "full"), "full: cannot be written: No space left on device", "Make room there"),
        (
            ("--vessel-impl", "reference", "--vessel-impl", "same.toml"),
            "two implementations have the name 'reference'",
            "Run them one after the other, or give one a name of its own.",
        ),
        (
            ("--vessel-suite", "locking", "test_own.py"),
            "--vessel-suite chooses from the conformance suites, test_own.py is not one of them",
            "",
        ),
        (("--vessel-report", "r", "test_own.py"), "--vessel-report chooses from the conformance suites", ""),
    ],
)
def test_usage(start: Start, pytester: pytest.Pytester, args: tuple[str, ...], what: str, mend: str) -> None:
    Path("file").touch()
    Path("full").mkdir()
    Path("full/run.jsonl").symlink_to("/dev/full")
    Path("broken.toml").write_text("[implementation\n")
    Path("wrong.toml").write_text('[verb]\nrun = ["x"]\n')
    Path("same.toml").write_text('[implementation]\nname = "reference"\n[verbs]\nlock = ["true", "{file}", "{argv}"]\n')
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    run = start("-p", "vessel", *args)
    assert run.status == 4
    assert what in run.err
    assert mend in run.err
    assert "Traceback" not in run.text
    assert len(run.text.splitlines()) <= SCREEN_LINES
    assert not Path("r").exists()


HOSTILE_KEY = (
    '[implementation]\nname = "x"\n"\\u001b[31m\\n::error::\\u202e" = 1\n[verbs]\nlock = ["x", "{file}", "{argv}"]\n'
)


PYTEST = ("-m", "pytest", "-p", "vessel", "--vessel-impl")
CONSOLE = ("-c", "import sys; from pytest_vessel.cli import main; sys.exit(main())", "run")


@pytest.mark.parametrize("program", [PYTEST, CONSOLE])
def test_text_of_an_adapter_is_escaped(start: Start, program: tuple[str, ...]) -> None:
    Path("hostile.toml").write_text(HOSTILE_KEY)
    run = start(program=(*program, "./hostile.toml"))
    assert run.status == 4
    assert r'hostile.toml:1: implementation."\u001b[31m\u000a::error::\u202e": is not a known key' in run.err
    assert "\x1b" not in run.err


@pytest.mark.parametrize("option", ["--vessel-level=should", "--vessel-strict", "--vessel-report=r"])
def test_option_without_a_run(start: Start, option: str) -> None:
    run = start(option)
    assert run.status == 4
    assert f"{option.partition('=')[0]} has a meaning in a conformance run only" in run.err


def test_only_root_becomes_another(start: Start, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(not_root="import os\nos.geteuid = lambda: 12345\n")
    run = start("-p", "vessel", "-p", "not_root", "--vessel-user", "nobody")
    assert run.status == 4
    assert "only root can become 'nobody'" in run.err


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"[LOCK-001\n", "clauses.toml: is not valid TOML"),
        (b"\xff", "clauses.toml: is not valid TOML"),
        (b"[MADE-001]\nlevel = 'MUST'\n", "[MADE-001]: lacks the key"),
        (b"[MADE-001]\nlevels = 'MUST'\n", "[MADE-001]: unknown key 'levels'"),
        (b"[MADE-001]\nlevel = 'WILL'\nsentence = 'x'\nsource = 'x'\nprofile = 'x'\n", "[MADE-001]: does not fit"),
        (None, "clauses.toml: cannot be read: No such file or directory"),
    ],
)
def test_unreadable_catalogue(start: Start, made_up_suite: object, content: bytes | None, what: str) -> None:
    options = made_up_suite()  # type: ignore[operator]
    path = Path("suites/made_up/clauses.toml")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    run = start(*options)
    assert run.status == 4
    assert what in run.err
    assert "Traceback" not in run.text
    assert len(run.text.splitlines()) <= SCREEN_LINES


@pytest.mark.parametrize("option", ["--vessel-clause=LOCK-9", "--vessel-impl=refrence"])
def test_bad_input_with_workers(start: Start, option: str) -> None:
    run = start("-p", "vessel", option, "-n2")
    assert run.status == 4
    assert "Did you mean" in run.err
    assert "worker" not in run.text


def test_nothing_was_started(start: Start) -> None:
    """An error in one option leaves the record of an older run alone."""
    Path("report").mkdir()
    Path("report/run.jsonl").write_text("older\n")
    assert start("-p", "vessel", "--vessel-report", "report", "--vessel-clause", "LOCK-9").status == 4
    assert Path("report/run.jsonl").read_text() == "older\n"


FULL = """
import errno, os
from pytest_vessel.record import write

append, write_aside = write.RecordWriter.append, write.write_aside

def full(*_args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

def append_but_cases(self, line):
    (full if type(line).__name__ == "CaseLine" else append)(self, line)

"""


@pytest.mark.parametrize("disk", ["write.RecordWriter.append = append_but_cases", "write.write_aside = full"])
def test_a_disk_that_is_full_later(start: Start, adapters: Path, pytester: pytest.Pytester, disk: str) -> None:
    """The verdicts are shown all the same."""
    pytester.makepyfile(filling=FULL + disk)
    options = ("--vessel-impl", "careless.toml", "--vessel-clause", "LOCK-094", "--vessel-report", "report")
    run = start("-p", "filling", "-p", "vessel", *options)
    assert run.status == 3
    run.result.stdout.fnmatch_lines(["pass *LOCK-094*", "*report: cannot be written: No space left on device"])
    assert "Traceback" not in run.text
    assert not Path("report/report.json").exists()
