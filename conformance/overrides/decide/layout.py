"""Deciders of section A: the overrides folder, its entries, and what its links lead to."""

from __future__ import annotations

from pytest_vessel.conformance.overrides import seen as s
from pytest_vessel.conformance.overrides.decide.common import OVR, not_laid, unlike
from pytest_vessel.judge import Decision, decides, fail, not_applicable, passed
from pytest_vessel.observation.tree import Entry, Kind, Tree


@decides("OVER-001")
def overrides_are_shown(seen: s.Shown) -> Decision:
    """Source: OVER-001."""
    if refusal := not_laid(seen.start, Tree(()) if seen.there else None):
        return refusal
    if not seen.same:
        wanted = "the container sees that folder at its documented path"
        return fail(OVR, "elsewhere", expected=wanted, observed="another folder, or nothing, is there")
    if seen.wrote:
        observed = f"a file was made in {', '.join(seen.wrote)}"
        return fail(OVR, "writable", expected="read-only inside", observed=observed)
    return passed(f"it is there, and not to be written to: {', '.join(seen.refused)}")


@decides("OVER-002")
def only_folders_links_and_manifests(seen: s.Laid) -> Decision:
    """Source: OVER-002. What is to be there at least: a link, and a manifest."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    assert seen.tree is not None
    strange = [entry for entry in seen.tree.entries if not _belongs(entry)]
    if strange:
        observed = ", ".join(f"{entry.path} ({entry.kind})" for entry in strange)
        return fail(OVR, "stray-entry", expected="folders, links, and *.json files", observed=observed)
    if not seen.tree.links or not seen.tree.files:
        return fail(OVR, "incomplete", expected="a link to a driver and its manifest", observed=str(seen.tree))
    return passed(f"{len(seen.tree.links)} links, {len(seen.tree.files)} manifests, and folders")


def _belongs(entry: Entry) -> bool:
    return entry.kind in (Kind.FOLDER, Kind.LINK) or (entry.kind is Kind.FILE and entry.name.endswith(".json"))


@decides("OVER-003")
def links_lead_somewhere(seen: s.Laid) -> Decision:
    """Source: OVER-003."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    assert seen.tree is not None
    for path, target in seen.tree.links.items():
        if not target.startswith("/"):
            return fail(OVR, "relative-link", expected="an absolute target", observed=f"{path} -> {target}")
        if seen.leads[path].origin is s.Origin.NOTHING:
            observed = f"{path} -> {target}, which is not there"
            return fail(OVR, "dangling-link", expected="something in the container", observed=observed)
    return passed(f"{len(seen.tree.links)} links lead to something") if seen.tree.links else _nothing()


def _nothing() -> Decision:
    return fail(OVR, "empty", expected="links to the libraries of a driver", observed="no link")


@decides("OVER-005", "OVER-024")
def links_are_named_by_soname(seen: s.Laid) -> Decision:
    """Source: OVER-005, 024. The end of the target is the file in the provider: no link is left to follow."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    for given in seen.given:
        target = _target(seen, given)
        if target is None or not target.endswith(given.file):
            return _unlike(seen, given)
    return _captured(seen)


@decides("OVER-004")
def targets_are_where_the_provider_appears(seen: s.Laid) -> Decision:
    """Source: OVER-004."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    for given in seen.given:
        if _target(seen, given) != _seen_at(seen.provider_inside, given.file):
            return _unlike(seen, given)
    return _captured(seen)


def _seen_at(provider_inside: str, file: str) -> str:
    """Where a file of the provider is to be seen: /usr, /lib* and /app are shown elsewhere."""
    top = file.split("/")[1]
    return provider_inside + file if top in ("usr", "app") or top.startswith("lib") else file


def _target(seen: s.Laid, given: s.Given) -> str | None:
    assert seen.tree is not None
    return seen.tree.links.get(f"lib/{seen.architecture}/{given.soname}")


def _captured(seen: s.Laid) -> Decision:
    return passed("; ".join(f"{given.soname} -> {_target(seen, given)}" for given in seen.given))


def _unlike(seen: s.Laid, given: s.Given) -> Decision:
    """A fail that shows how the links to libraries differ from those that are due."""
    assert seen.tree is not None
    folder = f"lib/{seen.architecture}"
    due = [Entry(f"{folder}/{one.soname}", Kind.LINK, _seen_at(seen.provider_inside, one.file)) for one in seen.given]
    there = [entry for entry in seen.tree.of_kind(Kind.LINK) if entry.folder == folder]
    code = "link-target" if _target(seen, given) else "no-link"
    return fail(OVR, code, expected=", ".join(map(str, due)), observed=unlike(Tree(tuple(due)), Tree(tuple(there))))


@decides("OVER-022")
def architectures_are_apart(seen: s.Architectures) -> Decision:
    """Source: OVER-022. One that captures nothing for the second architecture was perhaps not built for it."""
    if refusal := not_laid(seen.start, seen.tree):
        return refusal
    assert seen.tree is not None
    links = {path: target for path, target in seen.tree.links.items() if path.startswith("lib/")}
    found = {path.split("/")[1] for path in links}
    if len(found & set(seen.given)) == 1:
        return not_applicable(f"it captures for {', '.join(found)} alone")
    for name, given in seen.given.items():
        for one in given:
            target = links.get(f"lib/{name}/{one.soname}", "no link")
            if not target.endswith(one.file):
                wanted = f"lib/{name}/{one.soname} -> ...{one.file}"
                return fail(OVR, "wrong-architecture", expected=wanted, observed=target)
    return passed("; ".join(f"{path} -> {target}" for path, target in links.items()))
