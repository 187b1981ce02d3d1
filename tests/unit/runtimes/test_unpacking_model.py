"""Random members against a model: a dict of dicts, with the rules of names and links, and nothing of descriptors."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_archives import Member, Seen, file, folder, hard, link, packed, seen, unpacked

from pytest_vessel.errors import SourceError

Node = dict[str, "Node"] | bytes | str
"""A folder, the content of a file, or the text of a link."""


class Wrong(Exception):
    """What the model refuses."""


class Model:
    def __init__(self) -> None:
        self.top: dict[str, Node] = {}

    def parent(self, names: list[str], create: bool) -> dict[str, Node]:
        stack, todo, links = [self.top], list(names), 0
        while todo:
            name = todo.pop(0)
            if name == "..":
                stack = stack[:-1] or stack
                continue
            if name in ("", "."):
                continue
            if name not in stack[-1]:
                if not create:
                    raise Wrong
                stack[-1][name] = {}
            node = stack[-1][name]
            if isinstance(node, dict):
                stack.append(node)
            elif isinstance(node, str):
                links += 1
                if links > 40:
                    raise Wrong
                stack = [self.top] if node.startswith("/") else stack
                todo = node.split("/") + todo
            else:
                raise Wrong
        return stack[-1]

    def add(self, member: Member) -> None:
        info, content = member
        names = [name for name in info.name.split("/") if name != "."]
        if ".." in names or names[0] == "":
            raise Wrong
        if info.islnk():
            self.add_hard_link(names, info.linkname.split("/"))
            return
        parent = self.parent(names[:-1], create=True)
        if info.isdir():
            before = parent.get(names[-1])
            parent[names[-1]] = before if isinstance(before, dict) else {}
        else:
            parent[names[-1]] = info.linkname if info.issym() else content

    def add_hard_link(self, names: list[str], target: list[str]) -> None:
        if ".." in target:
            raise Wrong
        source = self.parent(target[:-1], create=False)
        node = source.get(target[-1])
        if node is None or isinstance(node, dict):
            raise Wrong
        parent = self.parent(names[:-1], create=True)
        replaced = parent.get(names[-1])
        if (parent is source and names[-1] == target[-1]) or (isinstance(replaced, dict) and _holds(replaced, source)):
            raise Wrong
        parent[names[-1]] = node


def _holds(folder: dict[str, Node], wanted: dict[str, Node]) -> bool:
    return folder is wanted or any(_holds(node, wanted) for node in folder.values() if isinstance(node, dict))


def flat(folder: dict[str, Node], above: str = "") -> Seen:
    found: Seen = {}
    for name, node in folder.items():
        if isinstance(node, dict):
            found |= {above + name: None, **flat(node, f"{above}{name}/")}
        else:
            found[above + name] = node
    return found


PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)
HOSTILE_PATHS = st.lists(st.sampled_from(["a", "b", ".", ".."]), min_size=1, max_size=4).map("/".join)
TARGETS = st.one_of(PATHS, HOSTILE_PATHS, PATHS.map("/".__add__), st.just("../../outside"), st.just("/"))
MEMBERS = st.one_of(
    st.builds(file, PATHS, st.binary(max_size=3)),
    st.builds(folder, PATHS),
    st.builds(link, PATHS, TARGETS),
    st.builds(hard, PATHS, PATHS),
)
HOSTILE = st.builds(file, HOSTILE_PATHS.filter(lambda path: set(path) - {".", "/"}))
ARCHIVES = st.lists(st.one_of(MEMBERS, MEMBERS, MEMBERS, HOSTILE), max_size=12)


@given(st.lists(ARCHIVES, min_size=1, max_size=2))
def test_as_the_model_has_it(archives: list[list[Member]]) -> None:
    model = Model()
    try:
        for member in (member for archive in archives for member in archive):
            model.add(member)
        expected: Seen | None = flat(model.top)
    except Wrong:
        expected = None
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "outside").mkdir()
        (Path(scratch) / "outside/a").write_text("as it was")
        if expected is None:
            with pytest.raises(SourceError):
                unpacked(Path(scratch) / "root", *map(packed, archives))
        else:
            assert seen(unpacked(Path(scratch) / "root", *map(packed, archives))) == expected
        assert seen(Path(scratch) / "outside") == {"a": b"as it was"}
        assert {path.name for path in Path(scratch).iterdir()} <= {"outside", "root", "root-1.tar", "root-2.tar"}
