"""What several deciders of this suite ask first. Pure."""

from __future__ import annotations

from pytest_vessel.conformance.overrides.seen import OVR
from pytest_vessel.conformance.overrides.seen_fdio import Made
from pytest_vessel.judge import Decision, fail, inconclusive
from pytest_vessel.observation.process import Start
from pytest_vessel.observation.tree import Kind, Tree, differences

__all__ = ["OVR", "not_captured", "not_laid", "not_made", "not_refused", "unlike"]


def not_laid(start: Start, tree: Tree | None) -> Decision | None:
    """A fail where the payload did not run, or its copy has no overrides folder."""
    if not start.ready:
        return fail("payload", "did-not-start", expected="the payload runs in a copy", observed=str(start))
    if tree is None:
        return fail(OVR, "absent", expected="a folder in the copy", observed="no such folder")
    return None


def not_captured(start: Start, tree: Tree | None, architecture: str) -> Decision | None:
    """The same, or a fail where no library came at all: then nothing is shown by one that stays away."""
    if refusal := not_laid(start, tree):
        return refusal
    assert tree is not None
    if not any(entry.folder == f"lib/{architecture}" for entry in tree.of_kind(Kind.LINK)):
        return fail(OVR, "nothing-captured", expected="a link to what the runtime lacks", observed=str(tree))
    return None


def not_refused(start: Start, when: str = "") -> Decision | None:
    """A fail where a start that did not run ends in another way than with a message and a status."""
    if start.ending is not None and start.ending.refused:
        return None
    wanted = "a status that is not zero, and a message"
    return fail("launcher", "no-clear-error", expected=wanted, observed=f"{when}{start}")


def unlike(wanted: Tree, seen: Tree) -> str:
    """A line for each entry that differs, with its mark."""
    return "\n".join(differences(wanted, seen))


def not_made(made: Made) -> Decision | None:
    """A fail where there is no copy with overrides; no decision is possible where its making was not seen whole."""
    if not made.ending.succeeded:
        return fail("launcher", "did-not-prepare", expected="a copy is made", observed=str(made.ending))
    if not made.entries:
        return fail(OVR, "absent", expected="a folder with overrides in the copy", observed="nothing")
    return None if made.seen_whole else inconclusive("the log of its system calls has gaps")
