"""Scenes of copies with overrides: what is in the overrides folder while a payload runs, and what that leads to.

Values are words: `PATH=WHAT` for each path. One that does not begin with a slash is below the overrides folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pytest_vessel.report.by_hand.scenario import Scenario, Scenarios, Values

_OWNERS = {"the provider's": "provider", "the runtime's": "runtime"}


def _nothing_more(_seen: Any) -> Values:
    return {}


def _scene(
    name: str, of_seen: Callable[[Any], Values] = _nothing_more, *, twice: bool = False, **values: str
) -> Scenario:
    """`twice`: the scene makes two copies."""
    other = "copy" if twice else ""
    return Scenario(f"override-{name}", values, of_seen=of_seen, verb="copy", other=other, other_name="second")


def _links(of_seen: Callable[[Any], Values]) -> Scenario:
    return _scene("links", of_seen, DUE="", ABSENT="", SOME_IN="", LEADS="")


def _joined(words: Iterable[str]) -> str:
    return " ".join(words)


def _folder(seen: Any) -> str:
    return f"lib/{seen['architecture']}"


def _given(target: Callable[[Any, str], str]) -> Scenario:
    """A link to each library that the provider gives; `target`: a pattern of where it leads, by record and file."""

    def due(seen: Any) -> Values:
        links = (f"{_folder(seen)}/{one['soname']}={target(seen, one['file'])}" for one in seen["given"])
        return {"DUE": _joined(links)}

    return _links(due)


def _appearing(seen: Any, file: str) -> str:
    """Where the container is to see it: /usr, /lib* and /app are shown elsewhere."""
    return seen["provider_inside"] + file if file.startswith(("/usr/", "/app/", "/lib")) else file


def _resolved(_seen: Any, file: str) -> str:
    """The end of the target is the file in the provider."""
    return f"*{file}"


def _of_architectures(seen: Any) -> Values:
    given = ((name, one) for name, libraries in seen["given"].items() for one in libraries)
    return {"DUE": _joined(f"lib/{name}/{one['soname']}=*{one['file']}" for name, one in given)}


def _chosen(seen: Any) -> Values:
    """A link to the provider's copy; or none, and some link beside."""
    link = f"{_folder(seen)}/{seen['soname']}"
    is_due = seen["rule"] == "provider" if seen["rule"] else seen["provider"] >= seen["runtime"]
    return {"SOME_IN": _folder(seen), **({"DUE": f"{link}=?*"} if is_due else {"ABSENT": link})}


def _no_libc(seen: Any) -> Values:
    """None of the family, and data of the runtime."""
    absent = _joined(f"{_folder(seen)}/{name}" for name in seen["family"])
    return {"SOME_IN": _folder(seen), "ABSENT": absent, "LEADS": _joined(f"{path}=runtime" for path in seen["data"])}


def _whole_libc(seen: Any) -> Values:
    """All of the family, and data of the provider."""
    links = _joined(f"{_folder(seen)}/{name}=?*" for name in seen["family"])
    return {"DUE": links, "LEADS": _joined(f"{path}=provider" for path in seen["data"])}


def _aliases(seen: Any) -> Values:
    leads = _joined(f"{path}={_OWNERS[lead['origin']]}" for path, lead in seen["wanted"].items() if lead)
    return {"LEADS": leads, "ABSENT": _joined(path for path, lead in seen["wanted"].items() if not lead)}


def _loads(seen: Any) -> Values:
    return {"LOADS": _joined(f"{name}={_OWNERS[origin]}" for name, origin in seen["wanted"].items())}


def _drivers(seen: Any) -> Values:
    """The files of drivers in the order in which they are told of; `nothing` for a manifest that names none."""
    wanted = _joined(file or "nothing" for file in seen["wanted"])
    return {"WANTED": wanted, "FOLDER": seen["folder"], "NAMED_BY": _joined(seen["named_by"])}


def _of_drivers(more: str) -> Scenario:
    """`more`: what else is due, of the folders of drivers or manifests."""
    return _scene("drivers", _drivers, MORE=more)


def _variables(seen: Any) -> Values:
    return {"VARIABLES": _joined(seen["variables"])}


def _helpers(answer: str, message: str = "no") -> Scenario:
    """`answer`: what strace makes of the execution of each helper program; `message`: whether one is due."""
    return _scene("helpers", ANSWER=answer, MESSAGE=message)


_BIN_TRUE = b"/bin/true\0".hex()

OVERRIDES: Scenarios = {
    "OVER-001": _scene("shown"),
    "OVER-002": _scene("kinds"),
    "OVER-003": _scene("leads"),
    "OVER-004": _given(_appearing),
    "OVER-005": _given(_resolved),
    "OVER-006": _links(_chosen),
    "OVER-008": _links(_chosen),
    "OVER-008[libc]": _links(_no_libc),
    "OVER-009": _links(_no_libc),
    "OVER-010": _links(_whole_libc),
    "OVER-011": _scene("refused"),
    **dict.fromkeys(("OVER-012", "OVER-013", "OVER-025"), _scene("loads", _loads, twice=True)),
    "OVER-014": _links(_aliases),
    "OVER-015": _of_drivers(""),
    "OVER-016": _of_drivers("numbered"),
    "OVER-016[none]": _of_drivers("unnumbered"),
    "OVER-018": _of_drivers("layers"),
    **dict.fromkeys(("OVER-017", "OVER-023"), _scene("same", twice=True)),
    **dict.fromkeys(("OVER-019[cache]", "OVER-019[ldconfig-fails]"), _scene("loads", _loads, twice=True)),
    "OVER-020[symlinked]": _scene("one-target"),
    "OVER-021": _scene("none", _variables),
    "OVER-022": _links(_of_architectures),
    "OVER-024": _given(_resolved),
    "OVER-090": _scene("few-files"),
    "OVER-094[not-executed]": _helpers("error=EACCES", message="yes"),
    "OVER-094[killed]": _helpers("signal=KILL"),
    "OVER-094[does-nothing]": _helpers(f"poke_enter=@arg1={_BIN_TRUE}"),
}
"""Clauses about the overrides of a copy."""
