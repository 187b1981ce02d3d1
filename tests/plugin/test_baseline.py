"""Known failures in a run: outcomes, words, exit statuses, reports, replay, workers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starting import Start, Started, Suite

from pytest_vessel.judge.baseline import fingerprint

WORKERS = pytest.mark.parametrize("workers", [(), ("-n2",)])
ILL = fingerprint(["thing: not-well"])
TODAY = datetime.now(UTC).date()


def table(label: str, *more: str, found: str = ILL, name: str = "careless") -> str:
    lines = [f'[{name}."{label}"]', f'fingerprint = "{found}"', 'reason = "a known bug"', *more]
    return "\n".join(lines) + "\n"


def known(*tables: str) -> tuple[str, ...]:
    """Write the file; the options that name it."""
    Path("known.toml").write_text("\n".join(tables))
    return ("--vessel-baseline", "known.toml")


def standing(run: Started, label: str) -> tuple[str, str, bool]:
    line = run.line_of(label)
    return line["expectation"], line["note"], line["tolerated"]


def case_of(run: Started, clause: str, case: str = "") -> dict[str, Any]:
    (implementation,) = run.report["implementations"]
    (row,) = (row for row in implementation["clauses"] if row["id"] == clause)
    (found,) = (one for one in row["cases"] if one["name"] == case)
    return {"of clause": row["expectation"], **found}


@WORKERS
def test_known_failure_is_yellow(start: Start, made_up_suite: Suite, workers: tuple[str, ...]) -> None:
    run = start(*made_up_suite(one="ill"), *known(table("MADE-001")), *workers)
    assert run.status == 0
    run.result.assert_outcomes(passed=3, xfailed=1)
    assert run.verdicts["MADE-001"] == "fail"
    assert standing(run, "MADE-001") == ("expected", "a known bug", True)
    assert "fail           MADE-001                   thing: ill [known: a known bug]\n" in run.out
    assert f"baseline: 1 known failure ({run.folder}/known.toml)\n" in run.out
    assert run.last_line.endswith("made-up/cases; not conformant in made-up/musts; 1 known failure")
    found = case_of(run, "MADE-001")
    assert [found[key] for key in ("of clause", "expectation", "note")] == ["expected", "expected", "a known bug"]


@WORKERS
def test_another_failure_of_the_same_case_is_red(start: Start, made_up_suite: Suite, workers: tuple[str, ...]) -> None:
    other = fingerprint(["thing: unwell"])
    listed = table("MADE-001", 'findings = ["thing: unwell"]', found=other)
    run = start(*made_up_suite(one="ill"), *known(listed), *workers)
    assert run.status == 1
    note = "another failure than the known one: known thing: unwell, now thing: not-well"
    assert standing(run, "MADE-001") == ("unexpected", f"{note} ({run.folder}/known.toml:1)", False)
    assert f"\nunexpected\n    {note} (" in run.out
    assert "known failure" not in run.last_line


@WORKERS
def test_known_failure_that_passes_is_red_until_its_table_goes(
    start: Start, made_up_suite: Suite, workers: tuple[str, ...]
) -> None:
    options = made_up_suite()
    run = start(*options, *known(table("MADE-001"), table("MADE-002")), "-v", *workers)
    assert run.status == 1
    run.result.assert_outcomes(passed=2, failed=2)
    assert run.verdicts["MADE-001"] == "pass"
    place = f"{run.folder}/known.toml:1"
    assert f'passes, though listed as a known failure: delete [careless."MADE-001"], {place}' in run.out
    assert "PASS (stale: listed as a failure)" in run.out
    assert case_of(run, "MADE-001")["of clause"] == "stale"
    assert standing(run, "MADE-002")[0] == "stale", "at any level"
    assert start(*options, *known()).status == 0


@pytest.mark.parametrize(
    ("days_ago", "status", "tolerated"), [(-2, 0, True), (5, 0, True), (11, 0, True), (18, 1, False), (900, 1, False)]
)
def test_expiry(start: Start, made_up_suite: Suite, days_ago: int, status: int, tolerated: bool) -> None:
    expires = TODAY - timedelta(days=days_ago)
    run = start(*made_up_suite(one="ill"), *known(table("MADE-001", f"expires = {expires}")))
    assert run.status == status
    found = standing(run, "MADE-001")
    assert (found[0], found[2]) == ("expired" if days_ago > 0 else "expected", tolerated)
    warned = f"warning: MADE-001: expired on {expires}, counts from {expires + timedelta(days=15)} on (" in run.out
    assert warned == (days_ago > 0 and tolerated)


@pytest.mark.parametrize(
    "options",
    [
        ("-k", "not MADE-001"),
        ("--vessel-clause", "MADE-002"),
    ],
)
def test_case_that_did_not_run_is_neither_stale_nor_expected(
    start: Start, made_up_suite: Suite, options: tuple[str, ...]
) -> None:
    run = start(*made_up_suite(one="ill"), *options, *known(table("MADE-001"), table("MADE-005")))
    assert run.status == 0
    assert {line["expectation"] for line in run.lines[1:-1]} == {"none"}


def test_nothing_is_stale_where_the_implementation_is_absent(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite("absent.toml"), *known(table("MADE-001", name="absent")))
    assert run.status == 5
    assert {line["expectation"] for line in run.lines[1:-1]} == {"none"}


def test_undecided_known_failure_is_not_stale(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="unclear"), *known(table("MADE-001")))
    assert run.status == 0
    assert standing(run, "MADE-001") == ("none", "", False)


def test_errors_are_red_whatever_is_known(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="raise"), *known(table("MADE-001")))
    assert run.status == 1
    assert standing(run, "MADE-001")[0] == "unexpected"


def test_failures_below_the_level(start: Start, made_up_suite: Suite) -> None:
    options = made_up_suite(two="ill")
    below = start(*options, *known(table("MADE-002", found="0" * 12)))
    assert (below.status, standing(below, "MADE-002")[0]) == (0, "unexpected")
    gated = start(*options, *known(table("MADE-002")), "--vessel-level", "should")
    assert (gated.status, standing(gated, "MADE-002")[0]) == (0, "expected")


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ('{ version = "1.*" }', True),
        ('{ version = ">=2" }', False),
        ('{ kernel = ">=2.6", profile = "made-up/*" }', True),
        ('{ kernel = ">=2.6", profile = "locking/*" }', False),
        ('{ kernel = "<2" }', False),
    ],
)
def test_conditions(start: Start, made_up_suite: Suite, when: str, holds: bool) -> None:
    run = start(*made_up_suite(one="ill"), *known(table("MADE-001", f"when = {when}")))
    assert run.status == (0 if holds else 1)
    assert ("0 known failures, 1 under other conditions" in run.out) is not holds
    assert run.lines[0]["baseline"]["elsewhere"] == (0 if holds else 1)


def test_reasons_have_to_be_written(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="ill"), *known(table("MADE-001").replace("a known bug", "to be explained")))
    assert run.status == 0
    assert f"warning: 1 reason is still to be explained: MADE-001 ({run.folder}/known.toml:1)\n" in run.out


def test_words_say_what_colours_do(start: Start, made_up_suite: Suite) -> None:
    expired = table("MADE-003[first]", f"expires = {TODAY - timedelta(days=3)}")
    options = made_up_suite(one="ill", two="ill", first="ill")
    run = start(*options, *known(table("MADE-001"), expired), "-v", "--color=yes")
    for word in ("FAIL (known)", "FAIL (below the level)", "FAIL (known, expired)"):
        assert word in run.out
    plain = start(*options, *known(table("MADE-001"), expired))
    assert "[expired: a known bug; expired on " in plain.out


def test_no_file_no_word(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(one="ill"))
    assert run.status == 1
    assert "baseline" not in run.out
    assert standing(run, "MADE-001") == ("unexpected", "", False)
    assert run.lines[0]["baseline"] == {"known": [], "files": [], "elsewhere": 0, "updates": False}


def schema(name: str) -> Draft202012Validator:
    text = (files("pytest_vessel.fixtures") / "schemas" / f"{name}.json").read_text()
    return Draft202012Validator(json.loads(text))


def test_reports_fit_their_schemas(start: Start, made_up_suite: Suite) -> None:
    dated = table("MADE-001", f"expires = {TODAY}", 'owner = "us"', 'findings = ["thing: not-well"]')
    run = start(*made_up_suite(one="ill", two="ill"), *known(dated, table("MADE-003[first]")))
    assert len(run.lines[0]["baseline"]["known"]) == 2
    for line in run.lines:
        schema("record").validate(line)
    schema("report").validate(run.report)
    stranger = {**run.lines[0], "baseline": {**run.lines[0]["baseline"], "known": [{"stranger": 1}]}}
    assert not schema("record").is_valid(stranger)


def test_command_that_runs_it_again_names_the_file(start: Start, made_up_suite: Suite) -> None:
    run = start(*made_up_suite(), *known(table("MADE-001")))
    (implementation,) = run.report["implementations"]
    assert implementation["clauses"][0]["reproduce"].endswith(f" --vessel-baseline {run.folder}/known.toml")


@WORKERS
def test_file_is_read_once(
    start: Start, made_up_suite: Suite, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """What a run is judged by is what it began with, on every worker."""
    pytester.makepyfile(
        meddling="from pathlib import Path\ndef pytest_collection(session):\n    Path('known.toml').write_text('')\n"
    )
    run = start(*made_up_suite(one="ill"), *known(table("MADE-001")), "-p", "meddling", *workers)
    assert Path("known.toml").read_text() == ""
    assert run.status == 0
    assert standing(run, "MADE-001")[0] == "expected"


MAY = 'profile = "made-up/musts"\nneeds = ["lock"]\nmay_declare = true\n'


@pytest.fixture
def excepting(made_up_suite: Suite) -> Suite:
    """The made-up suite, whose MADE-001 may be declared, and an adapter that does."""

    def write(key: str = "MADE-001", **words: str) -> tuple[str, ...]:
        options = made_up_suite(**words)
        clauses, adapter = Path("suites/made_up/clauses.toml"), Path("careless.toml")
        clauses.write_text(clauses.read_text().replace('profile = "made-up/musts"\nneeds = ["lock"]\n', MAY))
        adapter.write_text(adapter.read_text() + f'[exceptions]\n"{key}" = "by design"\n')
        return options

    return write


@WORKERS
def test_declared_exception(start: Start, excepting: Suite, workers: tuple[str, ...]) -> None:
    run = start(*excepting(one="ill"), *workers)
    assert run.status == 0
    assert run.verdicts["MADE-001"] == "not_applicable"
    assert run.line_of("MADE-001")["why"] == "declared: by design"
    assert run.line_of("MADE-001")["observation"] == {"word": "ill"}, "it was run"
    assert standing(run, "MADE-001")[0] == "none"


@WORKERS
def test_declared_exception_that_holds_is_stale(start: Start, excepting: Suite, workers: tuple[str, ...]) -> None:
    run = start(*excepting(), *workers)
    assert run.status == 1
    assert run.verdicts["MADE-001"] == "pass"
    assert standing(run, "MADE-001")[0] == "stale"
    assert f"delete MADE-001 from [exceptions] of {run.folder}/careless.toml" in run.out


@pytest.mark.parametrize(
    ("key", "what"), [("MADE-002", "MADE-002 allows no exceptions"), ("MADE-01", "unknown clause 'MADE-01'")]
)
def test_exceptions_that_mean_nothing(start: Start, excepting: Suite, key: str, what: str) -> None:
    run = start(*excepting(key))
    assert run.status == 4
    assert f"careless.toml: exceptions.{key}: {what}" in run.err
    assert "Traceback" not in run.text


def test_replay_expects_what_the_run_expected(start: Start, excepting: Suite) -> None:
    tables = known(table("MADE-002"), table("MADE-003[first]"), table("MADE-003[second]", found="0" * 12))
    run = start(*excepting(one="ill", first="ill", second="ill"), *tables)
    assert run.status == 1
    Path("known.toml").unlink()
    loaded = Path("replaying.py")
    loaded.write_text(
        "import made_up_suite, sys\nfrom pytest_vessel.cli import main\nsys.exit(main(['replay', 'report']))\n"
    )
    done = start(program=("replaying.py",))
    assert done.status == 0
    assert "5 cases judged again, 0 differ from the record" in done.out
    assert "[known: a known bug]" in done.out
    assert "[stale: passes, though listed" in done.out
    assert "[unexpected: another failure than the known one: " in done.out
    assert "not_applicable MADE-001                   declared: by design\n" in done.out
