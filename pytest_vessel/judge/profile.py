"""Profiles: which sets of clauses an implementation keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pytest_vessel.clause import Case, Clause, Level
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Verdict
from pytest_vessel.row import label


class State(StrEnum):
    """What can be said of one profile."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not conformant"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Profile:
    """The state of one profile.

    Attributes:
        because: the cases that keep it from being conformant, each as `LOCK-019[fifo]`.
        without: MUST cases that are unsupported only for want of a choice; they do not count.
        passed: how many MUST cases passed.
        of: how many MUST cases there are.
        offered: whether the implementation offers what any of them needs; state `undecided` where it does not.
    """

    name: str
    state: State
    because: tuple[str, ...]
    without: tuple[str, ...]
    passed: int
    of: int
    offered: bool = True


def profiles(
    clauses: Sequence[Clause], verdicts: Mapping[tuple[str, str], Verdict], offer: Offer
) -> tuple[Profile, ...]:
    """All profiles of these clauses, in their order.

    Args:
        clauses: the catalogue; planned and retired clauses are part of no profile.
        verdicts: by clause id and case name; a missing one counts as `not_run`.
        offer: what the implementation offers.
    """
    due = [(clause, case) for clause in clauses if clause.due for case in clause.cases]
    members: dict[str, list[tuple[Clause, Case]]] = {}
    for clause, case in due:
        members.setdefault(clause.profile_of(case.name), []).append((clause, case))
    return tuple(_profile(name, cases, verdicts, offer) for name, cases in members.items())


def _profile(
    name: str, cases: Sequence[tuple[Clause, Case]], verdicts: Mapping[tuple[str, str], Verdict], offer: Offer
) -> Profile:
    fails, open_, without, passed, total, lacking = [], [], [], 0, 0, 0
    for clause, case in cases:
        if clause.level is not Level.MUST:
            continue
        total += 1
        verdict = verdicts.get((clause.id, case.name), Verdict.NOT_RUN)
        lacking += verdict is Verdict.UNSUPPORTED
        if verdict is Verdict.PASS:
            passed += 1
        elif verdict is Verdict.FAIL:
            fails.append(label(clause.id, case.name))
        elif verdict is Verdict.UNSUPPORTED and _wants_a_choice_only(case, offer):
            without.append(label(clause.id, case.name))
        elif verdict is not Verdict.NOT_APPLICABLE:
            open_.append(label(clause.id, case.name))
    state = State.NOT_CONFORMANT if fails else State.UNDECIDED if open_ or not passed else State.CONFORMANT
    return Profile(name, state, tuple(fails or open_), tuple(without), passed, total, lacking < total)


def _wants_a_choice_only(case: Case, offer: Offer) -> bool:
    missing = [need for need in case.needs if not offer.meets(need)]
    return bool(missing) and all(need.startswith("choices.") for need in missing)
