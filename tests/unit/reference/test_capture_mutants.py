"""Each mutant of captures has its defect, shown on what it does without any clause; the reference does not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pytest_vessel.conformance.overrides.roots import (
    CACHED,
    OTHER_CLASS,
    Files,
    defining,
    library,
    usual_folder,
    versioned,
    write,
)
from pytest_vessel.mutant import MUTANTS
from pytest_vessel.reference.capturing import Capture
from pytest_vessel.reference.program import Program
from pytest_vessel.reference.trouble import Trouble

PREFIX = "/run/host"
TOP: Files = versioned("libtop.so.1", "1.9", "liblow.so.2")
LOW: Files = versioned("liblow.so.2", "2.4")
PROVIDER: Files = {**TOP, **LOW}
NEWER: Files = {**versioned("libtop.so.1", "1.10"), **versioned("liblow.so.2", "2.9")}
OTHER: Files = {**PROVIDER, "/opt/other.so": OTHER_CLASS}
LIBM = library("libm.so.6")
OLD_LIBC: Files = {"libc.so.6": defining("libc.so.6", "GLIBC_2.17"), "libm.so.6": LIBM}
NEW_LIBC: Files = {"libc.so.6": defining("libc.so.6", "GLIBC_2.17", "GLIBC_2.30"), "libm.so.6": LIBM}
PRIVATE_LIBC: Files = {"libc.so.6": defining("libc.so.6", "GLIBC_2.17", "GLIBC_PRIVATE"), "libm.so.6": LIBM}
TWICE: Files = {f"/opt/{name}/libx.so": library("libx.so") for name in ("one", "two")}
NEEDS_LOW: Files = {"libtop.so.1": library("libtop.so.1", "liblow.so.2", runpath="/opt")}
DEEP: Files = {"/opt/liblow.so.2": library("liblow.so.2", "libdeep.so.3"), "libdeep.so.3": library("libdeep.so.3")}
RUNPATHS: Files = {**NEEDS_LOW, **DEEP, "/opt/libdeep.so.3": library("libdeep.so.3")}
RPATH: Files = {
    "libtop.so.1": library("libtop.so.1", "liblow.so.2", rpath="/opt"),
    "/opt/liblow.so.2": library("liblow.so.2"),
}

ORIGIN: Files = {
    "libtop.so.1": library("libtop.so.1", "liblow.so.2", runpath="$ORIGIN/own"),
    "own/liblow.so.2": library("liblow.so.2"),
}
WRONG_FIRST: Files = {
    "libtop.so.1": library("libtop.so.1", "liblow.so.2", runpath="/opt:/usr/own"),
    "/opt/liblow.so.2": OTHER_CLASS,
    "/usr/own/liblow.so.2": library("liblow.so.2"),
}
CACHED_ONLY: Files = {**TOP, f"{CACHED}/liblow.so.2": library("liblow.so.2")}
LINKED: Files = {"libtop.so": "libtop.so.1", **PROVIDER}

BOTH, TOP_ALONE, LOW_ALONE, NOTHING = ["liblow.so.2", "libtop.so.1"], ["libtop.so.1"], ["liblow.so.2"], list[str]()
FAILS = "fails"
MISSING = ("libtop.so.1", "libnope.so.1")


@dataclass(frozen=True)
class Ask:
    """One capture of `libtop.so.1`, if nothing else is said; `known` is what CompareBy says of it, or of libc."""

    provider: Files = field(default_factory=lambda: PROVIDER)
    container: Files | None = None
    words: tuple[str, ...] = ("libtop.so.1",)
    known: str = ""


# mutant, what is asked for, the names that the reference links, those that the mutant links
NAMES: list[tuple[str, Ask, object, object]] = [
    ("capture-names-by-file", Ask(), BOTH, ["liblow.so.2.4", "libtop.so.1.9"]),
    ("capture-partial-success", Ask(words=MISSING), FAILS, BOTH),
    ("capture-ignores-even-if-older", Ask(container=NEWER, words=("even-if-older:libtop.so.1",)), TOP_ALONE, NOTHING),
    ("capture-older-dependencies", Ask(container=NEWER, words=("even-if-older:libtop.so.1",)), TOP_ALONE, BOTH),
    ("capture-ignores-if-exists", Ask(words=("if-exists:libnope.so.1",)), NOTHING, FAILS),
    ("capture-ignores-if-same-abi", Ask(OTHER, words=("if-same-abi:path:/opt/other.so",)), NOTHING, FAILS),
    ("capture-if-exists-forgives-all", Ask(OTHER, words=("if-exists:path:/opt/other.so",)), FAILS, NOTHING),
    ("capture-never-fails", Ask(words=MISSING), FAILS, BOTH),
    ("capture-always-with-dependencies", Ask(words=("no-dependencies:libtop.so.1",)), TOP_ALONE, BOTH),
    ("capture-never-with-dependencies", Ask(), BOTH, TOP_ALONE),
    ("capture-dependencies-and-itself", Ask(words=("only-dependencies:libtop.so.1",)), LOW_ALONE, BOTH),
    ("capture-globs-are-text", Ask(words=("libto*.so.1",)), BOTH, FAILS),
    (
        "capture-exact-soname-is-any",
        Ask(LINKED, words=("exact-soname:libtop.so",)),
        FAILS,
        ["liblow.so.2", "libtop.so"],
    ),
    ("capture-tie-to-container", Ask(container=PROVIDER), BOTH, NOTHING),
    ("capture-takes-all", Ask(container=NEWER), NOTHING, BOTH),
    (
        "capture-ignores-knowledge",
        Ask(container=PROVIDER, known="[Library libtop.so.1]\nCompareBy=container"),
        LOW_ALONE,
        BOTH,
    ),
    (
        "capture-first-method-only",
        Ask(container=PROVIDER, known="[Library libtop.so.1]\nCompareBy=name;container"),
        LOW_ALONE,
        BOTH,
    ),
    ("capture-compares-text", Ask(PROVIDER, versioned("libtop.so.1", "1.10")), LOW_ALONE, BOTH),
    ("capture-name-says-all", Ask({"libtop.so.1": library("libtop.so.1")}, NEWER), TOP_ALONE, NOTHING),
    ("capture-glibc-by-member", Ask(OLD_LIBC, NEW_LIBC, ("libm.so.6",)), NOTHING, ["libm.so.6"]),
    ("capture-libc-alone", Ask(NEW_LIBC, OLD_LIBC, ("libc.so.6",)), ["libc.so.6", "libm.so.6"], ["libc.so.6"]),
    ("capture-libc-by-name", Ask(OLD_LIBC, NEW_LIBC, ("libc.so.6",)), NOTHING, ["libc.so.6", "libm.so.6"]),
    (
        "capture-libc-by-knowledge",
        Ask(OLD_LIBC, NEW_LIBC, ("libc.so.6",), "[Library libc.so.6]\nCompareBy=provider"),
        NOTHING,
        ["libc.so.6", "libm.so.6"],
    ),
    (
        "capture-counts-private-versions",
        Ask(PRIVATE_LIBC, NEW_LIBC, ("libc.so.6",)),
        NOTHING,
        ["libc.so.6", "libm.so.6"],
    ),
    ("capture-ignores-rpath", Ask(RPATH), BOTH, TOP_ALONE),
    ("capture-ignores-runpath", Ask(ORIGIN), BOTH, TOP_ALONE),
    ("capture-origin-is-text", Ask(ORIGIN), BOTH, TOP_ALONE),
    ("capture-ignores-cache", Ask(CACHED_ONLY), BOTH, TOP_ALONE),
]
LIBTOP, LIBLOW = "libtop.so.1", "liblow.so.2"

# mutant, what is asked for, a name, where its link leads
TARGETS: list[tuple[str, Ask, str, str, str]] = [
    ("capture-links-to-links", Ask(), LIBTOP, f"{PREFIX}{{usual}}/libtop.so.1.9", f"{PREFIX}{{usual}}/libtop.so.1"),
    (
        "capture-relative-targets",
        Ask(),
        LIBLOW,
        f"{PREFIX}{{usual}}/liblow.so.2.4",
        f"{PREFIX[1:]}{{usual}}/liblow.so.2.4",
    ),
    ("capture-forgets-prefix", Ask(), LIBLOW, f"{PREFIX}{{usual}}/liblow.so.2.4", "{usual}/liblow.so.2.4"),
    (
        "capture-runpath-is-rpath",
        Ask(RUNPATHS),
        "libdeep.so.3",
        f"{PREFIX}{{usual}}/libdeep.so.3",
        f"{PREFIX}/opt/libdeep.so.3",
    ),
    ("capture-takes-any-class", Ask(WRONG_FIRST), LIBLOW, f"{PREFIX}/usr/own/liblow.so.2", f"{PREFIX}/opt/liblow.so.2"),
    (
        "capture-last-pattern-wins",
        Ask(TWICE, words=("/opt/one/libx.so", "/opt/two/libx.so")),
        "libx.so",
        f"{PREFIX}/opt/one/libx.so",
        f"{PREFIX}/opt/two/libx.so",
    ),
]


class Capturing:
    """Captures in this process, into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.dest = folder / "links"
        self._folder = folder

    def __call__(self, program: type[Program] | Program, ask: Ask, *, cached: bool = True) -> int:
        """The status, or that of the trouble that it raises."""
        provider = write(self._folder / "provider", ask.provider, cached=cached)
        container = self._folder / "container"
        container.mkdir()
        if ask.container is not None:
            write(container, ask.container)
        (self._folder / "knowledge").write_text(ask.known)
        words = (str(provider), str(container), str(self.dest), ask.words)
        knowledge = str(self._folder / "knowledge")
        try:
            return program.capture(*words, prefix=PREFIX, knowledge=knowledge).start()
        except Trouble as trouble:
            self.message = str(trouble)
            return trouble.status

    def names(self, name: str, ask: Ask) -> object:
        """What is linked; `FAILS` where it fails, and leaves nothing."""
        if self(program_of(name), ask):
            return FAILS if not self.dest.exists() else "leaves something"
        return sorted(os.listdir(self.dest))


