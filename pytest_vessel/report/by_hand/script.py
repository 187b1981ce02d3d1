"""The script of one failing case: where it lies and what it says, or why there is none. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_vessel.clause import Clause
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.record.line import CaseLine, Record
from pytest_vessel.report.by_hand.fragments import functions_for, scene
from pytest_vessel.report.by_hand.ground import assignments, ground, started, verbs
from pytest_vessel.report.by_hand.scenario import Scenario
from pytest_vessel.report.by_hand.table import scenario_of
from pytest_vessel.report.by_hand.words import Unspeakable, comment

FOLDER = "by_hand"
PROBE, SOURCE = "probe", "probe.c"
"""What lies beside the scripts."""


@dataclass(frozen=True)
class Script:
    """What there is for one failing case: `text` where it can be shown by hand, `because` where it cannot.

    `path` is relative to the report's folder.
    """

    path: str = ""
    text: str = ""
    because: str = ""


def scripts_of(record: Record) -> Iterator[tuple[CaseLine, Script]]:
    """Each failing case of a run with its script."""
    offers = {offer.name: offer for offer in record.started.implementations}
    for case in record.cases:
        if case.verdict is Verdict.FAIL:
            clause, offer = record.started.clause(case.row.clause), offers[case.row.implementation]
            yield case, script_of(case, clause, offer, record.started.environment, apart=len(offers) > 1)


def script_of(
    case: CaseLine, clause: Clause, offer: Offer, machine: Mapping[str, str] | None = None, *, apart: bool = False
) -> Script:
    """The script that shows what the findings of a case say.

    Args:
        machine: `kernel`, `system` and `machine` of the run, for the head.
        apart: whether there are several implementations, each with a folder of its own.
    """
    scenario = scenario_of(case.row)
    if isinstance(scenario, str):
        return Script(because=scenario)
    if case.scene is None or started(case.scene, scenario.verb) is None:
        return Script(because=f"the record does not say how {scenario.verb!r} was started")
    name = f"{case.row.clause}-{case.row.case}" if case.row.case else case.row.clause
    path = "/".join([FOLDER, *([offer.name] if apart else []), f"{name}.sh"])
    try:
        return Script(path, _text(case, clause, offer, machine or {}, scenario))
    except Unspeakable as problem:
        return Script(because=str(problem))


def _text(case: CaseLine, clause: Clause, offer: Offer, machine: Mapping[str, str], scenario: Scenario) -> str:
    assert case.scene is not None
    action = scene(scenario.scene)
    tested = started(case.scene, scenario.verb)
    if _traces(action) and tested is not None and tested.read_only:
        raise Unspeakable("strace and a read-only mount at once are more than these scripts can do")
    values = {**scenario.values, **(scenario.of_seen(case.observation) if case.observation else {})}
    body = [
        *assignments(case.scene, scenario, values),
        *verbs(case.scene, scenario),
        *ground(case.scene, scenario),
        "",
        action.rstrip(),
    ]
    start = ["umask 022", "WORK=$(mktemp -d) || exit 2", "trap leave EXIT", "trap 'exit 2' HUP INT TERM"]
    start += ['case $WORK in *[!A-Za-z0-9/._-]*) cannot "TMPDIR has an unusual name: $WORK" ;; esac']
    functions = functions_for("\n".join([*start, *_needs(action), *body]))
    return "\n".join(
        [
            *_head(case, clause, offer, machine),
            "",
            "set -u",
            'PROBE=${PROBE:-$(cd "$(dirname "$0")" && pwd)/probe}',
            "",
            *"\n\n".join(functions).split("\n"),
            "",
            *_needs(action),
            *start,
            *body,
            "",
        ]
    )


def _needs(action: str) -> list[str]:
    lines = ['[ -x "$PROBE" ] || cannot "no probe at $PROBE: cc -O2 -static -nostdlib -ffreestanding ... probe.c"']
    if _traces(action):
        lines.append("needs strace strace")
    return lines


def _traces(action: str) -> bool:
    return any(word in action for word in ("strace", "traced", "watched"))


def _head(case: CaseLine, clause: Clause, offer: Offer, machine: Mapping[str, str]) -> Iterator[str]:
    yield "#!/bin/sh"
    yield from comment(f"{case.row.label} ({clause.level}): {clause.sentence}")
    yield "#"
    yield from comment(f"Source: {clause.source}")
    on = ", ".join(filter(None, (machine.get("system"), machine.get("machine"), machine.get("kernel"))))
    yield from comment(f"Seen with {offer.version or offer.name}" + (f" on {on}:" if on else ":"))
    for finding in case.findings:
        yield from comment(f"expected: {finding.where}: {finding.expected}", indent="#   ")
        yield from comment(f"observed: {finding.where}: {finding.observed}", indent="#   ")
    yield "#"
    yield "# Status 1: the failure shows here too. 0: it does not. 2: this machine cannot decide. Nothing stays behind."
    yield "# It needs this file and `probe` beside it: a static program, the payload (its source: `probe.c`)."
