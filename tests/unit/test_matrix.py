"""The kill matrix is what the records say, and the runs are those that the rows ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_record import CLAUSES, MUST, case, record

from pytest_vessel.clause import Case, Catalogue, Clause, Level
from pytest_vessel.errors import UsageProblem
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.matrix import Wanted, plans
from pytest_vessel.record.line import Record
from pytest_vessel.report.kill_rows import rewritten
from pytest_vessel.report.matrix import Matrix, against, matrix, shown

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
LABELS = {"1": ("MADE-001", ""), "2a": ("MADE-002", "a"), "2b": ("MADE-002", "b")}


def run(**verdicts: Verdict) -> Record:
    """A record with these verdicts, in a catalogue whose rows name `dove`, and `crow` beside it."""
    rows = (replace(CLAUSES[0], kills=("dove",)), replace(CLAUSES[1], kills=("crow", "dove")), *CLAUSES[2:])
    lines = [case(*LABELS[name.removeprefix("c")], MUST, verdict) for name, verdict in verdicts.items()]
    made = record(*lines)
    return replace(made, started=replace(made.started, clauses=rows))


SOUND = run(c1=PASS, c2a=PASS, c2b=PASS)
DOVE = run(c1=FAIL, c2a=FAIL, c2b=PASS)
CROW = run(c2a=PASS, c2b=FAIL)
NULL = run(c1=FAIL, c2a=INCONCLUSIVE, c2b=FAIL)


def made(reference: Record = SOUND, *, whole: bool = True, **mutants: Record) -> Matrix:
    known = ("crow", "dove", "null")
    return matrix(reference, mutants, harmless=["null"], known=known, whole=whole)


def test_matrix_that_agrees_with_the_rows() -> None:
    found = made(dove=DOVE, crow=CROW, null=NULL)
    assert found.sound
    assert found.as_json() == {
        "clauses": {
            "MADE-001": {"killed_by": ["dove"], "survived": []},
            "MADE-002": {"killed_by": ["dove", "crow"], "survived": []},
        },
        "unproven": [],
        "reference_failures": [],
        "undecided": [],
        "broken": [],
        "vacuous": {"null": []},
        "differences": {},
        "unproven_cases": [],
        "idle": [],
        "every_clause": False,
        "whole": True,
        "sound": True,
    }


def test_facts_are_no_rows() -> None:
    with_fact = replace(SOUND, cases=(*SOUND.cases, case("MADE-004", "", Level.FACT, Verdict.FACT)))
    assert [row.clause.id for row in made(with_fact).rows] == ["MADE-001", "MADE-002"]


def test_clause_that_only_those_fail_who_do_nothing_is_unproven() -> None:
    found = made(dove=run(c1=PASS, c2a=FAIL, c2b=PASS), crow=CROW, null=NULL)
    assert found.unproven == ("MADE-001",)
    assert not found.sound
    assert found.as_json()["differences"] == {"MADE-001": {"unexpected": [], "missed": ["dove"]}}
    text = "\n".join(shown(found))
    assert "MADE-001  killed by nobody\n          survived: dove, which its row names\n" in text
    assert "to agree: kills = []" in text
    assert "unproven: MADE-001\n" in text
    assert "the rows do not agree" in text


def test_kill_that_no_row_names() -> None:
    found = made(dove=DOVE, crow=run(c1=FAIL, c2a=PASS, c2b=FAIL), null=NULL)
    assert found.differs
    assert found.unproven == ()
    assert 'to agree: kills = ["crow", "dove"]' in "\n".join(shown(found))


@pytest.mark.parametrize("verdict", [INCONCLUSIVE, Verdict.UNSUPPORTED, Verdict.NOT_RUN, PASS])
def test_only_a_fail_kills(verdict: Verdict) -> None:
    assert made(dove=run(c1=verdict)).rows[0].survived == ("dove",)


def test_nothing_is_unproven_where_only_some_mutants_were_run() -> None:
    found = made(whole=False, crow=CROW)
    assert found.unproven == found.unproven_cases == ()
    assert found.rows[0].named == ()
    assert found.sound
    assert "nothing is called unproven" in [*shown(found)][-1]


def test_case_that_no_mutant_fails_is_told_and_no_fault() -> None:
    found = made(dove=DOVE, crow=run(c2a=FAIL, c2b=PASS), null=NULL)
    assert found.unproven_cases == ("MADE-002[b]",)
    assert found.sound


@pytest.mark.parametrize(
    ("verdict", "failures", "undecided"),
    [(FAIL, 1, 0), (Verdict.ERROR, 1, 0), (INCONCLUSIVE, 0, 1), (Verdict.NOT_RUN, 0, 1), (Verdict.UNSUPPORTED, 0, 0)],
)
def test_reference_that_does_not_pass(verdict: Verdict, failures: int, undecided: int) -> None:
    found = made(run(c1=verdict, c2a=PASS, c2b=PASS), dove=DOVE, crow=CROW, null=NULL)
    assert (len(found.reference_failures), len(found.undecided)) == (failures, undecided)
    assert found.sound == (not failures + undecided)


def test_those_who_do_nothing_pass_nothing() -> None:
    found = made(dove=DOVE, crow=CROW, null=run(c1=PASS, c2a=FAIL))
    assert found.vacuous == {"null": ("MADE-001",)}
    assert not found.sound
    assert "null passes MADE-001" in [*shown(found)]


def test_errors_and_runs_without_record_are_broken() -> None:
    assert made(dove=run(c1=Verdict.ERROR)).broken == ("dove: MADE-001: ",)
    found = matrix(SOUND, {"dove": DOVE, "crow": CROW}, broken=["cat: status 3: boom"])
    assert found.broken == ("cat: status 3: boom",)
    assert not found.sound


def test_mutant_that_no_row_names() -> None:
    found = matrix(SOUND, {"dove": DOVE, "crow": CROW}, known=["crow", "dove", "owl"])
    assert found.idle == ("owl",)
    assert found.sound
    assert "mutants that no clause names: owl" in [*shown(found)]


ROWS = """\
[MADE-001]
level = "MUST"
kills = ["dove"]

