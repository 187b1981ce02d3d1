"""Links of a provider that would lead out of it, each with a library outside for whoever follows them there.

path_resolution(7), as it is for who has that root: absolute links begin there, and `..` does not leave it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_vessel.conformance.overrides.capturing import Recipe
from pytest_vessel.conformance.overrides.roots import Files, library, write
from pytest_vessel.conformance.overrides.rules import ASKED

FILE = "libtop.so.1.7"
UP = "../" * 30
"""More than the folders above any work folder."""


def _by_name(link: Callable[[str], str], *, inside: bool) -> Callable[[Path], Recipe]:
    return lambda outside: _recipe(outside, {"libtop.so.1": link(f"{outside}/{FILE}")}, ASKED, inside=inside)


def _by_folder(*, inside: bool) -> Callable[[Path], Recipe]:
    asked = (f"path:/opt/link/{FILE}",)
    return lambda outside: _recipe(outside, {"/opt/link": str(outside)}, asked, inside=inside)


def _recipe(outside: Path, links: Files, asked: tuple[str, ...], *, inside: bool) -> Recipe:
    """The file outside needs nothing, the one at the same path inside the provider needs another."""
    write(outside, {f"/{FILE}": library("libtop.so.1")})
    if not inside:
        return Recipe({**links, "liblow.so.2": library("liblow.so.2")}, asked, None)
    place = f"{outside}/{FILE}"
    provider: Files = {**links, place: library("libtop.so.1", "liblow.so.2"), "liblow.so.2": library("liblow.so.2")}
    return Recipe(provider, asked, {"libtop.so.1": place, "liblow.so.2": "liblow.so.2"})


def _loop(_outside: Path) -> Recipe:
    provider: Files = {
        "libtop.so.1": "libtop.so.2",
        "libtop.so.2": "libtop.so.1",
        "liblow.so.2": library("liblow.so.2"),
    }
    return Recipe(provider, ("soname:liblow.so.2", *ASKED), None)


ESCAPES: Mapping[str, Callable[[Path], Recipe]] = {
    "absolute-to-nothing": _by_name(str, inside=False),
    "absolute": _by_name(str, inside=True),
    "dots-to-nothing": _by_name(UP.__add__, inside=False),
    "dots": _by_name(UP.__add__, inside=True),
    "folder-to-nothing": _by_folder(inside=False),
    "folder": _by_folder(inside=True),
    "loop": _loop,
}
"""By case of OVER-043: what makes the recipe, given a folder outside of the provider."""
