"""A recipe for each capture rule: which copy of a library is taken (docs/capture.md, Which copy is taken)."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_vessel.conformance.overrides.capturing import Recipe
from pytest_vessel.conformance.overrides.roots import OTHER_CLASS, Files, defining, library, versioned

TOP = {"libtop.so.1": "libtop.so.1.5"}
BOTH = {**TOP, "liblow.so.2": "liblow.so.2.4"}
PROVIDER: Files = {**versioned("libtop.so.1", "1.5", "liblow.so.2"), **versioned("liblow.so.2", "2.4")}
NEWER: Files = {**versioned("libtop.so.1", "1.6", "liblow.so.2"), **versioned("liblow.so.2", "2.5")}
OTHER: Files = {**PROVIDER, "/opt/libother.so.1": OTHER_CLASS}
ASKED = ("soname:libtop.so.1",)

MEMBERS = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2")


def _glibc(*versions: str, symbols: tuple[str, ...] = ()) -> Files:
    """All of a glibc, of which libc.so.6 defines these, and a library that needs it."""
    members = {name: library(name) for name in MEMBERS[1:]}
    libc = defining("libc.so.6", *versions, symbols=symbols)
    return {"libc.so.6": libc, **members, "libuser.so.1": library("libuser.so.1", "libm.so.6", "libc.so.6")}


OLD, NEW = _glibc("GLIBC_2.17"), _glibc("GLIBC_2.17", "GLIBC_2.30")
PRIVATE = _glibc("GLIBC_2.17", "GLIBC_PRIVATE")
FEW, MORE = (
    _glibc("GLIBC_2.17", symbols=symbols) for symbols in (("open@GLIBC_2.17",), ("open@GLIBC_2.17", "f@GLIBC_2.17"))
)
USER = {"libuser.so.1": "libuser.so.1"}
FAMILY = {name: name for name in MEMBERS}
USES = ("soname:libuser.so.1",)


def _known(methods: str, name: str = "libtop.so.1") -> str:
    return f"[Library {name}]\nCompareBy={methods}\n"


def _defined(*versions: str, symbols: tuple[str, ...] = ()) -> Files:
    return {"libtop.so.1": defining("libtop.so.1", *versions, symbols=symbols)}


ALONE = {"libtop.so.1": "libtop.so.1"}
RULES: Mapping[str, Recipe] = {
    "missing": Recipe(PROVIDER, (*ASKED, "soname:libnope.so.1"), None),
    "if-exists": Recipe(PROVIDER, ("if-exists:soname:libnope.so.1", *ASKED), BOTH),
    "other-abi": Recipe(OTHER, (*ASKED, "path:/opt/libother.so.1"), None),
    "if-same-abi": Recipe(OTHER, ("if-same-abi:path:/opt/libother.so.1", *ASKED), BOTH),
    "earlier-pattern": Recipe(
        {f"/opt/{name}/libx.so.1": library("libx.so.1") for name in ("one", "two")},
        ("path:/opt/two/libx.so.1", "path:/opt/one/libx.so.1"),
        {"libx.so.1": "/opt/two/libx.so.1"},
    ),
    "glibc-member": Recipe(OLD, ("soname:libm.so.6", *USES), USER, NEW),
    "even-if-older": Recipe(PROVIDER, ("even-if-older:soname:libtop.so.1",), TOP, NEWER),
    "libc-newer": Recipe(NEW, USES, {**USER, **FAMILY}, OLD),
    "libc-older": Recipe(OLD, USES, USER, NEW),
    "libc-equal": Recipe(OLD, USES, {**USER, **FAMILY}, OLD),
    "libc-private": Recipe(PRIVATE, USES, USER, NEW),
    "libc-symbols-newer": Recipe(MORE, USES, {**USER, **FAMILY}, FEW),
    "libc-symbols-older": Recipe(FEW, USES, USER, MORE),
    "absent": Recipe(PROVIDER, ASKED, BOTH, {}),
    "tie": Recipe(PROVIDER, ASKED, BOTH, PROVIDER),
    "newer": Recipe(NEWER, ASKED, {"libtop.so.1": "libtop.so.1.6", "liblow.so.2": "liblow.so.2.5"}, PROVIDER),
    "older": Recipe(PROVIDER, ASKED, {}, NEWER),
    "older-by-number": Recipe(versioned("libtop.so.1", "1.9"), ASKED, {}, versioned("libtop.so.1", "1.10")),
    "newer-by-number": Recipe(
        versioned("libtop.so.1", "1.10"), ASKED, {"libtop.so.1": "libtop.so.1.10"}, versioned("libtop.so.1", "1.9")
    ),
    "unversioned": Recipe({"libtop.so.1": library("libtop.so.1")}, ASKED, ALONE, versioned("libtop.so.1", "1.10")),
    "knowledge-container": Recipe(
        PROVIDER, ASKED, {"liblow.so.2": "liblow.so.2.4"}, PROVIDER, knowledge=_known("container")
    ),
    "knowledge-provider": Recipe(PROVIDER, ASKED, TOP, NEWER, knowledge=_known("provider")),
    "knowledge-versions": Recipe(_defined("A_1"), ASKED, {}, _defined("A_1", "A_2"), knowledge=_known("versions")),
    "knowledge-symbols": Recipe(
        _defined(symbols=("f",)), ASKED, {}, _defined(symbols=("f", "g")), knowledge=_known("symbols")
    ),
    "knowledge-in-turn": Recipe(
        _defined("A_1"), ASKED, {}, _defined("A_1"), knowledge=_known("versions;symbols;container")
    ),
    "knowledge-of-libc": Recipe(OLD, USES, USER, NEW, knowledge=_known("provider", "libc.so.6")),
}
"""By case of OVER-041."""
