"""Deciders of section A: whose C library a container gets."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_captured, not_laid, not_refused
from pytest_vessel.judge import Decision, decides, fail, passed


@decides("OVER-009", "OVER-008[libc]")
def older_libc_stays_away(seen: s.Libc) -> Decision:
    """Source: OVER-009; and OVER-008, since a rule for libc is not heeded."""
    if refusal := not_captured(seen.start, seen.tree, seen.architecture):
        return refusal
    if taken := [name for name in seen.family if _captured(seen, name)]:
        observed = f"{', '.join(taken)} among the overrides"
        return fail(OVR, "older-libc", expected="the runtime's newer C library stays", observed=observed)
    if strange := _not_of(seen, s.Origin.RUNTIME):
        return fail("libc data", "redirected", expected="the runtime's data with its C library", observed=strange)
    return passed(f"no {', '.join(seen.family)} among the overrides; {', '.join(seen.data)} are the runtime's")


@decides("OVER-010")
def libc_comes_with_its_family(seen: s.Libc) -> Decision:
    """Source: OVER-010. Parts of two builds do not work with each other."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    absent = [name for name in seen.family if not _captured(seen, name)]
    if absent:
        observed = f"no {', '.join(absent)} among the overrides"
        return fail(OVR, "half-a-libc", expected=f"all {len(seen.family)} libraries of glibc", observed=observed)
    if strange := _not_of(seen, s.Origin.PROVIDER):
        return fail("libc data", "not-redirected", expected="the provider's data with its C library", observed=strange)
    return passed(f"{len(seen.family)} libraries of glibc; {', '.join(seen.data)} are the provider's")


def _captured(seen: s.Libc, name: str) -> bool:
    place = f"lib/{seen.architecture}/{name}"
    return any(entry.path == place for entry in (seen.tree.entries if seen.tree else ()))


def _not_of(seen: s.Libc, origin: s.Origin) -> str:
    """What of the data is somebody else's."""
    return ", ".join(f"{path} is {lead}" for path, lead in seen.data.items() if lead.origin is not origin)


@decides("OVER-011")
def missing_loader_is_told(seen: s.Refused) -> Decision:
    """Source: OVER-011. Wording is not judged."""
    if seen.start.ready:
        observed = "the payload runs"
        return fail("payload", "started", expected="no start with a C library that has no loader", observed=observed)
    return not_refused(seen.start) or passed(str(seen.start.ending))
