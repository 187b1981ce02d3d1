"""Controls: what they make of a pass, and how reports show them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from made_up_record import ACME, MUST, SETTINGS, case, record

from pytest_vessel.clause import Case, Clause, Level, load, parse
from pytest_vessel.errors import CatalogueError
from pytest_vessel.judge.control import Control, after_control, control_of, reason
from pytest_vessel.judge.verdict import Decision, Verdict, fail, inconclusive, not_applicable, passed
from pytest_vessel.record.line import CaseLine, ControlLine, Record
from pytest_vessel.record.text import decode, encode
from pytest_vessel.report.clauses_page import page
from pytest_vessel.report.control import clause_control, shown_control
from pytest_vessel.report.document import document
from pytest_vessel.report.explain import explain
from pytest_vessel.report.failure import failure_block
from pytest_vessel.report.reproduce import reproduce
from pytest_vessel.report.terminal import summary

PASS, FAILS = passed("a lock"), fail("SRC/.ref", "unlocked", expected="a lock", observed="no lock")
ERROR = Decision(Verdict.ERROR, why="RuntimeError: broke")

HELD, VACUOUS, EMPTY = ControlLine(FAILS, 2), ControlLine(PASS, 1), ControlLine(PASS, 0)
NOT_RUN = ControlLine(inconclusive("no gate here"), 0)


@pytest.mark.parametrize(
    ("decision", "calls", "state", "words"),
    [
        (
            FAILS,
            2,
            Control.HELD,
            "fails with its locks sabotaged (2 lock calls answered as if done): SRC/.ref: no lock",
        ),
        (PASS, 1, Control.VACUOUS, "passes with its locks sabotaged too (1 lock call answered as if done): a lock"),
        (PASS, 0, Control.VACUOUS, "passes without a lock call that could be sabotaged: a lock"),
        (
            FAILS,
            0,
            Control.NOT_RUN,
            "fails in the control without a lock call that could be sabotaged: SRC/.ref: no lock",
        ),
        (ERROR, 3, Control.NOT_RUN, "the control ended as error: RuntimeError: broke"),
        (inconclusive("no gate"), 0, Control.NOT_RUN, "the control ended as inconclusive: no gate"),
        (not_applicable("no"), 1, Control.NOT_RUN, "the control ended as not_applicable: no"),
    ],
)
def test_what_a_control_says(decision: Decision, calls: int, state: Control, words: str) -> None:
    assert control_of(decision, calls) is state
    assert reason(decision, calls) == words


@pytest.mark.parametrize("control", [HELD, NOT_RUN, ControlLine(ERROR, 1), ControlLine(FAILS, 0)])
def test_a_pass_stands_unless_its_control_passes(control: ControlLine) -> None:
    assert after_control(PASS, control.decision, control.calls) == PASS


@pytest.mark.parametrize("control", [VACUOUS, EMPTY])
def test_a_vacuous_pass_is_inconclusive(control: ControlLine) -> None:
    left = after_control(PASS, control.decision, control.calls)
    assert left.verdict is Verdict.INCONCLUSIVE
    assert left.why.startswith("a vacuous pass (a lock): it passes with")
    assert "docs/verdicts.md" in left.mend


@pytest.mark.parametrize("first", [FAILS, ERROR, inconclusive("it is unclear")])
def test_nothing_but_a_pass_is_changed(first: Decision) -> None:
    assert after_control(first, VACUOUS.decision, VACUOUS.calls) == first


def clause(**row: object) -> Clause:
    whole = {"level": "MUST", "sentence": "It is locked.", "source": "here", "profile": "made/up", **row}
    return parse("made", "MADE-001", whole, where="here")


@pytest.mark.parametrize(
    ("of_clause", "of_case", "control"),
    [(None, None, None), ("locks", None, "locks"), ("locks", "none", None), (None, "locks", "locks")],
)
def test_a_case_may_differ_from_its_clause(of_clause: str | None, of_case: str | None, control: str | None) -> None:
    row = {"control": of_clause} if of_clause else {}
    found = clause(cases={"one": {"control": of_case} if of_case else {}}, **row)
    assert found.control_of("one") == control


@pytest.mark.parametrize("row", [{"control": "lock"}, {"cases": {"one": {"control": "yes"}}}, {"control": 1}])
def test_an_unknown_control_is_an_error(row: dict[str, object]) -> None:
    with pytest.raises(CatalogueError, match="unknown control"):
        clause(**row)


def test_facts_have_no_control() -> None:
    rows = list(load())
    assert any(row.control_of(case.name) for row in rows for case in row.cases)
    assert not [row.id for row in rows if row.level is Level.FACT and row.control]


def controlled() -> Record:
    """`MADE-001` held, `MADE-002` one vacuous case and one not run; both clauses ask for the control."""
    vacuous = after_control(PASS, VACUOUS.decision, VACUOUS.calls)
    lines = (
        case("MADE-001", "", MUST, Verdict.PASS, evidence="a lock", control=HELD, judged=True),
        case("MADE-002", "a", MUST, vacuous.verdict, why=vacuous.why, mend=vacuous.mend, control=VACUOUS, judged=True),
        case("MADE-002", "b", MUST, Verdict.PASS, evidence="a lock", control=NOT_RUN, judged=True),
        case("MADE-003", "", Level.SHOULD, Verdict.PASS, evidence="well"),
    )
    run = record(*lines)
    asking = tuple(replace(one, control="locks" if one.id != "MADE-003" else None) for one in run.started.clauses)
    return replace(run, started=replace(run.started, clauses=asking, settings=replace(SETTINGS, control=True)))


def texts(*, verbose: bool = False) -> list[str]:
    return [line.text for line in summary(controlled(), verbose=verbose)]


def test_the_summary_counts_them() -> None:
    shown = texts()
    place = shown.index("control: 1 held, 1 vacuous, 1 not run")
    assert shown[place + 1] == f"  not run  {'MADE-002[b]':<26} the control ended as inconclusive: no gate here"
    assert not [line for line in shown if line.startswith("  held")]
    assert [line for line in texts(verbose=True) if line.startswith("  held     MADE-001 ")]


def test_a_run_without_controls_does_not_speak_of_them() -> None:
    assert not [line.text for line in summary(record()) if line.text.startswith("control")]


def test_the_report_has_them_by_clause_and_case() -> None:
    whole = document(controlled())
    schema = json.loads((files("pytest_vessel.fixtures") / "schemas" / "report.json").read_text())
    schema["$defs"]["clause_id"] = {"type": "string"}
    Draft202012Validator(schema).validate(whole)
    found = {row["id"]: row for row in whole["implementations"][0]["clauses"]}
    assert {name: row["control"] for name, row in found.items()} == {
        "MADE-001": "held",
        "MADE-002": "vacuous",
        "MADE-003": "none",
        "MADE-005": "not_run",
    }
    assert found["MADE-001"]["cases"][0]["control"] == {
        "state": "held",
        "why": "fails with its locks sabotaged (2 lock calls answered as if done): SRC/.ref: no lock",
        "calls": 2,
        "duration_s": 0.0,
    }
    assert [one["control"]["state"] for one in found["MADE-002"]["cases"]] == ["vacuous", "not_run"]
    assert found["MADE-005"]["cases"][0]["control"]["why"] == "only a pass has a control"


def test_cases_that_did_not_pass_do_not_count() -> None:
    asking = replace(clause(cases={"a": {}, "b": {}}), control="locks")
    held = case("MADE-001", "a", MUST, Verdict.PASS, control=HELD)
    failed = case("MADE-001", "b", MUST, Verdict.FAIL)
    assert clause_control([held, failed], asking) is Control.HELD
    assert clause_control([failed], asking) is Control.NOT_RUN
    without = case("MADE-001", "b", MUST, Verdict.PASS)
    assert clause_control([held, without], asking) is Control.NOT_RUN
    assert shown_control(without, asking).why == "the run was without --vessel-control"


def test_it_goes_through_the_record() -> None:
    for line in controlled().cases:
        whole = replace(line, control=replace(line.control, observation={"a": [1]})) if line.control else line
        assert decode(encode(whole)) == whole


def test_the_failure_block_of_a_vacuous_pass() -> None:
    run = controlled()
    (line,) = (one for one in run.cases if one.row.case == "a")
    block = failure_block(line, run.started.clause("MADE-002"), ACME, run.started.settings)
    assert "inconclusive\n    a vacuous pass (a lock): it passes with its locks sabotaged too" in block
    assert "control\n    it passes with its locks sabotaged too (1 lock call answered as if done): a lock" in block
    assert block.index("\ncontrol\n") < block.index("\nrun again\n")


def test_the_command_that_runs_it_again_asks_for_it() -> None:
    assert reproduce(replace(SETTINGS, control=True), ACME, "MADE-001", "").endswith(" --vessel-control")


def test_pages_say_which_clauses_have_one() -> None:
    assert "- needs run, layout.ref; control: locks\n" in page("locking")
    assert any(line.endswith("; control: locks") for line in explain("LOCK-012[held]"))
    assert not any("control" in line for line in explain("LOCK-012[not-yet-granted]"))


def test_an_old_record_has_none() -> None:
    line = case("MADE-001", "", MUST, Verdict.PASS)
    data = json.loads(encode(line))
    del data["control"]
    read = decode(json.dumps(data))
    assert isinstance(read, CaseLine)
    assert read.control is None
    assert Case("a", (), ()).control == ""
