"""Deciders of section A: aliases, and the loader's configuration."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_laid
from pytest_vessel.judge import Decision, decides, fail, passed


@decides("OVER-014")
def aliases_lead_to_libraries(seen: s.Aliases) -> Decision:
    """Source: OVER-014. The wording about one whose library is missing is not judged."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    for alias, wanted in seen.wanted.items():
        lead = seen.leads.get(alias)
        if not _same(lead, wanted):
            expected = f"{alias} is {wanted or 'not there'}"
            return fail(OVR, "alias", expected=expected, observed=f"it is {lead or 'not there'}; {seen.tree}")
    return passed("; ".join(f"{alias} is {seen.leads.get(alias) or 'not there'}" for alias in seen.wanted))


def _same(lead: s.Lead | None, wanted: s.Lead | None) -> bool:
    """Files of the runtime have other paths in a copy: whose they are, and their names, must agree."""
    if lead is None or wanted is None:
        return lead is wanted
    return lead.origin is wanted.origin and lead.file.rpartition("/")[2] == wanted.file.rpartition("/")[2]


@decides("OVER-019[configuration]")
def overrides_are_configured_first(seen: s.Configuration) -> Decision:
    """Source: OVER-019; ldconfig(8)."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    if not any(seen.ours):
        return fail("ld.so.conf", "no-line", expected="the overrides' folder", observed=_joined(seen.lines))
    own = tuple(line for line in seen.lines if line in seen.runtime)
    if own != seen.runtime:
        wanted = f"all lines of the runtime, in their order: {_joined(seen.runtime)}"
        return fail("ld.so.conf", "lines-lost", expected=wanted, observed=_joined(seen.lines))
    if seen.ours.index(True) > seen.lines.index(seen.runtime[0]):
        wanted = "the overrides' folder before the lines of the runtime"
        return fail("ld.so.conf", "order", expected=wanted, observed=_joined(seen.lines))
    return passed(_joined(seen.lines))


def _joined(lines: tuple[str, ...]) -> str:
    return ", ".join(lines) or "no line"
