"""Deciders of section A: whose copy of a library a container gets."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_captured, not_laid
from pytest_vessel.judge import Decision, decides, fail, passed

RUNTIME = "COPY"
"""What findings call the runtime's own files in a copy."""


@decides("OVER-006")
def newer_version_wins(seen: s.Choice) -> Decision:
    """Source: OVER-006; capture rules 6 and 7. Of two that are equal the provider's is taken."""
    if refusal := not_captured(seen.start, seen.tree, seen.architecture):
        return refusal
    target, versions = _overridden(seen), _versions(seen)
    if seen.runtime <= seen.provider:
        if target is None:
            return fail(OVR, "no-link", expected=f"the provider's, {versions}", observed=f"no {seen.soname}")
        return passed(f"the provider's, {versions}")
    if target is not None:
        return fail(OVR, "older-taken", expected="no override", observed=f"{seen.soname} -> {target}, {versions}")
    if seen.kept.origin is not s.Origin.RUNTIME:
        return fail(RUNTIME, "lost", expected=f"the runtime's {seen.soname} stays", observed=f"it is {seen.kept}")
    return passed(f"the runtime's, {versions}")


@decides("OVER-008")
def rule_of_the_runtime_is_heeded(seen: s.Choice) -> Decision:
    """Source: OVER-008; capture rule 6."""
    if refusal := not_captured(seen.start, seen.tree, seen.architecture):
        return refusal
    target, versions = _overridden(seen), _versions(seen)
    if (target is not None) != (seen.rule == "provider"):
        observed = f"{target or 'no override'}, {versions}"
        return fail(OVR, "rule-ignored", expected=f"the {seen.rule}'s copy, whatever its version", observed=observed)
    return passed(f"the {seen.rule}'s copy, as the runtime's rule says, {versions}")


def _overridden(seen: s.Choice) -> str | None:
    """Where its link among the overrides leads, if there is one."""
    return seen.tree.links.get(f"lib/{seen.architecture}/{seen.soname}") if seen.tree else None


def _versions(seen: s.Choice) -> str:
    return f"{_dotted(seen.provider)} against {_dotted(seen.runtime)} of the runtime"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


@decides("OVER-012")
def runtime_does_not_shadow(seen: s.Loads) -> Decision:
    """Source: OVER-012. It is the container's loader that says what shadows what."""
    if refusal := not_laid(seen.start, seen.tree) or _not_loaded(seen):
        return refusal
    if seen.kept.origin is not s.Origin.RUNTIME:
        wanted = "a library of the runtime that is not overridden stays as it is"
        return fail(RUNTIME, "lost", expected=wanted, observed=f"it is {seen.kept}")
    return passed(f"{_taken(seen)}; what is not overridden is the runtime's")


@decides("OVER-013", "OVER-019", "OVER-025")
def needs_are_found(seen: s.Loads) -> Decision:
    """Source: OVER-013, 019, 025. Files are known by device and inode."""
    return not_laid(seen.start, seen.tree) or _not_loaded(seen) or passed(_taken(seen))


def _not_loaded(seen: s.Loads) -> Decision | None:
    """A fail where the loader takes something else."""
    if not seen.listing.succeeded:
        wanted = "the container's loader finds everything"
        return fail("loader", "not-found", expected=wanted, observed=f"{seen.listing} {seen.listing.output}".strip())
    for name, origin in seen.wanted.items():
        lead = seen.loads.get(name)
        if lead is None or lead.origin is not origin:
            wanted = f"the loader takes {origin} {name}"
            return fail("loader", "wrong-copy", expected=wanted, observed=f"it takes {lead or 'none'}")
    return None


def _taken(seen: s.Loads) -> str:
    return "; ".join(f"the loader takes {seen.loads[name]}" for name in seen.wanted)


@decides("OVER-021")
def nothing_without_a_provider(seen: s.Bare) -> Decision:
    """Source: OVER-021."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    assert seen.tree is not None
    if seen.tree.entries:
        return fail(OVR, "not-empty", expected="an empty folder", observed=str(seen.tree))
    if seen.variables:
        observed = ", ".join(f"{name}={value}" for name, value in seen.variables.items())
        return fail("payload", "driver-variable", expected="no driver variable", observed=observed)
    return passed("the folder is empty, and no driver variable is set")
