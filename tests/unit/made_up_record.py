"""A made-up record of one run, for the tests of what is made from records."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel.clause import Case, Clause, Level
from pytest_vessel.judge.baseline import Expectation
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Finding, Verdict
from pytest_vessel.record.line import CaseLine, Finished, Record, Started
from pytest_vessel.row import Row
from pytest_vessel.settings import Settings

SETTINGS = Settings("5eed", user="nobody", implementations=("acme",), base="/", suites=("made",))
ACME = Offer("acme", "acme 1.0", "/opt/acme.toml", "sha256:" + 64 * "0", ("lock", "run"))


def clause(name: str, level: Level, *cases: str, needs: tuple[str, ...] = ("run",)) -> Clause:
    named = tuple(Case(case, needs, ()) for case in cases or ("",))
    return Clause(name, "made", level, f"The sentence of {name}.", "a source", "made/up", named)


CLAUSES = (
    clause("MADE-001", Level.MUST),
    clause("MADE-002", Level.MUST, "a", "b"),
    clause("MADE-003", Level.SHOULD),
    clause("MADE-004", Level.FACT),
    clause("MADE-005", Level.MUST, needs=("choices.colour.red",)),
    replace(clause("MADE-006", Level.MUST), planned=True),
)
FINDING = Finding("SRC/.ref", "unlocked", "a shared lock", "no lock")
MUST, FAIL = Level.MUST, Verdict.FAIL


def case(label: str, case: str, level: Level, verdict: Verdict, **rest: object) -> CaseLine:
    line = CaseLine(Row("acme", label, case), level, verdict, nodeid=f"{label}-{case}", duration_s=0.5)
    if verdict is Verdict.FAIL:
        line = replace(line, expectation=Expectation.UNEXPECTED)
    return replace(line, **rest)  # type: ignore[arg-type]


CASES = (
    case("MADE-002", "b", MUST, FAIL, findings=(FINDING,), judged=True),
    case("MADE-001", "", MUST, Verdict.PASS, evidence="all is well", judged=True),
    case("MADE-002", "a", MUST, Verdict.INCONCLUSIVE, why="no gate here", mend="Use Linux 5.5."),
    case("MADE-003", "", Level.SHOULD, FAIL, findings=(FINDING, FINDING), judged=True),
    case("MADE-004", "", Level.FACT, Verdict.FACT, evidence="it is so", judged=True),
    case("MADE-005", "", MUST, Verdict.UNSUPPORTED, why="the adapter of acme offers no choices.colour.red"),
)


def record(*cases: CaseLine, offers: tuple[Offer, ...] = (ACME,), settings: Settings = SETTINGS) -> Record:
    """A finished run of `CLAUSES`; without arguments that of `CASES`."""
    lines = tuple(replace(line, n=number) for number, line in enumerate(cases or CASES, 1))
    due = tuple(
        Row(offer.name, one.id, case.name) for offer in offers for one in CLAUSES if one.due for case in one.cases
    )
    started = Started(
        harness={"pytest_vessel": "0.1.0", "pytest": "9.2.0"},
        environment={"kernel": "6.18", "uid": "0"},
        spec={"made": "sha256:" + 64 * "1"},
        implementations=offers,
        clauses=CLAUSES,
        due=due,
        settings=settings,
    )
    reasons = [line.reason for line in lines if line.reason]
    return Record(started, lines, Finished(not reasons, ", ".join(reasons), 1))