def program_of(name: str) -> Program:
    return MUTANTS[name].program() if name else Program()


@pytest.fixture
def capturing(tmp_path: Path) -> Capturing:
    return Capturing(tmp_path)


@pytest.mark.parametrize(("name", "ask", "sound", "bad"), NAMES, ids=[name for name, *_ in NAMES])
@pytest.mark.parametrize("flawed", [False, True])
def test_names(capturing: Capturing, name: str, ask: Ask, sound: object, bad: object, flawed: bool) -> None:
    assert capturing.names(name if flawed else "", ask) == (bad if flawed else sound)


@pytest.mark.parametrize(("name", "ask", "link", "sound", "bad"), TARGETS, ids=[name for name, *_ in TARGETS])
@pytest.mark.parametrize("flawed", [False, True])
def test_targets(capturing: Capturing, name: str, ask: Ask, link: str, sound: str, bad: str, flawed: bool) -> None:
    assert capturing(program_of(name if flawed else ""), ask) == 0
    usual = usual_folder()
    assert os.readlink(capturing.dest / link) == (bad if flawed else sound).format(usual=usual)


@pytest.mark.parametrize(("name", "left"), [("", None), ("capture-keeps-partial", BOTH)])
def test_what_is_left_of_a_failure(capturing: Capturing, name: str, left: list[str] | None) -> None:
    assert capturing(program_of(name), Ask(words=MISSING)) == 1
    assert (sorted(os.listdir(capturing.dest)) if capturing.dest.exists() else None) == left


