"""Providers with files that are no libraries of the kind that is wanted, each beside one that is."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.conformance.overrides.capturing import Recipe
from pytest_vessel.conformance.overrides.roots import OTHER_CLASS, OTHER_MACHINE, Files, library
from pytest_vessel.conformance.overrides.rules import ASKED, PROVIDER
from pytest_vessel.system.made_elf import Made

TEXT = b"GROUP ( /usr/lib/libtop.so.1 )\n"
"""A linker script: what a name without a version often leads to."""
CHAIN: Files = {"libtop.so.1": library("libtop.so.1", "liblow.so.2"), "liblow.so.2": library("liblow.so.2")}
LINES = {"libtop.so.1": "libtop.so.1", "liblow.so.2": "liblow.so.2"}


def _beside(bad: Made | bytes) -> Recipe:
    return Recipe({**PROVIDER, "/opt/bad.so": bad}, (*ASKED, "path:/opt/bad.so"), None)


def _named(bad: Files) -> Recipe:
    return Recipe({**PROVIDER, **bad}, (*ASKED, "soname:libbad.so.1"), None)


DAMAGES: Mapping[str, Recipe] = {
    "text": _beside(TEXT),
    "empty": _beside(b""),
    "truncated": _beside(library("libbad.so.1").content[:100]),
    "folder": Recipe({**PROVIDER, "/opt/bad.so/file": TEXT}, (*ASKED, "path:/opt/bad.so"), None),
    "wrong-class": _beside(OTHER_CLASS),
    "wrong-machine": _beside(OTHER_MACHINE),
    "text-by-name": _named({"libbad.so.1": TEXT}),
    "truncated-by-name": _named({"libbad.so.1": library("libbad.so.1").content[:100]}),
    "damaged-dependency": Recipe({**CHAIN, "liblow.so.2": TEXT}, ASKED, None),
    "linker-script": Recipe({**CHAIN, "libtop.so": TEXT}, ("soname-match:libtop.so*",), LINES),
    "cycle": Recipe({**CHAIN, "liblow.so.2": library("liblow.so.2", "libtop.so.1")}, ASKED, LINES),
    "circle-to-itself": Recipe(
        {"libtop.so.1": library("libtop.so.1", "libtop.so.1")}, ASKED, {"libtop.so.1": "libtop.so.1"}
    ),
    "nothing-left": Recipe(PROVIDER, (*ASKED, "soname:libnope.so.1"), None),
}
"""By case of OVER-044."""
