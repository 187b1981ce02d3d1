"""HARN: a folder is seen with all that is in it, no link followed, and two such looks are compared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_vessel.observation.codec import from_json, to_json
from pytest_vessel.observation.tree import Entry, Kind, Tree, differences
from pytest_vessel.system import tree

TREE = Tree((Entry("a", Kind.FOLDER), Entry("a/b", Kind.LINK, "/nowhere"), Entry("c.json", Kind.FILE, "{}")))


def test_what_is_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").symlink_to("/nowhere")
    (tmp_path / "c.json").write_text("{}")
    os.mkfifo(tmp_path / "d")
    seen = tree.seen(tmp_path)
    assert seen == Tree((*TREE.entries, Entry("d", Kind.OTHER)))
    assert from_json(Tree, to_json(seen)) == seen


def test_no_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert tree.seen(tmp_path / "none") is None
    assert tree.seen(tmp_path / "link") is None


def test_a_folder_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MOST_ENTRIES", 2)
    for name in "abcde":
        (tmp_path / name).mkdir()
    seen = tree.seen(tmp_path)
    assert seen is not None
    assert (len(seen.entries), seen.left_out) == (2, 3)
    assert str(seen) == "a/, b/ and 3 more"


def test_links_and_files_by_their_paths() -> None:
    assert (TREE.links, TREE.files) == ({"a/b": "/nowhere"}, {"c.json": "{}"})
    assert [(entry.folder, entry.name) for entry in TREE.entries] == [("", "a"), ("a", "b"), ("", "c.json")]


@pytest.mark.parametrize(
    ("seen", "lines"),
    [
        (TREE, []),
        (Tree(TREE.entries[:2]), ["- c.json"]),
        (Tree((*TREE.entries, Entry("d", Kind.FOLDER))), ["+ d/"]),
        (Tree((*TREE.entries[::2], Entry("a/b", Kind.LINK, "/x"))), ["! a/b -> /x (expected /nowhere)"]),
        (Tree((*TREE.entries[1:], Entry("a", Kind.LINK, "/x"))), ["! a -> /x (expected a/)"]),
    ],
)
def test_differences_are_marked(seen: Tree, lines: list[str]) -> None:
    assert list(differences(TREE, seen)) == lines


def test_a_difference_shows_the_beginning_of_a_file() -> None:
    wanted, seen = (Tree((Entry("file", Kind.FILE, text),)) for text in ("x" * 65536, ""))
    (line,) = differences(wanted, seen)
    assert line == f"! file (expected {'x' * 397}...)"
