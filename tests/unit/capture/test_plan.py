"""HARN: what a container gets of a provider, on roots of hand-made files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pytest_vessel.capture.abis import abi_of
from pytest_vessel.capture.compare import Copy, Method
from pytest_vessel.capture.knowledge import Knowledge
from pytest_vessel.capture.plan import Plan, planned
from pytest_vessel.capture.stock import Library, Stock
from pytest_vessel.errors import LibraryError
from pytest_vessel.system.made_elf import NEEDED, RUNPATH, SONAME, X86, Made

ABI = abi_of("x86_64-linux-gnu")
LOADER = "lib64/ld-linux-x86-64.so.2"
FOLDER = "lib/x86_64-linux-gnu"

Files = Mapping[str, Made | str]
"""Name in the default folder, or path with a slash; content, or where a link leads."""


def library(soname: str, *needs: str, runpath: str = "") -> Made:
    tags: list[tuple[int, str | int]] = [(SONAME, soname), *((NEEDED, need) for need in needs)]
    return Made([*tags, *([(RUNPATH, runpath)] if runpath else [])])


def versioned(soname: str, version: str, *needs: str) -> dict[str, Made | str]:
    """A library with its version in the name of its file, and the link by which it is loaded."""
    name = soname.partition(".so")[0] + f".so.{version}"
    return {name: library(soname, *needs), soname: name}


def root(folder: Path, files: Files) -> Path:
    """A root with this machine's loader."""
    (folder / LOADER).parent.mkdir(parents=True)
    shutil.copy(f"/{LOADER}", folder / LOADER)
    for name, content in files.items():
        path = folder / (name if "/" in name else f"{FOLDER}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content.content)
    return folder


class Capturing:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, words: Sequence[str], provider: Files, container: Files | None = None, knowledge: Knowledge | None = None
    ) -> Plan:
        """What is planned; `container` is None for one without a loader."""
        empty = self._folder / "empty"
        empty.mkdir()
        other = root(self._folder / "container", container) if container is not None else empty
        return planned(words, Stock(root(self._folder / "provider", provider), ABI), Stock(other, ABI), knowledge)


@pytest.fixture
def capture(tmp_path: Path) -> Capturing:
    return Capturing(tmp_path)


def links(plan: Plan) -> dict[str, str]:
    return {link.name: link.real_path.rpartition("/")[2] for link in plan.links.values()}


PROVIDER = {
    **versioned("libtop.so.1", "1.5", "libmiddle.so.2"),
    **versioned("libmiddle.so.2", "2.0", "libbottom.so.3"),
    **versioned("libbottom.so.3", "3.9"),
    **versioned("libother.so.1", "1.0"),
}


def test_an_empty_container_gets_a_library_with_all_that_it_needs(capture: Capturing) -> None:
    plan = capture(["libtop.so.1"], PROVIDER)
    assert links(plan) == {
        "libtop.so.1": "libtop.so.1.5",
        "libmiddle.so.2": "libmiddle.so.2.0",
        "libbottom.so.3": "libbottom.so.3.9",
    }
    assert {link.real_path.rpartition("/")[0] for link in plan.links.values()} == {f"/{FOLDER}"}


def test_the_newer_copy_wins_and_of_equals_the_providers(capture: Capturing) -> None:
    container = {
        **versioned("libtop.so.1", "1.10"),
        **versioned("libmiddle.so.2", "2.0"),
        **versioned("libbottom.so.3", "3.8"),
    }
    plan = capture(["libtop.so.1"], PROVIDER, container)
    assert set(links(plan)) == {"libmiddle.so.2", "libbottom.so.3"}
    assert {name: kept.why for name, kept in plan.kept.items()} == {"libtop.so.1": "libtop.so.1.5 < libtop.so.1.10"}


def test_a_name_without_a_version_can_be_anything(capture: Capturing) -> None:
    plan = capture(["libtop.so.1"], {"libtop.so.1": library("libtop.so.1")}, versioned("libtop.so.1", "1.10"))
    assert links(plan) == {"libtop.so.1": "libtop.so.1"}


def test_even_if_older_is_for_the_library_alone(capture: Capturing) -> None:
    container = {**versioned("libtop.so.1", "1.10"), **versioned("libmiddle.so.2", "2.1")}
    plan = capture(["even-if-older:libtop.so.1"], PROVIDER, container)
    assert set(links(plan)) == {"libtop.so.1", "libbottom.so.3"}
    assert set(plan.kept) == {"libmiddle.so.2"}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("", {"libtop.so.1", "libmiddle.so.2", "libbottom.so.3"}),
        ("no-dependencies:", {"libtop.so.1"}),
        ("only-dependencies:", {"libmiddle.so.2", "libbottom.so.3"}),
    ],
)
def test_extent(capture: Capturing, prefix: str, names: set[str]) -> None:
    assert set(links(capture([f"{prefix}libtop.so.1"], PROVIDER))) == names


def test_what_an_earlier_pattern_gave_is_kept(capture: Capturing) -> None:
    container = versioned("libtop.so.1", "1.10")
    plan = capture(["libtop.so.1", "even-if-older:libtop.so.1"], PROVIDER, container)
    assert set(plan.kept) == {"libtop.so.1"}
    assert "libtop.so.1" not in plan.links