@pytest.mark.parametrize(("name", "status"), [("", 0), ("capture-needs-cache", 1)])
def test_a_provider_without_a_cache(capturing: Capturing, name: str, status: int) -> None:
    assert capturing(program_of(name), Ask(), cached=False) == status


def test_failing_in_silence(capturing: Capturing, capfd: pytest.CaptureFixture[str]) -> None:
    program = program_of("capture-fails-in-silence")
    assert capturing(program, Ask(words=MISSING)) == 1
    assert not hasattr(capturing, "message")


@pytest.mark.parametrize(
    ("name", "absolute", "dots"),
    [("", 1, 1), ("capture-follows-links-out", 0, 0), ("capture-dots-lead-out", 1, 0)],
)
@pytest.mark.parametrize("up", ["", "../" * 30])
def test_links_that_lead_out(
    capturing: Capturing, tmp_path: Path, name: str, absolute: int, dots: int, up: str
) -> None:
    write(tmp_path / "outside", {"/libtop.so.1": library("libtop.so.1")})
    ask = Ask({"libtop.so.1": f"{up}{tmp_path}/outside/libtop.so.1", **LOW})
    assert capturing(program_of(name), ask) == (dots if up else absolute)


def test_all_of_them_are_shown() -> None:
    elsewhere = {"capture-keeps-partial", "capture-needs-cache", "capture-fails-in-silence"}
    elsewhere |= {"capture-follows-links-out", "capture-dots-lead-out"}
    shown = {name for name, *_ in (*NAMES, *TARGETS)} | elsewhere
    assert shown == {name for name, mutant in MUTANTS.items() if mutant.sound is Capture}
