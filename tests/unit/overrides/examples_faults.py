"""Examples for the deciders of section E: set-ups in which something failed."""

from __future__ import annotations

from dataclasses import replace

from examples_world import FAILED, RUNS, TREE

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.judge import Verdict
from pytest_vessel.observation.exploration import Breach, Exploration, Move, Point
from pytest_vessel.observation.process import Ending, Start
from pytest_vessel.observation.tree import Tree

EXPLORED = Exploration(21, 18, 18, 0, ())
SCHEDULE = (Move("set-up", Point("symlinkat", "OVR/lib/a")), Move("set-up", answer="ENOSPC"))
ENOUGH = s.Attempt(9, RUNS, TREE)
SWEPT = s.Sweep(TREE, (s.Attempt(8, FAILED, None), ENOUGH))
EXPLORING = ("OVER-091", "OVER-092", "OVER-093[ENOSPC]", "OVER-094[killed]", "OVER-095")


def broken(code: str) -> Exploration:
    return replace(EXPLORED, breaches=(Breach(SCHEDULE, code, "it runs without a link"),))


GOOD = [("OVER-090", SWEPT), *((case_id, EXPLORED) for case_id in EXPLORING)]

BAD = [
    ("OVER-090", replace(SWEPT, attempts=(*SWEPT.attempts, replace(ENOUGH, tree=Tree(())))), "incomplete"),
    ("OVER-090", replace(SWEPT, attempts=(replace(ENOUGH, tree=None),)), "incomplete"),
    (
        "OVER-090",
        replace(SWEPT, attempts=(s.Attempt(8, Start(False, ending=Ending(1)), None), ENOUGH)),
        "no-clear-error",
    ),
    ("OVER-090", replace(SWEPT, attempts=(s.Attempt(8, Start(False), None), ENOUGH)), "no-clear-error"),
    ("OVER-091", broken("unnamed"), "unnamed"),
    ("OVER-092", broken("lock-stays"), "lock-stays"),
    ("OVER-093[ENOSPC]", broken("incomplete"), "incomplete"),
    ("OVER-094[does-nothing]", broken("incomplete"), "incomplete"),
    ("OVER-095", broken("litter"), "litter"),
]

UNDECIDED = [
    ("OVER-090", replace(SWEPT, attempts=(ENOUGH,)), Verdict.INCONCLUSIVE),
    ("OVER-090", replace(SWEPT, attempts=SWEPT.attempts[:1]), Verdict.INCONCLUSIVE),
    ("OVER-093[EMFILE]", replace(EXPLORED, calls=0), Verdict.INCONCLUSIVE),
    ("OVER-095", replace(EXPLORED, missed=18), Verdict.INCONCLUSIVE),
]
