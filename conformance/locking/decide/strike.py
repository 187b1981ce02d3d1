"""Deciders of section D: the copy's lock when processes of the implementation are ended."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen_handover as s
from pytest_vessel.conformance.locking.decide.common import not_started, unprotected
from pytest_vessel.conformance.locking.seen import COPY_REF
from pytest_vessel.judge import Decision, decides, fail, not_applicable, passed


@decides("LOCK-046", "LOCK-048", "LOCK-053")
def what_lives_on_is_protected(seen: s.Strikes) -> Decision:
    """Source: LOCK-046, 048, 053. A payload that ends with the process and one that lives on locked are both right."""
    if refusal := not_started(seen.start) or unprotected(seen.before, where=COPY_REF):
        return refusal
    if seen.missing:
        return not_applicable(seen.missing)
    for strike in seen.strikes:
        if refusal := _unprotected(seen.victim, strike):
            return refusal
    return passed("; ".join(dict.fromkeys(_outcome(seen.victim, strike) for strike in seen.strikes)))


def _unprotected(victim: str, strike: s.Strike) -> Decision | None:
    if not strike.lives:
        return None
    when = f"while the payload lives on after {strike.signal} to the {victim}"
    if refusal := unprotected(strike.locks, when, where=COPY_REF):
        return refusal
    if strike.cleaned is not None and strike.cleaned.lost:
        observed = f"clean-up deleted {strike.cleaned.lost} of its {strike.cleaned.total} files"
        return fail("COPY", "deleted-in-use", expected="a copy in use stays whole", observed=observed)
    return None


def _outcome(victim: str, strike: s.Strike) -> str:
    what = f"{strike.signal} to the {victim}"
    if not strike.lives:
        return f"{what}: the payload ended"
    kept = ", and clean-up kept the copy" if strike.cleaned is not None else ""
    return f"{what}: the payload lives on under its lock{kept}"


@decides("LOCK-047")
def nothing_stays_of_a_killed_launcher(seen: s.Abandoned) -> Decision:
    """Source: LOCK-047. The time is recorded, not judged."""
    if refusal := not_started(seen.start):
        return refusal
    if seen.missing:
        return not_applicable(seen.missing)
    if not seen.ended:
        return fail("payload", "lives-on", expected="it ends with the launcher", observed="it lives on")
    if not seen.freed:
        return fail(COPY_REF, "never-freed", expected="free without any act of others", observed="still locked")
    took = "within 1 s" if seen.after_s <= 1 else f"{seen.after_s:.1f} s"
    return passed(f"payload gone and lock free {took} after SIGKILL to the launcher")
