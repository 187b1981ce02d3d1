"""The same verdicts however the items are spread; text of an implementation survives the way, and is harmless."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from starting import QUICK, Start, Started, Suite

WAYS = (("-n0",), ("-n2",), ("-p", "no:xdist"), ("-n1", "--maxprocesses=1"), ("-n2", "--dist", "loadfile"))


def settled(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what may differ from run to run: times, order of arrival, work folders."""
    report = copy.deepcopy(report)
    for implementation in report["implementations"]:
        for clause in implementation["clauses"]:
            for case in clause["cases"]:
                case["duration_s"] = case["record"] = 0
                case["why"] = case["why"].partition("(")[0]
    return report


def test_reports_are_the_same(start: Start, made_up_suite: Suite) -> None:
    words = {"one": "ill", "two": "raise", "first": "unclear", "four": "so"}
    options = (*made_up_suite(**words), "--vessel-impl", "leaky.toml", "--vessel-seed", "5eed")
    runs = [start(*options, *way) for way in WAYS]
    assert {run.status for run in runs} == {1}
    reports = [settled(run.report) for run in runs]
    assert all(report == reports[0] for report in reports[1:])
    assert len(reports[0]["implementations"]) == 2
    lasts = [run.out.rstrip().splitlines()[-2:] for run in runs]
    assert all(last == lasts[0] for last in lasts[1:])


def test_real_clauses_on_workers(start: Start) -> None:
    runs = [start("-p", "vessel", *QUICK, "--vessel-report", "report", *way) for way in WAYS[:2]]
    assert [run.status for run in runs] == [0, 0]
    assert runs[0].verdicts == runs[1].verdicts == dict.fromkeys(runs[0].verdicts, "pass")


SEED = """
from pathlib import Path
from pytest_vessel.collect import CONTEXT

def pytest_runtest_call(item):
    Path(f"seed-{item.row.item_id}").write_text(item.config.stash[CONTEXT].settings.seed)
"""


def test_seed_is_drawn_once(start: Start, made_up_suite: Suite, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(seeing=SEED)
    options = (*made_up_suite(), "-p", "seeing")
    run = start(*options, "-n2")
    seeds = {path.read_text() for path in pytester.path.glob("seed-*")}
    assert seeds == {run.report["seed"]}
    assert f"seed {run.report['seed']}, " in run.out
    assert start(*options).report["seed"] != run.report["seed"]


def test_who_ran_it_is_recorded(start: Start, made_up_suite: Suite) -> None:
    alone, spread = (start(*made_up_suite(), *way) for way in WAYS[:2])
    assert {line["worker"] for line in alone.lines[1:-1]} == {""}
    assert {line["worker"] for line in spread.lines[1:-1]} <= {"gw0", "gw1"}
    assert sorted(line["n"] for line in spread.lines[1:-1]) == [1, 2, 3, 4, 5, 6]


HOSTILE = rb"\033[31mred\033]0;title\007 \302\233 \342\200\256evil \377\376 ##[error]x \r\n::error::it\n"

RUDE = f"""
[implementation]
name = "rude"
version = ["printf", '{HOSTILE.decode()}']
[verbs]
lock = ["sh", "-c", '''printf '{HOSTILE.decode()}' >&2; exit 3''', "{{file}}", "{{argv}}"]
[choices]
create = {{ no = [], yes = [] }}
"""


@pytest.mark.parametrize("way", [(), ("-n2", "-v"), ("-vv", "-rA", "--tb=long", "--junitxml=junit.xml")])
def test_text_of_an_implementation(start: Start, way: tuple[str, ...]) -> None:
    Path("rude.toml").write_text(RUDE)
    run = start("-p", "vessel", "--vessel-impl", "rude.toml", *QUICK, "--vessel-report", "report", *way)
    assert run.status == 1
    assert run.verdicts["LOCK-092[create]"] == "fail"
    assert_harmless(run)
    message = run.line_of("LOCK-092[create]")["observation"]["start"]["ending"]["message"]
    assert "\x1b[31mred" in message
    assert "\\x1b[31mred" in run.out
    assert json.loads((run.folder / "report" / "run.jsonl").read_text().splitlines()[0])["line"] == "started"


def assert_harmless(run: Started) -> None:
    for character in "\x1b\x07\x9b\u202e\ufffd":
        assert character not in run.out
    assert not any(line.lstrip().startswith("::") for line in run.out.splitlines())
    assert "##[" not in run.out


def test_a_hang_is_a_finding(start: Start) -> None:
    Path("hangs.toml").write_text(
        '[implementation]\nname = "hangs"\n[verbs]\nlock = ["sh", "-c", "sleep 1000", "{file}", "{argv}"]\n'
    )
    run = start(
        "-p",
        "vessel",
        "--vessel-impl",
        "hangs.toml",
        "--vessel-clause",
        "LOCK-094",
        "--vessel-timeout",
        "0.5",
        "--vessel-report",
        "report",
    )
    assert run.verdicts == {"LOCK-094": "fail"}
    assert run.lines[0]["settings"]["timeout_s"] == 0.5


def test_kept_work_folder(start: Start, adapters: Path) -> None:
    run = start("-p", "vessel", "--vessel-impl", "careless.toml", *QUICK, "--vessel-keep", "--vessel-report", "report")
    kept = {line["row"]["case"]: kept_folders(line) for line in run.lines[1:-1]}
    assert [len(kept[case]) for case in ("create", "no-create", "")] == [1, 1, 0]
    for folder in (*kept["create"], *kept["no-create"]):
        assert f"work folder kept: {folder}" in run.out
        assert (folder / "files").is_dir()
        shutil.rmtree(folder.parent)


def kept_folders(line: dict[str, Any]) -> list[Path]:
    return [Path(step.partition("kept: ")[2]) for step in line["did"] if "kept: " in step]


def test_absent_implementation(start: Start, adapters: Path) -> None:
    run = start("-p", "vessel", "--vessel-impl", "absent.toml", "--vessel-clause", "LOCK-094")
    assert run.status == 5
    assert "\ninconclusive   LOCK-094                   no-such-program is not installed\n" in run.out
    assert "\nto decide 1 more: apt install no-such-program\n" in run.out