def test_knowledge_decides(capture: Capturing) -> None:
    known = Knowledge({"libtop.so.1": (Method.CONTAINER,)}, (Method.PROVIDER,))
    container = {**versioned("libtop.so.1", "1.0"), **versioned("libmiddle.so.2", "2.9")}
    plan = capture(["libtop.so.1"], PROVIDER, container, known)
    assert set(links(plan)) == {"libmiddle.so.2", "libbottom.so.3"}


def test_globs(capture: Capturing) -> None:
    assert set(links(capture(["no-dependencies:lib[mo]*.so.[12]"], PROVIDER))) == {"libmiddle.so.2", "libother.so.1"}


def test_paths_are_linked_by_soname(capture: Capturing) -> None:
    provider = {
        "opt/drivers/a_dri.so": library("a_dri.so", "libother.so.1"),
        "opt/drivers/b_dri.so.2": library("b_dri.so"),
        "opt/drivers/readme": "/etc/nothing",
        "opt/link": "/../../opt/drivers",
        **versioned("libother.so.1", "1.0"),
    }
    plan = capture(["path:/opt/link/a_dri.so", "/opt/*/b*"], provider)
    assert links(plan) == {"a_dri.so": "a_dri.so", "libother.so.1": "libother.so.1.0", "b_dri.so": "b_dri.so.2"}
    assert plan.links["a_dri.so"].real_path == "/opt/drivers/a_dri.so"


def test_a_dependency_beside_the_usual_folders(capture: Capturing) -> None:
    provider = {
        "libtop.so.1": library("libtop.so.1", "libown.so.1", runpath="$ORIGIN/private"),
        f"{FOLDER}/private/libown.so.1": library("libown.so.1"),
    }
    plan = capture(["libtop.so.1"], provider)
    assert plan.links["libown.so.1"].real_path == f"/{FOLDER}/private/libown.so.1"


def test_glibc_is_one_set(capture: Capturing) -> None:
    family = {"libc.so.6": library("libc.so.6"), "libm.so.6": library("libm.so.6"), "libdl.so.2": library("libdl.so.2")}
    provider = {**family, "libtop.so.1": library("libtop.so.1", "libm.so.6", "libc.so.6")}
    assert set(links(capture(["libtop.so.1"], provider, {}))) == {"libtop.so.1", *family}


class Newer(Stock):
    """Each of its libraries defines more versions than any other."""

    def copy(self, library: Library) -> Copy:
        return Copy(super().copy(library).file_name, frozenset({"GLIBC_2.99"}))


def test_nothing_of_glibc_where_the_container_has_a_newer_one(tmp_path: Path) -> None:
    provider = {
        "libc.so.6": library("libc.so.6"),
        "libm.so.6": library("libm.so.6"),
        "libtop.so.1": library("libtop.so.1", "libm.so.6", "libc.so.6"),
    }
    container = Newer(root(tmp_path / "container", {"libc.so.6": library("libc.so.6")}), ABI)
    plan = planned(["libtop.so.1", "libm.so.6"], Stock(root(tmp_path / "provider", provider), ABI), container)
    assert (set(links(plan)), set(plan.kept)) == ({"libtop.so.1"}, {"libc.so.6"})


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("libnope.so.1", "nothing in"),
        ("libnope*", "nothing in"),
        ("/usr/nope", "nothing in"),
        ("path-match:/usr/nope*", "nothing in"),
        ("exact-soname:liblink.so", "nothing in"),
        ("path:/opt/other.so", "another class or machine"),
        ("if-exists:path:/opt/other.so", "another class or machine"),
        ("path:/opt", "is no regular file"),
        ("if-exists:path:/etc/text", "is no ELF file"),
    ],
)
def test_what_cannot_be_had_names_the_pattern(capture: Capturing, word: str, says: str) -> None:
    class Text(Made):
        content = b"text"  # type: ignore[assignment]

    provider = {**PROVIDER, "liblink.so": "libtop.so.1", "opt/other.so": Made(bits=32, machine=X86), "etc/text": Text()}
    with pytest.raises(LibraryError, match=says) as problem:
        capture(["libtop.so.1", word], provider)
    assert word in str(problem.value)


@pytest.mark.parametrize("word", ["if-exists:libnope.so.1", "if-same-abi:path:/opt/other.so", "path-match:/opt/*"])
def test_what_may_be_missing(capture: Capturing, word: str) -> None:
    provider = {"opt/other.so": Made(bits=32, machine=X86), "opt/own.so": library("own.so"), **PROVIDER}
    assert set(links(capture([word], provider))) <= {"own.so"}


def test_what_is_worth_knowing(capture: Capturing) -> None:
    provider = {**versioned("libtop.so.1", "1.5", "libnope.so.1"), "libtop.so": "libtop.so.1"}
    plan = capture(["libtop.so.1", "libtop.so"], provider)
    assert plan.notes == [
        f"libnope.so.1, needed by /{FOLDER}/libtop.so.1.5, is not in the provider",
        f"libtop.so and libtop.so.1 are one library, /{FOLDER}/libtop.so.1.5",
    ]
