"""`report.json`: one row for each clause and implementation, also for what did not run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pytest_vessel.clause import Clause, Level
from pytest_vessel.judge.baseline import worst_expectation
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.profile import Profile
from pytest_vessel.judge.verdict import Verdict, worst
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.report.by_hand import Script, script_of
from pytest_vessel.report.control import clause_control, shown_control
from pytest_vessel.report.reproduce import reproduce
from pytest_vessel.report.terminal import profiles_of
from pytest_vessel.row import Row

SCHEMA = 1

Json = dict[str, Any]


def document(record: Record) -> Json:
    """The whole report, as `fixtures/schemas/report.json` describes it."""
    started, finished = record.started, record.finished
    return {
        "schema": SCHEMA,
        "spec": dict(started.spec),
        "complete": finished.complete,
        "incomplete_because": finished.incomplete_because or None,
        "exit_status": finished.exit_status,
        "harness": {
            "version": started.harness.get("pytest_vessel", ""),
            "pytest": started.harness.get("pytest", ""),
        },
        "seed": started.seed,
        "environment": dict(started.environment),
        "implementations": [_implementation(record, offer) for offer in started.implementations],
    }


def _implementation(record: Record, offer: Offer) -> Json:
    due = [clause for clause in record.started.clauses if clause.due]
    facts = {row.label: _fact(record.by_row.get(row)) for row in _fact_rows(offer, due)}
    return {
        "name": offer.name,
        "version": offer.version,
        "address": offer.address,
        "binary_digest": offer.binary_digest,
        "profiles": {profile.name: _profile(profile) for profile in profiles_of(record, offer)},
        "facts": facts,
        "planned": [clause.id for clause in record.started.clauses if clause.planned],
        "clauses": [_clause(record, offer, clause) for clause in due if clause.level is not Level.FACT],
    }


def _fact_rows(offer: Offer, clauses: Sequence[Clause]) -> list[Row]:
    facts = (clause for clause in clauses if clause.level is Level.FACT)
    return [Row(offer.name, clause.id, case.name) for clause in facts for case in clause.cases]


def _fact(case: CaseLine | None) -> str | None:
    return case.evidence if case and case.verdict is Verdict.FACT else None


def _profile(profile: Profile) -> Json:
    return {
        "state": str(profile.state),
        "because": list(profile.because),
        "without_choice": list(profile.without),
        "passed": profile.passed,
        "of": profile.of,
    }


def _clause(record: Record, offer: Offer, clause: Clause) -> Json:
    rows = [Row(offer.name, clause.id, case.name) for case in clause.cases]
    cases = [record.by_row.get(row) or _not_chosen(row, clause) for row in rows]
    verdict = worst(case.verdict for case in cases)
    apart = len(record.started.implementations) > 1
    shown = [_case(case, clause, _script(case, clause, offer, apart=apart)) for case in cases]
    return {
        "id": clause.id,
        "level": str(clause.level),
        "verdict": str(verdict),
        "expectation": str(worst_expectation(case.expectation for case in cases)),
        "control": str(clause_control(cases, clause)),
        "cases": shown,
        "reproduce": reproduce(record.started.settings, offer, clause.id, _only_case(cases)),
        "by_hand": next((row["by_hand"] for row in shown if row["by_hand"]), None),
    }


def _not_chosen(row: Row, clause: Clause) -> CaseLine:
    why = "not chosen by --vessel-suite or --vessel-clause"
    return CaseLine(row, clause.level, Verdict.NOT_RUN, why=why, reason="deselected")


def _only_case(cases: Sequence[CaseLine]) -> str:
    """The case to reproduce: the one that is not well where exactly one is, all of them otherwise."""
    bad = [case.row.case for case in cases if case.verdict in (Verdict.FAIL, Verdict.ERROR)]
    return bad[0] if len(bad) == 1 else ""


def _script(case: CaseLine, clause: Clause, offer: Offer, *, apart: bool) -> Script:
    return script_of(case, clause, offer, apart=apart) if case.verdict is Verdict.FAIL else Script()


def _explored(observation: object) -> Json:
    """What an exploring clause has seen says so itself (`observation.exploration`)."""
    seen = observation if isinstance(observation, dict) and {"done", "of", "breaches"} <= observation.keys() else {}
    return {"done": seen.get("done", 0), "of": seen.get("of", 0)}


def _case(case: CaseLine, clause: Clause, script: Script) -> Json:
    control = shown_control(case, clause)
    return {
        "name": case.row.case,
        "verdict": str(case.verdict),
        "evidence": case.evidence,
        "findings": [
            {"where": one.where, "class": one.code, "expected": one.expected, "observed": one.observed}
            for one in case.findings
        ],
        "why": case.why,
        "mend": case.mend or None,
        "expectation": str(case.expectation),
        "note": case.note or None,
        "tolerated": case.tolerated,
        "control": {**asdict(control), "state": str(control.state)},
        "explored": _explored(case.observation),
        "duration_s": case.duration_s,
        "record": case.n or None,
        "by_hand": script.path or None,
        "by_hand_because": script.because or None,
    }
