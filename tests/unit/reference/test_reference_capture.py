"""The verb `capture` of the reference: what it adds to the rules, which tests of their own hold."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from reference_world import LIMIT_S, command, done

from pytest_vessel.conformance.overrides.roots import library, versioned, write


@pytest.fixture
def roots(tmp_path: Path) -> list[str]:
    """The options that name a provider with two libraries, and an empty container."""
    files = {**versioned("libtop.so.1", "1.5", "liblow.so.2"), "liblow.so.2": library("liblow.so.2")}
    (tmp_path / "container").mkdir()
    return ["--provider", str(write(tmp_path / "provider", files)), "--container", str(tmp_path / "container")]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_links_in_a_folder_of_its_own(tmp_path: Path, roots: list[str]) -> None:
    dest = tmp_path / "links"
    result = done("capture", *roots, "--dest", str(dest), "--link-prefix", "/run/host", "libtop.so.1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert names(dest) == ["liblow.so.2", "libtop.so.1"]
    assert os.readlink(dest / "libtop.so.1").startswith("/run/host/")
    assert names(tmp_path) == ["container", "links", "provider"]


def test_a_prefix_that_is_changed_and_what_is_known(tmp_path: Path, roots: list[str]) -> None:
    (tmp_path / "knowledge").write_text("[Library libtop.so.1]\nCompareBy=container\n")
    words = ["--remap", "/usr=/x", "--remap", "/lib=/x", "--knowledge", str(tmp_path / "knowledge")]
    own = [*roots[:3], roots[1]]
    assert done("capture", *own, "--dest", str(tmp_path / "links"), *words, "libtop.so.1").returncode == 0
    assert names(tmp_path / "links") == ["liblow.so.2"]
    assert os.readlink(tmp_path / "links/liblow.so.2").startswith("/x/")


def test_a_destination_below_a_descriptor(tmp_path: Path, roots: list[str]) -> None:
    (tmp_path / "overrides/lib").mkdir(parents=True)
    folder = os.open(tmp_path / "overrides", os.O_PATH)
    words = command("capture", *roots, "--dest", f"/proc/self/fd/{folder}/lib/tuple", "libtop.so.1")
    result = subprocess.run(words, pass_fds=(folder,), capture_output=True, timeout=LIMIT_S, check=False)
    os.close(folder)
    assert result.returncode == 0, result.stderr
    assert names(tmp_path / "overrides/lib/tuple") == ["liblow.so.2", "libtop.so.1"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["libtop.so.1", "libnope.so.1"], "libnope.so.1: nothing in "),
        (["libtop.so.1", "soname:"], "soname:: names nothing"),
        (["--remap", "usr", "libtop.so.1"], "usr: is no remap"),
        (["--knowledge", "/nowhere", "libtop.so.1"], "/nowhere"),
        (["--arch", "vax", "libtop.so.1"], "'vax' is no multiarch tuple"),
        (["--provider", "/nowhere", "libtop.so.1"], "/nowhere: is no folder"),
    ],
)
def test_what_cannot_be_had_leaves_nothing(tmp_path: Path, roots: list[str], words: list[str], says: str) -> None:
    result = done("capture", *roots, "--dest", str(tmp_path / "links"), *words)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("vessel-reference: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert names(tmp_path) == ["container", "provider"]


def test_what_is_worth_knowing_is_said(tmp_path: Path, roots: list[str]) -> None:
    provider = write(tmp_path / "lacking", {"liba.so": library("liba.so", "libnope.so")})
    result = done("capture", *roots, "--provider", str(provider), "--dest", str(tmp_path / "links"), "liba.so")
    assert result.returncode == 0
    assert result.stderr.startswith("vessel-reference: note: libnope.so, needed by ")
