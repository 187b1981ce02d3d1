"""The walls between the rooms, held by reading the sources: who imports whom, who may touch the system."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"pytest_vessel": "pytest_vessel", "conformance": "pytest_vessel.conformance"}
PACKAGES |= {"fixtures": "pytest_vessel.fixtures"}

PURE = r"clause|promise|row|observation|judge|record|report|conformance\.\w+\.(decide\w*|seen\w*)"
"""Facts and what is made of them: also runs in a replay, on a machine without the runtime."""

SYSTEM = frozenset(("subprocess", "socket", "ctypes", "signal", "multiprocessing", "tempfile", "shutil", "select"))
TEST_RUNNERS = frozenset(("pytest", "_pytest", "xdist", "pluggy"))
WITH_PYTEST = r"plugin|collect|hooks|controller|cli|fixtures|conformance"
PROGRAMS_OF_THEIR_OWN = r"system\.(zygote|keeper|holder|work|mounts|kernel|seccomp)"
"""They run outside of pytest, and start quickly: the standard library and each other alone."""
CAPTURING = "pytest_vessel.reference.capturing"
WHAT_CAPTURING_KNOWS = r"pytest_vessel\.(capture|libraries|errors)\."
"""One verb has a part of the project do its work; it imports that when it is used."""

WRITERS = frozenset(
    (
        *("pytest_vessel.record.read", "pytest_vessel.record.write", "pytest_vessel.clause"),
        "pytest_vessel.report.by_hand.fragments",
    )
)
"""The pure modules that have files of their own."""

LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 400, 60
LONGER_MODULES = {"tests/unit/test_probe.py": 450}
"""They may shrink, not grow; nobody may join them."""


@dataclass(frozen=True)
class Module:
    path: str
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def imports(self) -> frozenset[str]:
        """Full names of all that it imports, also inside of functions; not what only a type checker reads."""
        return frozenset(_imported(self.tree.body))


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            for field in ("body", "orelse", "finalbody"):
                yield from _imported(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from _imported(handler.body)


def _module(path: Path) -> Module:
    inside = path.relative_to(ROOT)
    package = PACKAGES.get(inside.parts[0], inside.parts[0])
    name = ".".join((package, *inside.with_suffix("").parts[1:])).removesuffix(".__init__")
    return Module(str(inside), name, path.read_text(encoding="utf-8"))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    found = [_module(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return tuple(found)


def ours() -> tuple[Module, ...]:
    return modules(*PACKAGES)


def everything() -> tuple[Module, ...]:
    return modules(*PACKAGES, "tests", "benchmarks")


def room(pattern: str) -> list[Module]:
    found = [one for one in ours() if re.fullmatch(rf"pytest_vessel\.({pattern})(\..*)?", one.name)]
    assert found, f"no module is called {pattern}"
    return found


def reached(module: Module) -> frozenset[str]:
    """All imports of it and of the modules of ours that it imports, and so on."""
    known = {one.name: one for one in ours()}
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        fresh = waiting.pop().imports - seen
        seen |= fresh
        waiting += [known[name] for full in fresh for name in (full, full.rpartition(".")[0]) if name in known]
    return frozenset(seen)


def tops(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_facts_and_judgements_touch_no_system_and_no_pytest() -> None:
    forbidden = SYSTEM | TEST_RUNNERS
    assert not [f"{one.path}: reaches {bad}" for one in room(PURE) for bad in sorted(tops(reached(one)) & forbidden)]


def test_facts_and_judgements_know_no_room_that_does() -> None:
    rooms = re.compile(r"pytest_vessel\.(system|adapter|fixtures|reference|mutant|context|run|plugin)(\..*)?")
    assert not [f"{one.path}: reaches {name}" for one in room(PURE) for name in reached(one) if rooms.fullmatch(name)]


def test_only_the_record_and_the_catalogue_have_files() -> None:
    pure = [one for one in room(PURE) if one.name not in WRITERS]
    assert not [f"{one.path}: {call}" for one in pure for call in _accesses(one)]


def _accesses(module: Module) -> Iterator[str]:
    names = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "iterdir", "rename"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in names:
                yield f"{called}() in line {node.lineno}"


def test_only_the_rooms_of_pytest_import_it() -> None:
    allowed = {one.name for one in room(WITH_PYTEST)}
    assert not [
        f"{one.path}: imports {', '.join(sorted(bad))}"
        for one in ours()
        if one.name not in allowed and (bad := tops(one.imports) & TEST_RUNNERS)
    ]


def test_libraries_are_read_and_never_run() -> None:
    starters = {"subprocess", "multiprocessing", "socket", "signal"}
    assert not [
        f"{one.path}: reaches {bad}"
        for one in room("libraries|capture")
        for bad in sorted(tops(reached(one)) & (starters | TEST_RUNNERS))
    ]


def test_suites_do_not_import_each_other() -> None:
    assert not [
        f"{one.path}: imports {name}"
        for one in room("conformance")
        for name in one.imports
        if (suite := re.match(r"pytest_vessel\.conformance\.(\w+)", name)) and suite[1] != one.name.split(".")[2]
    ]


@pytest.mark.parametrize("programs", [PROGRAMS_OF_THEIR_OWN, "reference"])
def test_programs_of_their_own_import_the_standard_library_alone(programs: str) -> None:
    known = {one.name for one in room(programs)} | {one.name.rpartition(".")[0] for one in room(programs)}
    assert not [
        f"{one.path}: imports {name}"
        for one in room(programs)
        for name in one.imports
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not (name in known or name.rpartition(".")[0] in known - {"pytest_vessel"})
        and not (one.name == CAPTURING and re.match(WHAT_CAPTURING_KNOWS, name))
    ]


def test_suites_know_no_implementation_by_name() -> None:
    adapters = [path.stem for path in (ROOT / "pytest_vessel/adapter").glob("*.toml")]
    assert "bubblewrap" in adapters
    names = re.compile(rf"\b({'|'.join([*adapters, 'bwrap'])})\b", re.IGNORECASE)
    texts = [(one.path, one.text) for one in room("conformance")]
    # The source of a clause says where the requirement comes from, and so do the promises.
    for path in (ROOT / "conformance").rglob("clauses.toml"):
        rows = path.read_text().splitlines()
        texts.append((str(path.relative_to(ROOT)), "\n".join(row for row in rows if not row.startswith("source"))))
    assert not [f"{path}: names {name}" for path, text in texts for name in names.findall(text)]


def _sleeps(module: Module) -> Iterator[int]:
    """Lines of sleeps that are no poll of a condition with a deadline."""
    loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.While) and "monotonic" in ast.unparse(node)]
    polls = {id(node) for loop in loops for node in ast.walk(loop)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and re.search(r"(^|\.)sleep$", ast.unparse(node.func)) and id(node) not in polls:
            yield node.lineno


def test_nothing_sleeps() -> None:
    assert not [f"{one.path}:{line}: sleeps" for one in everything() for line in _sleeps(one)]
    assert not [f"{one.path}: imports time.sleep" for one in everything() if "time.sleep" in one.imports]


def test_a_sleep_is_seen() -> None:
    assert list(_sleeps(Module("", "", "import time\nwhile not done():\n    time.sleep(1)\n"))) == [3]


def test_nothing_is_ended_by_its_name() -> None:
    assert not [
        f"{one.path}: {word}" for one in everything() for word in re.findall(r"\bp" r"kill\b|\bkillall\b", one.text)
    ]


def test_modules_and_functions_are_small() -> None:
    assert not [
        f"{one.path}: {lines} lines"
        for one in everything()
        if (lines := one.text.count("\n")) > LONGER_MODULES.get(one.path, LINES_OF_A_MODULE)
    ]
    assert not [f"{one.path}: {name} has {n} lines" for one in everything() for name, n in _functions(one)]


def _functions(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield node.name, lines


def test_longer_modules_are_needed_no_more_than_they_are() -> None:
    assert not [
        f"{path}: is {lines} lines now: take it out"
        for path in LONGER_MODULES
        if (lines := (ROOT / path).read_text().count("\n")) <= LINES_OF_A_MODULE
    ]


def test_texts_speak_of_the_project_alone() -> None:
    # Written in two parts, so that this file does not find itself.
    words = re.compile(r"(?<![\w.])/(?:wo" r"rk|tmp/w" r"t|tmp/bri" r"ef)/|\bissue" r" #?\d")
    folders = (*PACKAGES, "tests", "benchmarks", "docs", "tools")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    paths += [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.py")]
    for path in paths:
        if path.suffix in (".py", ".toml", ".md", ".c", ".json", "") and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not (found := words.search(text)), f"{path.relative_to(ROOT)}: {found and found[0]}"
