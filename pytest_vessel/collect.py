"""Collecting the suites: our own folders, modules and items, whatever the project around them configures.

An item is one clause, one case, one implementation. Nothing here asks for ini keys, conftest files or hooks of
others: what is collected follows from the catalogue and the marks of the tests alone.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

from pytest_vessel.bindings import Case, bind
from pytest_vessel.clause import Catalogue
from pytest_vessel.context import Context
from pytest_vessel.errors import UsageProblem, VesselError
from pytest_vessel.invocation import PREFIX, selects
from pytest_vessel.nearest import nearest
from pytest_vessel.row import Row
from pytest_vessel.run import CaseRun

_MARK = "__vessel_clauses__"
_PACKAGE = PREFIX.replace("/", ".")
_Test = TypeVar("_Test", bound=Callable[..., None])

CONTEXT = pytest.StashKey[Context]()
"""Where `config.stash` keeps the context of a conformance run."""


def clause(*words: str) -> Callable[[_Test], _Test]:
    """Mark a test as the one that decides these clauses (`LOCK-010`) or single cases (`LOCK-012[held]`).

    A bare clause stands for all of its cases that no other test of the suite names. The mark means nothing
    outside of the suites.
    """

    def mark(test: _Test) -> _Test:
        setattr(test, _MARK, (*getattr(test, _MARK, ()), *words))
        return test

    return mark


def folder_of(package: str) -> Path:
    """The real folder of a package."""
    (folder, *_) = importlib.import_module(package).__path__
    return Path(folder).resolve()


class RootFolder(pytest.Directory):
    """All suites; the one argument that is collected in a conformance run."""

    def collect(self) -> Iterable[pytest.Collector]:
        """The suites with a row that is due, in the order of the catalogue; the others are not imported."""
        context = self.config.stash[CONTEXT]
        owing = {context.catalogue[row.clause].suite for row in context.due}
        for suite in (one for one in context.settings.suites if one in owing):
            path = folder_of(f"{_PACKAGE}.{suite}")
            yield SuiteFolder.from_parent(self, path=path, nodeid=f"{PREFIX}/{suite}")


class SuiteFolder(pytest.Directory):
    """One suite: its test modules, each with the cases that its tests decide."""

    def collect(self) -> Iterable[pytest.Collector]:
        """The modules, imported by their canonical names.

        Raises:
            CollectError: a module cannot be imported, or the marks do not fit the catalogue.
        """
        suite = self.nodeid.rpartition("/")[2]
        try:
            bound = _bound(suite, self.config.stash[CONTEXT].catalogue)
        except VesselError as problem:
            raise self.CollectError(str(problem)) from None
        for path in _paths(suite):
            module: SuiteModule = SuiteModule.from_parent(self, path=path, nodeid=f"{self.nodeid}/{path.name}")
            module.bound = bound
            yield module


def _paths(suite: str) -> list[Path]:
    return sorted(folder_of(f"{_PACKAGE}.{suite}").glob("test_*.py"))


def _bound(suite: str, catalogue: Catalogue) -> dict[str, tuple[Case, ...]]:
    """The cases of each test of a suite, by `FILE::NAME`."""
    modules = {path: _imported(f"{_PACKAGE}.{suite}.{path.stem}") for path in _paths(suite)}
    marks = {
        f"{path.name}::{name}": getattr(test, _MARK)
        for path, module in modules.items()
        for name, test in _tests(module).items()
    }
    return bind(marks, catalogue)


def narrowed(context: Context) -> Context:
    """The same context with those rows due alone that the node ids on the command line choose.

    Raises:
        UsageProblem: a node id chooses nothing.
    """
    choices = context.settings.choices
    if not choices:
        return context
    nodeids = {
        Row(offer.name, *case): f"{PREFIX}/{suite}/{test}"
        for suite in context.settings.suites
        for test, cases in _bound(suite, context.catalogue).items()
        for case in cases
        for offer in context.offers
    }
    full = {row: f"{nodeids[row]}[{row.item_id}]" for row in context.due if row in nodeids}
    for choice in choices:
        if not any(selects(choice, nodeid) for nodeid in full.values()):
            mend = nearest(choice, full.values()) if "[" in choice else "See pytest -p vessel --collect-only -q."
            raise UsageProblem("no such test", where=choice, mend=mend)
    due = tuple(row for row in context.due if any(selects(choice, full.get(row, "")) for choice in choices))
    return replace(context, due=due)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as problem:
        import traceback

        text = "".join(traceback.format_exception(problem))
        raise pytest.Collector.CollectError(f"{name} cannot be imported\n{text}") from None


def _tests(module: ModuleType) -> dict[str, Callable[..., None]]:
    return {
        name: thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing) and hasattr(thing, _MARK) and thing.__module__ == module.__name__
    }


class SuiteModule(pytest.Module):
    """One module of a suite."""

    bound: Mapping[str, tuple[Case, ...]]

    def _getobj(self) -> ModuleType:
        return importlib.import_module(self.nodeid.removesuffix(".py").replace("/", "."))

    def items(self, name: str) -> list[pytest.Item]:
        """The items of one test: a row each, for all implementations."""
        context = self.config.stash[CONTEXT]
        cases = self.bound.get(f"{self.path.name}::{name}", ())
        rows = (Row(offer.name, *case) for offer in context.offers for case in cases)
        due = set(context.due)
        test = getattr(self.obj, name)
        return [
            SuiteItem.from_parent(self, name=f"{name}[{row.item_id}]", callobj=test, row=row)
            for row in rows
            if row in due
        ]


class SuiteItem(pytest.Function):
    """One row: set up and run only if nothing settles it before."""

    def __init__(self, *, row: Row, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.row = row
        context = self.config.stash[CONTEXT]
        self.run = CaseRun(context, row, self.nodeid)

    @property
    def id(self) -> Any:
        """The structured node id (since pytest 9.2), equal to that of reports and caches, which read it from text."""
        return type(super().id).parse(self.nodeid)

    @property
    def location(self) -> tuple[str, int | None, str]:
        """File, line and name as reports show them: those of the node id, wherever the package is installed."""
        path, _, name = self.nodeid.partition("::")
        return path, super().location[1], name

    def setup(self) -> None:
        """Fixtures, unless the adapter's offer or this machine settle the case."""
        self.run.settle()
        if self.run.settled is None:
            super().setup()

    def runtest(self) -> None:
        """The test, unless the case is settled."""
        if self.run.settled is None:
            super().runtest()


class Collection:
    """The hooks that put our collectors in the place of pytest's."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The folder of all suites is ours."""
        if path == folder_of(_PACKAGE):
            root: RootFolder = RootFolder.from_parent(parent, path=path, nodeid=PREFIX)
            return root
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Collector, name: str, obj: object
    ) -> list[pytest.Item] | None:
        """In our modules only what carries our mark is a test."""
        if not isinstance(collector, SuiteModule):
            return None
        return collector.items(name) if inspect.isfunction(obj) and hasattr(obj, _MARK) else []
