"""A recipe for each pattern and prefix (docs/capture.md, Patterns)."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.conformance.overrides.capturing import Recipe
from pytest_vessel.conformance.overrides.roots import Files, library
from pytest_vessel.conformance.overrides.rules import ASKED, BOTH, NEWER, OTHER, PROVIDER, TOP

LOW = {"liblow.so.2": "liblow.so.2.4"}
DRIVERS: Files = {
    **PROVIDER,
    "/opt/drivers/a_dri.so": library("a_dri.so", "liblow.so.2"),
    "/opt/drivers/b_dri.so": library("b_dri.so"),
    "/opt/drivers/readme": b"no library\n",
}
A, B = {"a_dri.so": "/opt/drivers/a_dri.so"}, {"b_dri.so": "/opt/drivers/b_dri.so"}
NAMED: Files = {**PROVIDER, "libtop.so": "libtop.so.1"}

PATTERNS: Mapping[str, Recipe] = {
    "soname": Recipe(PROVIDER, ASKED, BOTH),
    "soname-of-a-link": Recipe(NAMED, ("no-dependencies:soname:libtop.so",), {"libtop.so": "libtop.so.1.5"}),
    "exact-soname": Recipe(NAMED, ("exact-soname:libtop.so.1",), BOTH),
    "exact-soname-of-another": Recipe(NAMED, (*ASKED, "exact-soname:libtop.so"), None),
    "soname-match": Recipe(PROVIDER, ("no-dependencies:soname-match:lib[lt]*.so.[12]",), BOTH),
    "soname-match-of-none": Recipe(PROVIDER, (*ASKED, "soname-match:libnope*"), None),
    "path": Recipe(DRIVERS, ("path:/opt/drivers/b_dri.so", "path:/opt/drivers/a_dri.so"), {**A, **B, **LOW}),
    "path-of-nothing": Recipe(DRIVERS, (*ASKED, "path:/opt/nope.so"), None),
    "path-match": Recipe(DRIVERS, ("path-match:/opt/drivers/*_dri.so",), {**A, **B, **LOW}),
    "path-match-of-none": Recipe(DRIVERS, (*ASKED, "path-match:/opt/nope*"), None),
    "from": Recipe(DRIVERS, (), {**BOTH, **B}, listed=("# a comment", "", *ASKED, "path:/opt/drivers/b_dri.so")),
    "gl": Recipe(
        {"libGL.so.1": library("libGL.so.1", "liblow.so.2"), **PROVIDER},
        ("gl:",),
        {"libGL.so.1": "libGL.so.1", **LOW},
    ),
    "bare-name": Recipe(PROVIDER, ("libtop.so.1",), BOTH),
    "bare-glob": Recipe(PROVIDER, ("no-dependencies:libt*.so.?",), TOP),
    "bare-path": Recipe(DRIVERS, ("/opt/drivers/b_dri.so",), B),
    "bare-path-glob": Recipe(DRIVERS, ("/opt/drivers/b_dri*",), B),
    "if-exists": Recipe(PROVIDER, ("if-exists:soname:libnope.so.1", "if-exists:soname:libtop.so.1"), BOTH),
    "if-exists-of-another-abi": Recipe(OTHER, (*ASKED, "if-exists:path:/opt/libother.so.1"), None),
    "if-same-abi": Recipe(OTHER, ("if-same-abi:path:/opt/libother.so.1", *ASKED), BOTH),
    "even-if-older": Recipe(PROVIDER, ("even-if-older:soname:libtop.so.1",), TOP, NEWER),
    "no-dependencies": Recipe(PROVIDER, ("no-dependencies:soname:libtop.so.1",), TOP),
    "only-dependencies": Recipe(PROVIDER, ("only-dependencies:soname:libtop.so.1",), LOW),
    "several-prefixes": Recipe(PROVIDER, ("if-exists:even-if-older:no-dependencies:soname:libtop.so.1",), TOP, NEWER),
    "contradiction": Recipe(PROVIDER, (*ASKED, "only-dependencies:no-dependencies:soname:libtop.so.1"), None),
    "unknown-prefix": Recipe(PROVIDER, (*ASKED, "if-nice:soname:libtop.so.1"), None),
}
"""By case of OVER-042."""
