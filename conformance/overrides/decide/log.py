"""Deciders of section D: logs that are short, and that can be compared."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen_log as s
from pytest_vessel.conformance.overrides.decide.common import not_made
from pytest_vessel.judge import Decision, decides, fail, passed

MOST_MENTIONS = 10


@decides("OVER-080")
def overrides_have_a_short_name(seen: s.Log) -> Decision:
    """Source: OVER-080."""
    if refusal := not_made(seen.made) or _silent(seen):
        return refusal
    if seen.overrides:
        wanted = "paths in the overrides folder are relative to it"
        return fail("log", "absolute-path", expected=wanted, observed=f"a line says {seen.overrides[0]!r}")
    return passed(f"{seen.lines} lines without the absolute path of the folder")


@decides("OVER-083")
def copy_is_named(seen: s.Log) -> Decision:
    """Source: OVER-083."""
    if refusal := not_made(seen.made) or _silent(seen):
        return refusal
    if not seen.copy:
        return fail("log", "copy-unnamed", expected="the path of the copy", observed=f"{seen.lines} lines without it")
    return passed(f"a line says {seen.copy[0]!r}")


def _silent(seen: s.Log) -> Decision | None:
    return None if seen.lines else fail("log", "empty", expected="lines that tell what is done", observed="none")


@decides("OVER-081")
def logs_are_alike(seen: s.Compared) -> Decision:
    """Source: OVER-081."""
    if refusal := not_made(seen.first) or not_made(seen.second):
        return refusal
    if seen.differences:
        observed = " | ".join(seen.differences)
        return fail("log", "differs", expected="the same lines in both runs", observed=observed)
    return passed(f"the same {seen.lines} lines in both runs")


@decides("OVER-082")
def parent_is_seldom_named(seen: s.Lengthened) -> Decision:
    """Source: OVER-082. By how much the log grows with the path, not by counting: a path can be split."""
    if refusal := not_made(seen.short) or not_made(seen.long):
        return refusal
    short, long = seen.log_sizes
    mentions = (long - short) / seen.further
    if mentions > MOST_MENTIONS:
        return fail("log", "long-path", expected=f"{MOST_MENTIONS} mentions at most", observed=f"{mentions:.1f}")
    return passed(f"{long - short} characters more for {seen.further} in the path: {mentions:.1f} mentions")
