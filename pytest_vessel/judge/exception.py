"""Declared exceptions: promises that an adapter says its implementation does not make. Pure."""

from __future__ import annotations

from pytest_vessel.clause import Catalogue, Clause
from pytest_vessel.errors import AdapterError
from pytest_vessel.judge.baseline import Expectation, Standing
from pytest_vessel.judge.offer import Offer
from pytest_vessel.judge.verdict import Decision, Verdict, not_applicable
from pytest_vessel.nearest import nearest
from pytest_vessel.row import label, unlabel


def declared(clause: Clause, case: str, offer: Offer) -> str:
    """The reason why this case is an exception; empty where it is none. That of the case goes before the clause's."""
    if not clause.may_declare:
        return ""
    return offer.exceptions.get(label(clause.id, case)) or offer.exceptions.get(clause.id, "")


def excepted(decision: Decision, reason: str) -> Decision:
    """What a declared exception makes of a decision: a fail does not apply, everything else stays."""
    return not_applicable(f"declared: {reason}") if reason and decision.verdict is Verdict.FAIL else decision


def stale_exception(decision: Decision, reason: str, clause: Clause, offer: Offer) -> Standing | None:
    """A declared exception that holds nevertheless is stale, until the adapter declares it no more."""
    if not reason or decision.verdict is not Verdict.PASS:
        return None
    where = f"[exceptions] of {offer.address or offer.name}"
    return Standing(Expectation.STALE, f"passes, though declared as an exception: delete {clause.id} from {where}")


def check_exceptions(offer: Offer, catalogue: Catalogue) -> None:
    """Refuse declarations that mean nothing.

    Raises:
        AdapterError: an exception names no clause or case, or a clause that nobody may except himself from.
    """
    for key in offer.exceptions:
        where = f"{offer.address or offer.name}: exceptions.{key}"
        clause_id, case = unlabel(key)
        may = [clause.id for clause in catalogue if clause.may_declare]
        if clause_id not in catalogue.ids:
            raise AdapterError(f"unknown clause {clause_id!r}", where=where, mend=nearest(clause_id, may))
        clause = catalogue[clause_id]
        if not clause.may_declare:
            mend = f"It may fail: take it out. Exceptions may be declared from {', '.join(may) or 'no clause'}."
            raise AdapterError(f"{clause_id} allows no exceptions", where=where, mend=mend)
        if case and case not in [one.name for one in clause.cases]:
            raise AdapterError(
                f"{clause_id} has no case {case!r}", where=where, mend=nearest(case, (one.name for one in clause.cases))
            )
