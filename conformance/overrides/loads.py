"""A provider for each rule of a loader's search; its trace says what `libtop.so.1` needs, so nothing is told here.

Sources: ld.so(8); the names of the cases are those of OVER-040.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.conformance.overrides.roots import CACHED, OTHER_CLASS, OTHER_MACHINE, Files, library

MAIN = "libtop.so.1"
LOW, DEEP = library("liblow.so.2"), library("libdeep.so.3")
VIA_LOW = library("liblow.so.2", "libdeep.so.3")


def _top(*needs: str, rpath: str | None = None, runpath: str | None = None) -> Files:
    return {MAIN: library(MAIN, *needs, rpath=rpath, runpath=runpath)}


LOADS: Mapping[str, Files] = {
    "chain": {**_top("liblow.so.2"), "liblow.so.2": VIA_LOW, "libdeep.so.3": DEEP},
    "diamond": {
        **_top("liblow.so.2", "libside.so.1"),
        "liblow.so.2": VIA_LOW,
        "libside.so.1": library("libside.so.1", "libdeep.so.3"),
        "libdeep.so.3": DEEP,
    },
    "link": {**_top("liblow.so.2"), "liblow.so.2": "liblow.so.2.4", "liblow.so.2.4": LOW},
    "cache": {**_top("liblow.so.2"), f"{CACHED}/liblow.so.2": LOW},
    "rpath": {**_top("liblow.so.2", rpath="/opt/lib"), "/opt/lib/liblow.so.2": LOW},
    "rpath-before-the-cache": {
        **_top("liblow.so.2", rpath="/opt/lib"),
        "/opt/lib/liblow.so.2": LOW,
        "liblow.so.2": LOW,
    },
    "rpath-is-inherited": {
        **_top("liblow.so.2", rpath="/opt/lib"),
        "/opt/lib/liblow.so.2": VIA_LOW,
        "/opt/lib/libdeep.so.3": DEEP,
        "libdeep.so.3": DEEP,
    },
    "runpath": {**_top("liblow.so.2", runpath="/opt/lib"), "/opt/lib/liblow.so.2": LOW, "liblow.so.2": LOW},
    "runpath-is-not-inherited": {
        **_top("liblow.so.2", runpath="/opt/lib"),
        "/opt/lib/liblow.so.2": VIA_LOW,
        "/opt/lib/libdeep.so.3": DEEP,
        "libdeep.so.3": DEEP,
    },
    "runpath-voids-rpath": {
        **_top("liblow.so.2", rpath="/opt/rpath", runpath="/opt/runpath"),
        "/opt/rpath/liblow.so.2": LOW,
        "liblow.so.2": LOW,
    },
    "origin": {**_top("liblow.so.2", runpath="$ORIGIN/private"), "private/liblow.so.2": LOW},
    "order-of-folders": {
        **_top("liblow.so.2", runpath="/opt/none:/opt/first:/opt/second"),
        "/opt/first/liblow.so.2": LOW,
        "/opt/second/liblow.so.2": LOW,
    },
    "wrong-class-first": {
        **_top("liblow.so.2", runpath="/opt/other:/opt/lib"),
        "/opt/other/liblow.so.2": OTHER_CLASS,
        "/opt/lib/liblow.so.2": LOW,
    },
    "wrong-machine-first": {
        **_top("liblow.so.2", runpath="/opt/other:/opt/lib"),
        "/opt/other/liblow.so.2": OTHER_MACHINE,
        "/opt/lib/liblow.so.2": LOW,
    },
    "cycle": {**_top("liblow.so.2"), "liblow.so.2": library("liblow.so.2", MAIN)},
    "no-cache": {**_top("liblow.so.2"), "liblow.so.2": LOW},
}
"""By case of OVER-040."""

WITHOUT_CACHE = frozenset(("no-cache",))
