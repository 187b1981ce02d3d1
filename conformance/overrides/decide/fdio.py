"""Deciders of section C: which names of the overrides folder, and of what is in there, the system calls used."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen_fdio as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_made
from pytest_vessel.judge import Decision, decides, fail, inconclusive, not_applicable, passed


@decides("OVER-060")
def helpers_have_no_absolute_name(seen: s.Helpers) -> Decision:
    """Source: OVER-060. Paths like /proc/self/fd/N are none: nobody can put another folder there."""
    if refusal := not_made(seen.made):
        return refusal
    if seen.told:
        observed = f"{len(seen.told)} arguments: {'; '.join(seen.told[:3])}"
        return fail("helper", "told-absolute", expected=f"no absolute path of {OVR}", observed=observed)
    if seen.named.count:
        return fail("helper", "named-absolute", expected=f"no absolute path of {OVR}", observed=str(seen.named))
    if not seen.programs:
        return not_applicable("no helper program was executed")
    return passed(f"none of {', '.join(seen.programs)} was told or used it")


@decides("OVER-061")
def current_folder_is_left_alone(seen: s.Beside) -> Decision:
    """Source: OVER-061."""
    if seen.changed:
        observed = f"gone, or something is in there: {', '.join(seen.changed)}"
        return fail("current folder", "changed", expected="its folders stay, and stay empty", observed=observed)
    if refusal := not_made(seen.made):
        return refusal
    if seen.named.count:
        wanted = f"no call from there names {', '.join(seen.names)}"
        return fail("current folder", "named", expected=wanted, observed=str(seen.named))
    return passed(f"{len(seen.names)} folders stayed empty, and no call named one from there")


@decides("OVER-062")
def lookups_grow_slowly(seen: s.Growth) -> Decision:
    """Source: OVER-062. One walk over everything looks each entry up once; what is looked up again, grows by none."""
    if refusal := not_made(seen.small.made) or not_made(seen.large.made):
        return refusal
    entries = (seen.large.made.entries or 0) - (seen.small.made.entries or 0)
    if entries < 1:
        return inconclusive(f"the larger provider gave {entries} entries more")
    lookups = seen.large.lookups - seen.small.lookups
    if lookups > entries:
        return fail(
            OVR,
            "many-lookups",
            expected=f"{entries} more at most for {entries} entries more",
            observed=f"{lookups} more",
        )
    grown = [
        f"{path}: {seen.small.repeats.get(path, 1)}, then {count}"
        for path, count in seen.large.repeats.items()
        if count > seen.small.repeats.get(path, 1)
    ]
    if grown:
        wanted = "no path is looked up more often where there are more entries"
        return fail(OVR, "repeated-lookups", expected=wanted, observed="; ".join(sorted(grown)[:3]))
    return passed(f"{lookups} absolute look-ups more for {entries} entries more")


@decides("OVER-063")
def nothing_is_changed_by_absolute_names(seen: s.Changed) -> Decision:
    """Source: OVER-063. Making the folder itself is not below it."""
    if refusal := not_made(seen.made):
        return refusal
    if seen.uses.count:
        return fail("launcher", "absolute-name", expected=f"no change below {OVR} by one", observed=str(seen.uses))
    return passed(f"{seen.made.entries} entries, and no call that changes something has an absolute name of one")


@decides("OVER-064")
def folder_is_opened_once(seen: s.Opened) -> Decision:
    """Source: OVER-064. Duplicates of a descriptor refer to the same description."""
    if refusal := not_made(seen.made[0]) or not_made(seen.made[1]):
        return refusal
    first, second = seen.descriptors
    observed = f"descriptors {list(first.numbers)}, in another run {list(second.numbers)}"
    if len(first.numbers) != 1 or len(second.numbers) != 1:
        return fail(OVR, "not-opened-once", expected="it is opened once", observed=observed)
    if not (first.early and second.early):
        return fail(OVR, "opened-late", expected="it is opened before anything is made in it", observed=observed)
    if first != second:
        return fail(OVR, "another-number", expected="the same number in each run", observed=observed)
    return passed(f"opened once, as descriptor {first.numbers[0]}, in both runs")


@decides("OVER-065", "OVER-066")
def entries_land_in_what_was_opened(seen: s.Swapped) -> Decision:
    """Source: OVER-065, 066."""
    if not seen.held:
        return inconclusive(f"no call that makes something in {OVR}/{seen.part} was seen")
    strays = [str(one) for one in (seen.decoy.entries if seen.decoy else ()) if one.path.split("/")[0] == seen.part]
    if strays:
        observed = f"in the other: {', '.join(strays[:5])}"
        return fail(f"{OVR}/{seen.part}", "diverted", expected="all in the folder that was opened", observed=observed)
    if seen.ending.refused:
        return passed(f"swapped before {seen.held}: {seen.ending}")
    if not seen.ending.succeeded:
        return fail("launcher", "silent", expected="success, or an error that says why", observed=str(seen.ending))
    landed = [one for one in (seen.opened.entries if seen.opened else ()) if one.path.startswith(f"{seen.part}/")]
    if not (seen.opened and any(one.text for one in landed)):
        return fail(
            f"{OVR}/{seen.part}", "lost", expected="all in the folder that was opened", observed="nothing there"
        )
    return passed(f"swapped before {seen.held}: {len(landed)} entries landed in the one that was opened")


@decides("OVER-067")
def links_are_not_followed(seen: s.Diverted) -> Decision:
    """Source: OVER-067. A launcher that refuses such a runtime is right, too."""
    if seen.changes:
        observed = ", ".join(seen.changes)
        return fail("outside", "written", expected="nothing is changed where the link leads", observed=observed)
    if seen.made.ending.refused:
        return passed(f"refused: {seen.made.ending}")
    if refusal := not_made(seen.made):
        return refusal
    return passed(f"{seen.made.entries} entries in the copy, and {seen.outside} as before where the link leads")
