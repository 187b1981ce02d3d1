"""Deciders of captures. Pure: what is right comes with the record, from how the roots were built or from the loader."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_vessel.conformance.overrides.seen_capture import Capture
from pytest_vessel.judge import Decision, Finding, decides, fail, failed, passed


@decides("OVER-007", "OVER-040", "OVER-041", "OVER-042", "OVER-043", "OVER-044")
def captured_what_is_due(seen: Capture) -> Decision:
    """Source: OVER-007, OVER-040 to OVER-044. What cannot be had is refused, by a status and a message."""
    if seen.witness is not None and not (seen.witness.ending.succeeded and seen.witness.links == seen.witness.wanted):
        expected = "it links a library of the same provider that can be had"
        return fail("capture", "captures-nothing", expected=expected, observed="no such link, whatever it is asked for")
    if seen.wanted is None:
        return _refused(seen)
    if not seen.ending.succeeded:
        return fail("capture", "failed", expected="status 0", observed=str(seen.ending))
    if differences := list(_differences(seen)):
        return failed(*differences)
    taken = ", ".join(link.name for link in seen.wanted)
    return passed(f"linked {taken}, and nothing else" if taken else "linked nothing, as is due")


@decides("OVER-044[nothing-left]")
def nothing_is_left_of_what_failed(seen: Capture) -> Decision:
    """Source: OVER-044. That it fails is looked at first: else there is nothing that could be left."""
    refused = captured_what_is_due(seen)
    if refused.findings or seen.links is None:
        return refused
    left = f"{len(seen.links)} links" if seen.links else "an empty folder"
    return fail("DEST", "left-behind", expected="nothing is left of a capture that failed", observed=left)


def _refused(seen: Capture) -> Decision:
    if seen.ending.refused and seen.ending.signal is None:
        return passed(f"refused: {seen.ending}")
    links = "nothing" if seen.links is None else ", ".join(link.name for link in seen.links) or "an empty folder"
    observed = f"{seen.ending}; at DEST: {links}"
    code = "not-refused" if seen.ending.succeeded else "unclear-error"
    return fail("capture", code, expected="it fails with a message: not all can be had", observed=observed)


def _differences(seen: Capture) -> Iterator[Finding]:
    """What is missing, what leads elsewhere, what nobody asked for: one finding for each name."""
    wanted = {link.name: link.target for link in seen.wanted or ()}
    links = {link.name: link.target for link in seen.links or ()}
    for name in sorted(wanted.keys() - links.keys()):
        yield Finding(f"DEST/{name}", "not-captured", wanted[name], "no link")
    for name in sorted(links.keys() - wanted.keys()):
        yield Finding(f"DEST/{name}", "captured-unasked", "no link", links[name])
    for name in sorted(links.keys() & wanted.keys()):
        if links[name] != wanted[name]:
            yield Finding(f"DEST/{name}", "leads-elsewhere", wanted[name], links[name] or "no link, but something else")
