"""Deciders of section A: drivers and their manifests."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_laid, unlike
from pytest_vessel.judge import Decision, decides, fail, passed
from pytest_vessel.observation.tree import Tree


@decides("OVER-015")
def manifests_name_the_drivers(seen: s.Drivers) -> Decision:
    """Source: OVER-015. Each driver that can be used is told of, in the order of the variable; nothing else is.

    Of two manifests that name one library, one may be left out.
    """
    return _refused(seen) or passed(_shown(seen))


def _refused(seen: s.Drivers) -> Decision | None:
    """A fail where the payload is not told of the drivers that are wanted, in their order."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    distinct = list({told.lead: told for told in seen.told}.values())
    if len(distinct) != len(seen.wanted):
        wanted = f"{len(seen.wanted)} drivers that the payload is told of"
        return fail("manifest", "count", expected=wanted, observed=_shown(seen) or _untold(seen))
    for wanted_file, told in zip(seen.wanted, distinct, strict=True):
        expected = s.Lead(s.Origin.PROVIDER, wanted_file) if wanted_file else s.Lead(s.Origin.NOTHING)
        if told.lead != expected:
            observed = f"{told.path} names {told.library_path}, which is {told.lead}"
            return fail("manifest", "library-path", expected=str(expected), observed=observed)
    return None


def _untold(seen: s.Drivers) -> str:
    variables = ", ".join(f"{name}={value}" for name, value in seen.variables.items()) or "no variable"
    return f"none, with {variables}; {seen.tree}"


def _shown(seen: s.Drivers) -> str:
    return "; ".join(f"{told.path}: {told.library_path}, {told.lead}" for told in seen.told)


@decides("OVER-016")
def numbered_folders_only_on_collision(seen: s.Drivers) -> Decision:
    """Source: OVER-016."""
    if refusal := _refused(seen):
        return refusal
    assert seen.tree is not None
    places = _places(seen.tree, {str(file) for file in seen.wanted})
    numbers = [place for place in places if place.isdigit()]
    names = {str(file).rpartition("/")[2] for file in seen.wanted}
    if len(names) == len(seen.wanted):
        if numbers:
            return fail(OVR, "numbered", expected="no numbered folder without a collision", observed=str(seen.tree))
        return passed(f"no numbered folder; {_shown(seen)}")
    if len(numbers) != len(seen.wanted):
        wanted = f"{len(seen.wanted)} numbered folders, one for each"
        return fail(OVR, "not-numbered", expected=wanted, observed=", ".join(places) or str(seen.tree))
    if len({len(number) for number in numbers}) > 1 or len(numbers[0]) != len(str(max(map(int, numbers)))):
        wanted = "as many digits as the last one has"
        return fail(OVR, "padding", expected=wanted, observed=", ".join(numbers))
    return passed(f"folders {', '.join(numbers)}, in the order of the variable")


def _places(tree: Tree, files: set[str]) -> list[str]:
    """The names of the folders of those links that lead to one of these files, in their order."""
    ends = tuple(files)
    return [entry.folder.rpartition("/")[2] for entry in tree.entries if entry.text.endswith(ends)]


@decides("OVER-017")
def nothing_is_left(seen: s.Trees) -> Decision:
    """Source: OVER-017."""
    return _same(seen, "left-over", "as it is without that driver")


@decides("OVER-023")
def trees_are_the_same(seen: s.Trees) -> Decision:
    """Source: OVER-023."""
    return _same(seen, "differs", "the same names and targets")


def _same(seen: s.Trees, code: str, wanted: str) -> Decision:
    if refusal := not_laid(seen.start, seen.second):
        return refusal
    assert seen.second is not None
    if not seen.second.links:
        return fail(OVR, "nothing-captured", expected="a link to a driver", observed=str(seen.second))
    if lines := unlike(seen.first or Tree(()), seen.second):
        return fail(OVR, code, expected=wanted, observed=lines)
    return passed(f"{wanted}: {seen.second}")


@decides("OVER-018")
def layers_stand_side_by_side(seen: s.Drivers) -> Decision:
    """Source: OVER-018."""
    if refusal := _refused(seen):
        return refusal
    folders = {told.path.rpartition("/")[0] for told in seen.told}
    nested = sorted(folder for folder in folders if not folder.endswith("_layer.d"))
    if nested:
        wanted = "each directly in the folder of its kind"
        return fail(OVR, "nested-manifest", expected=wanted, observed=", ".join(nested))
    return passed(f"{len(seen.told)} manifests in {', '.join(folders)}")


@decides("OVER-020")
def one_driver_one_target(seen: s.Laid) -> Decision:
    """Source: OVER-020."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    assert seen.tree is not None
    targets = {entry.path: entry.text for entry in seen.tree.entries if entry.folder.endswith("/dri") and entry.text}
    if len(targets) != 2:
        return fail(OVR, "no-link", expected="a link for each name of the driver", observed=str(seen.tree))
    if len(set(targets.values())) != 1:
        observed = "; ".join(f"{path} -> {target}" for path, target in targets.items())
        return fail(OVR, "link-target", expected="the same target", observed=observed)
    return passed("; ".join(f"{path} -> {target}" for path, target in targets.items()))
