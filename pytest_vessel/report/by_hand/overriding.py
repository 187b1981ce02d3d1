"""Scenes of copies with overrides: what is in the overrides folder while a payload runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios, Values


def _links(of_seen: Callable[[Any], Values]) -> Scenario:
    """Links that are due, as `PATH=TARGET` with a pattern of the shell, and those that must not be there."""
    return Scenario("override-links", {"DUE": "", "ABSENT": "", "SOME_IN": ""}, of_seen=of_seen, verb="copy")


def _appearing(seen: Any) -> Values:
    """Each library where the container is to see the provider: /usr, /lib* and /app are shown elsewhere."""
    return _given(seen, lambda file: seen["provider_inside"] + file if _is_shown_elsewhere(file) else file)


def _is_shown_elsewhere(file: str) -> bool:
    return file.startswith(("/usr/", "/app/", "/lib"))


def _resolved(seen: Any) -> Values:
    """Each library by its SONAME; the end of the target is the file in the provider."""
    return _given(seen, "*{}".format)


def _given(seen: Any, target: Callable[[str], str]) -> Values:
    libraries = (seen or {}).get("given", ())
    due = [f"lib/{seen['architecture']}/{one['soname']}={target(one['file'])}" for one in libraries]
    return {"DUE": " ".join(due)}


def _of_architectures(seen: Any) -> Values:
    given = (seen or {}).get("given", {})
    due = [f"lib/{name}/{one['soname']}=*{one['file']}" for name, libraries in given.items() for one in libraries]
    return {"DUE": " ".join(due)}


def _chosen(seen: Any) -> Values:
    """The provider's copy, or none, and then a link to something else."""
    if not seen:
        return {}
    folder = f"lib/{seen['architecture']}"
    link = f"{folder}/{seen['soname']}"
    is_due = seen["rule"] == "provider" if seen["rule"] else seen["provider"] >= seen["runtime"]
    return {"SOME_IN": folder, **({"DUE": f"{link}=?*"} if is_due else {"ABSENT": link})}


def _variables(seen: Any) -> Values:
    return {"VARIABLES": " ".join((seen or {}).get("variables", ()))}


OVERRIDES: Scenarios = {
    "OVER-001": Scenario("override-shown", verb="copy"),
    "OVER-002": Scenario("override-kinds", verb="copy"),
    "OVER-003": Scenario("override-leads", verb="copy"),
    "OVER-004": _links(_appearing),
    "OVER-005": _links(_resolved),
    "OVER-006": _links(_chosen),
    "OVER-008[provider]": _links(_chosen),
    "OVER-008[container]": _links(_chosen),
    "OVER-020[symlinked]": Scenario("override-one-target", verb="copy"),
    "OVER-021": Scenario("override-none", of_seen=_variables, verb="copy"),
    "OVER-022": _links(_of_architectures),
    "OVER-024": _links(_resolved),
}
"""Clauses about the overrides folder of a copy."""
