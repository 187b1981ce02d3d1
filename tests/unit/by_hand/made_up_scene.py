"""A made-up failing case, for the tests of what is made from one."""

from __future__ import annotations

from dataclasses import replace

from pytest_vessel import clause as clauses
from pytest_vessel.clause import Clause
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Finding, Verdict
from pytest_vessel.record.line import CaseLine
from pytest_vessel.record.scene import Call, Copies, Ground, Scene
from pytest_vessel.row import Row, unlabel

ACME = Offer("acme", "acme 1.0", "acme", "", ("run", "lock", "remove"))
ENVIRONMENT = {"HOME": "$WORK/home", "LANG": "C.UTF-8"}
ARGV = ("/opt/acme", "run", "$RUNTIME", "it's", "--", "/usr/libexec/vessel/probe", "talk", "n")
SCENE = Scene(
    calls=(
        Call("run", ARGV, ENVIRONMENT),
        Call("lock", ("/opt/acme", "lock", "$WORK/files/lock", "$PROBE", "talk", "n"), ENVIRONMENT),
        Call(
            "copy", ("/opt/acme", "copy", "$RUNTIME", "$PARENT", "/usr/libexec/vessel/probe", "talk", "n"), ENVIRONMENT
        ),
        Call("prepare", ("/opt/acme", "prepare", "$RUNTIME", "$PARENT"), ENVIRONMENT),
        Call("collect", ("/opt/acme", "collect", "$PARENT"), ENVIRONMENT),
        Call("remove", ("/opt/acme", "remove", "$RUNTIME"), ENVIRONMENT),
        Call("capture", ("/opt/acme", "capture", "$WORK/provider", "$WORK/work/links", "libz.so.1"), ENVIRONMENT),
    ),
    ground=Ground("merged-usr", "$WORK/runtimes/rt", "", "$RUNTIME", "$RUNTIME/.ref", ("/.ref", "/usr/.ref")),
    copies=Copies(
        "$WORK/parents/p", "$PARENT/.ref", "$PARENT/tmp-*", "$COPY/.ref", "$COPY/usr", "$COPY/over", "/overrides"
    ),
)
FINDING = Finding("SRC/.ref", "unlocked", "a shared lock", "no lock")


CLAUSES = clauses.load()


def clause_of(label: str) -> Clause:
    return CLAUSES[unlabel(label)[0]]


def failing(label: str, **changes: object) -> CaseLine:
    row = Row("acme", *unlabel(label))
    line = CaseLine(row, clause_of(label).level, Verdict.FAIL, findings=(FINDING,), judged=True, scene=SCENE)
    return replace(line, **changes)  # type: ignore[arg-type]


def labels() -> list[str]:
    """Every case that can fail: of all clauses that are due and have a verdict."""
    due = (one for one in CLAUSES if one.due and one.level is not clauses.Level.FACT)
    return [Row("", one.id, case.name).label for one in due for case in one.cases]
