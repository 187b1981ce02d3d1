"""Random members against a model: a dict of dicts, with the rules of names and links, and nothing of descriptors."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from pathlib import Path
from random import Random

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

    def hide(self, names: list[str]) -> None:
        folder = self.top
        for name in names[:-1]:
            below = folder.get(name, {})
            assert isinstance(below, dict)
            folder = below
        if names[-1] == ".wh..opq":
            folder.clear()
        else:
            folder.pop(names[-1], None)

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
MANY = st.lists(st.one_of(MEMBERS, MEMBERS, MEMBERS, HOSTILE), max_size=20)


@given(MANY, st.integers(0, 20))
def test_as_the_model_has_it(members: list[Member], second_layer_from: int) -> None:
    model, honest, refused = Model(), [], []
    for member in members:
        before = deepcopy(model.top)
        try:
            model.add(member)
            honest.append(member)
        except Wrong:
            model.top = before
            refused.append((len(honest), member))
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        (top / "outside").mkdir()
        (top / "outside/a").write_text("as it was")
        layers = packed(honest[:second_layer_from]), packed(honest[second_layer_from:])
        assert seen(unpacked(top / "root", *layers)) == flat(model.top)
        for after, member in refused[:1]:
            with pytest.raises(SourceError):
                unpacked(top / "refused", packed([*honest[:after], member]))
        assert seen(top / "outside") == {"a": b"as it was"}
        assert {path.name for path in top.iterdir() if path.is_dir()} <= {"outside", "root", "refused"}


FOLDERS = st.lists(st.sampled_from(["d", "e"]), max_size=2).map(lambda names: "".join(f"{name}/" for name in names))
FILES = st.builds(lambda above, name, content: file(above + name, content), FOLDERS, st.sampled_from("xy"), st.binary())
WHITEOUTS = st.builds(lambda above, name: above + name, FOLDERS, st.sampled_from([*"dexy", ".wh..opq"]))


@given(st.lists(FILES), st.lists(FILES), st.lists(WHITEOUTS), st.randoms())
def test_whiteouts_come_first_wherever_they_are(
    lower: list[Member], upper: list[Member], whiteouts: list[str], random: Random
) -> None:
    model = Model()
    for member in lower:
        model.add(member)
    for path in whiteouts:
        model.hide(path.split("/"))
    for member in upper:
        model.add(member)
    marks = [file(f"{above}{slash}.wh.{name}") for above, slash, name in (path.rpartition("/") for path in whiteouts)]
    shuffled = random.sample([*upper, *marks], len(upper) + len(marks))
    last = {info.name: content for info, content in shuffled}
    expected = {name: last.get(name, content) for name, content in flat(model.top).items()}
    with tempfile.TemporaryDirectory() as scratch:
        root = unpacked(Path(scratch) / "root", packed(lower), packed(shuffled), whiteouts=True)
        assert seen(root) == expected
