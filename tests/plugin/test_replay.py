"""A record alone gives the same verdicts again: no runtime, no test runner, also under `python -O`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up
import pytest
from starting import QUICK

from pytest_vessel.errors import RecordError
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.read import read_record
from pytest_vessel.record.replay import replay

ELSEWHERE = """
import json, sys
from pathlib import Path
from pytest_vessel.record.replay import replay
done = replay(Path(sys.argv[1]))
print(json.dumps({
    "optimised": not __debug__,
    "pytest": sorted(name for name in sys.modules if name.partition(".")[0] in ("pytest", "_pytest", "xdist")),
    "verdicts": [[case.row.label, case.decision.text, case.verdict] for case in done.record.cases],
    "differing": len(done.differing),
    "judged": done.judged,
}))
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The record of a run with passes and fails."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "careless.toml").write_text(made_up.CARELESS)
    argv = [sys.executable, "-m", "pytest", "-p", "vessel", "-n0", "--vessel-impl", "careless.toml", *QUICK]
    done = subprocess.run([*argv, "--vessel-report", "."], cwd=folder, capture_output=True, text=True, timeout=120)
    record = folder / "run.jsonl"
    assert sorted(case.verdict for case in read_record(record).cases) == ["fail", "fail", "pass"], done.stdout
    return record.read_text()


@pytest.fixture
def record(recorded: str, tmp_path: Path) -> Path:
    """A copy of that record."""
    copy = tmp_path / "report" / "run.jsonl"
    copy.parent.mkdir()
    copy.write_text(recorded)
    return copy


@pytest.mark.parametrize("flags", [("-I",), ("-I", "-O"), ("-I", "-OO")])
def test_same_verdicts_elsewhere(record: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    moved = tmp_path / "moved.jsonl"
    moved.write_bytes(record.read_bytes())
    done = subprocess.run(
        [sys.executable, *flags, "-c", ELSEWHERE, str(moved)],
        **{"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 60, "check": True, "env": {}},
    )
    answer = json.loads(done.stdout)
    recorded = [[case.row.label, case.decision.text, case.verdict] for case in read_record(record).cases]
    assert answer == {
        "optimised": flags[-1] != "-I",
        "pytest": [],
        "verdicts": recorded,
        "differing": 0,
        "judged": 3,
    }


def test_the_folder_will_do(record: Path) -> None:
    assert replay(record.parent).record == replay(record).record


@pytest.mark.parametrize(
    ("chosen", "labels"),
    [
        ("LOCK-092", ["LOCK-092[create]", "LOCK-092[no-create]"]),
        ("LOCK-092[create]", ["LOCK-092[create]"]),
        ("LOCK-094", ["LOCK-094"]),
    ],
)
def test_one_clause_or_case(record: Path, chosen: str, labels: list[str]) -> None:
    done = replay(record, chosen)
    assert [case.row.label for case in done.record.cases] == labels
    assert [row.label for row in done.record.started.due] == labels


@pytest.mark.parametrize("chosen", ["LOCK-091", "LOCK-092[creat]", "nothing"])
def test_case_that_is_not_in_it(record: Path, chosen: str) -> None:
    with pytest.raises(RecordError, match=r"holds no case") as caught:
        replay(record, chosen)
    assert caught.value.mend


def test_changed_observation_is_judged_anew(record: Path) -> None:
    rewrite(record, 1, lambda line: line["observation"].update(exists=True))
    done = replay(record)
    assert [(old.row.label, old.verdict) for old in done.differing] == [("LOCK-092[create]", Verdict.FAIL)]
    assert done.record.cases[0].verdict is Verdict.PASS
    assert done.record.cases[0].evidence == "created, as told; the command ran"


def rewrite(path: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    lines = path.read_text().splitlines()
    data = json.loads(lines[number])
    change(data)
    lines[number] = json.dumps(data)
    path.write_text("\n".join(lines) + "\n")


def test_observation_that_does_not_fit(record: Path) -> None:
    rewrite(record, 1, lambda line: line["observation"].update(stranger=1))
    (old,) = replay(record).differing
    assert old.row.label == "LOCK-092[create]"
    case = replay(record).record.cases[0]
    assert case.verdict is Verdict.ERROR
    assert "the observation does not fit Created" in case.why


def test_what_was_not_judged_stands(record: Path) -> None:
    def unjudge(line: dict[str, Any]) -> None:
        line.update(judged=False, observation=None, verdict="error", why="the test broke", findings=[])

    rewrite(record, 1, unjudge)
    done = replay(record)
    assert done.judged == 2
    assert done.record.cases[0].why == "the test broke"


DAMAGE: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _text: "", "does not begin with a started line"),
    "another file": (lambda _text: "# Read me\n", "run.jsonl:1: is not JSON"),
    "another JSON file": (lambda _text: '{"line": 1}\n', "run.jsonl:1: is not a line of a run record"),
    "a list": (lambda _text: "[]\n", "run.jsonl:1: is not a line of a run record"),
    "a number": (lambda _text: "17\n", "run.jsonl:1: is not a line of a run record"),
    "line kind of a list": (lambda _text: '{"line": []}\n', "run.jsonl:1: is not a line of a run record"),
    "cut between lines": (lambda text: text[: text.rindex('{"line": "finished"')], "was cut off after 4 lines"),
    "cut in a line": (lambda text: text[:-20], "run.jsonl:5: is not JSON"),
    "no start": (lambda text: text.partition("\n")[2], "does not begin with a started line"),
    "two runs": (lambda text: text + text, "holds more than one run"),
    "newer": (lambda text: text.replace('"schema": 1', '"schema": 2', 1), "has the schema 2, this version reads 1"),
    "schema of a word": (lambda text: text.replace('"schema": 1', '"schema": "x"', 1), "has the schema x"),
    "strange key": (lambda text: text.replace('"judged"', '"jugded"', 1), "run.jsonl:2: does not fit CaseLine"),
    "strange verdict": (lambda text: text.replace('"fail"', '"flail"', 1), "run.jsonl:2: does not fit CaseLine"),
    "not ASCII": (lambda text: text.replace("careless", "carelèss"), "is not ASCII text"),
    "blank line": (lambda text: text.replace("\n", "\n\n", 1), "run.jsonl:2: is not JSON"),
}


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_damaged_record(record: Path, damage: str) -> None:
    change, what = DAMAGE[damage]
    record.write_text(change(record.read_text()), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        replay(record)
    assert what in str(caught.value)
    assert caught.value.mend
    assert str(caught.value).count("\n") <= 2


def test_record_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(RecordError, match="cannot be read: No such file"):
            replay(path)