# A comment.

[MADE-002]
level = "MUST"
cases.a = { needs = ["run"] }

[MADE-0021]
kills = ["dove", "owl"]
"""


def test_rows_rewritten() -> None:
    found = made(dove=run(c1=PASS, c2a=FAIL, c2b=PASS), crow=run(c1=FAIL, c2a=FAIL), null=NULL)
    assert rewritten(ROWS, found) == ROWS.replace('["dove"]', '["crow"]', 1), "MADE-002 agrees"
    found = replace(found, rows=tuple(replace(row, named=()) for row in found.rows))
    assert rewritten(ROWS, found).splitlines()[2:10] == [
        'kills = ["crow", "dove"]',
        "",
        "# A comment.",
        "",
        "[MADE-002]",
        'level = "MUST"',
        'cases.a = { needs = ["run"] }',
        'kills = ["crow", "dove"]',
    ]
    assert rewritten(ROWS, found).endswith('\n\n[MADE-0021]\nkills = ["dove", "owl"]\n')


def test_runs_compared_with_later_rows() -> None:
    later = Catalogue((replace(CLAUSES[0], kills=("crow", "dove", "owl")),))
    (row,) = against(made(dove=DOVE, crow=run(c1=PASS)), later).rows
    assert row.missed == ("crow",), "the owl did not meet it"
    assert row.line == '["dove", "owl"]'


def clause(name: str, *cases: Case, kills: tuple[str, ...] = (), level: Level = MUST) -> Clause:
    return Clause(name, "locking", level, "A sentence.", "a source", "locking/direct", cases, kills)


RUN, COPY, LOCK = (Case(verb, (verb, "layout.ref"), ()) for verb in ("run", "copy", "lock"))
CATALOGUE = Catalogue(
    (
        clause("LOCK-901", RUN, LOCK, kills=("tool-hides-status", "unlocked")),
        clause("LOCK-902", COPY, kills=("copy-unlocked", "unlocked")),
        clause("LOCK-903", RUN, kills=("starts-before-lock",)),
        clause("LOCK-904", RUN, level=Level.FACT),
        replace(clause("LOCK-905", RUN, kills=("unlocked",)), planned=True),
    )
)


def planned(wanted: Wanted) -> dict[str, tuple[str, ...]]:
    return {plan.name: plan.labels for plan in plans(wanted, CATALOGUE)}


ALL = ("LOCK-901[run]", "LOCK-901[lock]", "LOCK-902[copy]", "LOCK-903[run]")


def test_mutants_meet_the_cases_that_they_are_named_for_and_can_touch() -> None:
    assert planned(Wanted()) == {
        "reference": ALL,
        "null": ALL,
        "parrot": ALL,
        "copy-unlocked": ("LOCK-902[copy]",),
        "starts-before-lock": ("LOCK-903[run]",),
        "tool-hides-status": ("LOCK-901[lock]",),
        "unlocked": ("LOCK-901[run]", "LOCK-901[lock]", "LOCK-902[copy]"),
    }


def test_with_every_clause_they_meet_all_that_they_can_touch() -> None:
    found = planned(Wanted(every_clause=True))
    assert found["unlocked"] == ALL
    assert found["copy-unlocked"] == ("LOCK-902[copy]",)
    assert found["keeps-everything"] == ("LOCK-902[copy]",), "copies clean up, too"
    assert "removes-unlocked" not in found


def test_mutant_that_cannot_touch_what_names_it_is_run_all_the_same() -> None:
    wrong = Catalogue((clause("LOCK-901", RUN, kills=("tool-hides-status",)),))
    assert plans(Wanted(), wrong)[-1].labels == ("LOCK-901[run]",)


def test_chosen_clauses_cases_and_mutants() -> None:
    assert planned(Wanted(clauses=("LOCK-901[lock]",)))["reference"] == ("LOCK-901[lock]",)
    assert planned(Wanted(mutants=("copy-unlocked",))) == {
        "reference": ("LOCK-902[copy]",),
        "copy-unlocked": ("LOCK-902[copy]",),
    }
    both = Wanted(clauses=("LOCK-901",), mutants=("unlocked",))
    assert planned(both) == dict.fromkeys(("reference", "unlocked"), ("LOCK-901[run]", "LOCK-901[lock]"))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(mutants=("unloked",)), "Did you mean 'unlocked'?"),
        (Wanted(clauses=("LOCK-91",)), "unknown clause"),
        (Wanted(suites=("loking",)), "Did you mean 'locking'?"),
        (Wanted(clauses=("LOCK-904",)), "nothing to run"),
        (Wanted(clauses=("LOCK-905",)), "nothing to run"),
    ],
)
def test_wrong_wishes(wanted: Wanted, message: str) -> None:
    with pytest.raises(UsageProblem) as raised:
        plans(wanted, CATALOGUE)
    assert message in str(raised.value)
