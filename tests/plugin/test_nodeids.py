"""Node ids are the same from everywhere, and each runs exactly its clause again; so does `reproduce`."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from starting import QUICK, Start, Started

from pytest_vessel import conformance

FILE = "pytest_vessel/conformance/locking/test_tool.py"
IDS = [
    f"{FILE}::test_missing_file[careless-LOCK-092-create]",
    f"{FILE}::test_missing_file[careless-LOCK-092-no-create]",
    f"{FILE}::test_descriptors_of_the_command[careless-LOCK-094]",
]
RUN = ("-p", "vessel", "--vessel-impl", "careless.toml")
LIST = (*RUN, *QUICK, "--collect-only", "-q")


def ids(run: Started) -> list[str]:
    assert run.status == 0, run.text
    return [line for line in run.out.splitlines() if "::" in line]


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--rootdir", "/"),
        ("--rootdir", str(Path(conformance.__path__[0]).parent)),
        ("--import-mode=importlib",),
        ("-p", "no:cacheprovider"),
        ("-c", "/dev/null"),
        ("--confcutdir", "/"),
    ],
)
def test_ids_are_the_same(start: Start, adapters: Path, args: tuple[str, ...]) -> None:
    assert ids(start(*LIST, *args)) == IDS


def test_ids_are_the_same_in_other_folders(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    args = [arg.replace("careless.toml", str(adapters / "careless.toml")) for arg in LIST]
    assert ids(start(*args, cwd=pytester.mkdir("elsewhere"))) == IDS
    assert ids(start(*args, cwd=Path("/"))) == IDS
    assert ids(start(*args, cwd=Path(conformance.__path__[0]))) == IDS


def test_ids_are_the_same_on_workers(start: Start, adapters: Path) -> None:
    run = start(*RUN, *QUICK, "-n2", "-v", "--vessel-report", "report")
    assert sorted(line["nodeid"] for line in run.lines[1:-1]) == sorted(IDS)
    assert all(f"{nodeid} " in run.out for nodeid in IDS)


@pytest.mark.parametrize("nodeid", IDS)
def test_an_id_runs_its_case_alone(start: Start, adapters: Path, pytester: pytest.Pytester, nodeid: str) -> None:
    run = start(
        nodeid,
        "--vessel-impl",
        str(adapters / "careless.toml"),
        "--vessel-report",
        "report",
        cwd=pytester.mkdir("elsewhere"),
    )
    assert [line["nodeid"] for line in run.lines[1:-1]] == [nodeid]
    assert run.report["incomplete_because"].endswith(" not chosen")


@pytest.mark.parametrize(
    "argument",
    [
        "pytest_vessel/conformance/locking/test_tool.py::test_missing_file",
        "pytest_vessel.conformance.locking.test_tool::test_missing_file",
        f"{conformance.__path__[0]}/locking/test_tool.py::test_missing_file",
    ],
)
def test_ways_to_name_a_test(start: Start, adapters: Path, argument: str) -> None:
    run = start(argument, "--vessel-impl", "careless.toml", "--collect-only", "-q")
    assert ids(run) == IDS[:2]


@pytest.mark.parametrize("extra", [("--pyargs",), ()])
def test_ways_to_name_a_suite(start: Start, adapters: Path, extra: tuple[str, ...]) -> None:
    for argument in (
        "pytest_vessel.conformance.locking",
        "pytest_vessel/conformance/locking/",
        "pytest_vessel/conformance",
    ):
        found = ids(start(*extra, argument, "--vessel-impl", "careless.toml", "--collect-only", "-q"))
        assert set(IDS) < set(found)
        assert len(found) > 40


def test_id_names_the_built_in_implementation(start: Start) -> None:
    run = start(f"{FILE}::test_missing_file[mutant:null-LOCK-092-create]", "--collect-only", "-q")
    assert run.status == 4
    run = start(f"{FILE}::test_missing_file[bubblewrap-LOCK-090-shared]", "--collect-only", "-q")
    assert run.status == 4
    run = start(f"{FILE}::test_command_under_the_tool[bubblewrap-LOCK-090-shared]", "--collect-only", "-q")
    assert ids(run) == [f"{FILE}::test_command_under_the_tool[bubblewrap-LOCK-090-shared]"]


@pytest.mark.parametrize("argument", [f"{FILE}::test_missing_file[careless-LOCK-092-creat]", f"{FILE}::test_mising"])
def test_id_that_names_nothing(start: Start, adapters: Path, argument: str) -> None:
    run = start(argument, "--vessel-impl", "careless.toml")
    assert run.status == 4
    assert f"ERROR: {argument}: no such test\n" in run.err
    assert "Did you mean" in run.err or "--collect-only" in run.err


def test_ours_and_others_do_not_mix(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    run = start(IDS[0], "test_own.py")
    assert run.status == 4
    assert f"{IDS[0]} is a conformance test, test_own.py is not" in run.err


def test_reproduce_runs_the_same_again(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    run = start(*RUN, *QUICK, "--vessel-report", "report", "--vessel-timeout", "7.5")
    failed = [clause for clause in run.report["implementations"][0]["clauses"] if clause["verdict"] == "fail"]
    assert [clause["id"] for clause in failed] == ["LOCK-092"]
    words = shlex.split(failed[0]["reproduce"])
    assert words[0] == "pytest"
    again = start(*words[1:], "--vessel-report", "report", cwd=pytester.mkdir("elsewhere"))
    assert again.verdicts == {"LOCK-092[create]": "fail", "LOCK-092[no-create]": "fail"}
    for key in ("seed", "timeout_s", "user"):
        assert again.lines[0]["settings"][key] == run.lines[0]["settings"][key]


def test_printed_command_runs_one_case(start: Start, adapters: Path, pytester: pytest.Pytester) -> None:
    run = start(*RUN, "--vessel-clause", "LOCK-092[create]")
    (command,) = [line.strip() for line in run.out.splitlines() if line.startswith("    pytest -p vessel ")]
    again = start(*shlex.split(command)[1:], "--vessel-report", "report", cwd=pytester.mkdir("elsewhere"))
    assert again.verdicts == {"LOCK-092[create]": "fail"}


def test_last_failed(start: Start, adapters: Path) -> None:
    first = start(*RUN, *QUICK, "--vessel-report", "report")
    assert first.verdicts["LOCK-094"] == "pass"
    again = start(*RUN, *QUICK, "--lf", "--vessel-report", "report")
    assert {label for label, verdict in again.verdicts.items() if verdict == "fail"} == {
        "LOCK-092[create]",
        "LOCK-092[no-create]",
    }
    assert again.reasons == {"LOCK-094": "deselected"}
    assert again.status == 1


def test_collect_only_writes_nothing(start: Start, adapters: Path) -> None:
    run = start(*LIST, "--vessel-report", "report")
    assert ids(run) == IDS
    assert not (run.folder / "report").exists()
    assert start(*RUN, *QUICK, "--co", "-v").status == 0


def test_stepwise_and_deselect(start: Start, adapters: Path) -> None:
    first = start(*RUN, *QUICK, "--sw", "--vessel-report", "report")
    assert first.reasons == {"LOCK-092[no-create]": "interrupted", "LOCK-094": "interrupted"}
    again = start(*RUN, *QUICK, "--sw", "--sw-skip", "--vessel-report", "report")
    assert again.verdicts["LOCK-092[no-create]"] == "fail"
    left = start(*RUN, *QUICK, f"--deselect={IDS[0]}", "--vessel-report", "report")
    assert left.reasons == {"LOCK-092[create]": "deselected"}
