"""What is called broken at the end of a set-up in which a call failed: on made-up scenes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_vessel.conformance.overrides import fault_checks as checks
from pytest_vessel.observation.process import Bound, Ending, Start
from pytest_vessel.observation.tree import Entry, Kind, Tree

SOUND = Tree((Entry("lib", Kind.FOLDER), Entry("lib/libx.so.1", Kind.LINK, "/run/provider/usr/lib/libx.so.1")))
LESS = Tree(SOUND.entries[:1])
READY = Start(ready=True)
REFUSED = Start(ready=False, ending=Ending(1, message="lib/libx.so.1: cannot be made"))
SILENT = Start(ready=False, ending=Ending(1))


def a_scene(**given: Any) -> Any:
    on = SimpleNamespace(sound=SOUND, temporary=frozenset(given.get("temporary", ())), runtime=None, provider=None)
    on.implementation = SimpleNamespace(
        offers=lambda _capability: given.get("collects", False),
        copy=lambda *_args, choices, **_kwargs: given["asked"].append(choices) or a_call(given["following"]),
    )
    names = iter(given.get("names", ((), ())))
    return SimpleNamespace(
        on=on,
        failed=given.get("failed"),
        temporary=frozenset(),
        locks=lambda: given.get("locks", ""),
        parent=SimpleNamespace(names=lambda: next(names)),
    )


def a_call(start: Start, *, stopped: Bound | None = None) -> Any:
    message = start.ending.message if start.ending else ""
    call = SimpleNamespace(stopped=stopped)
    return SimpleNamespace(call=call, message=message, settle=bool, finish=bool, start=lambda: start)


def an_end(start: Start, tree: Tree | None = None, *, stopped: Bound | None = None) -> Any:
    return SimpleNamespace(start=start, tree=tree, running=a_call(start, stopped=stopped))


def code(broken: checks.Broken | None) -> str:
    return broken[0] if broken else ""


@pytest.mark.parametrize(
    ("start", "tree", "wanted", "told"),
    [
        (READY, SOUND, "", ""),
        (READY, LESS, "incomplete", "incomplete"),
        (READY, None, "incomplete", "incomplete"),
        (REFUSED, None, "", ""),
        (SILENT, None, "", "no-clear-error"),
        (Start(ready=False, waits=True), None, "", "no-clear-error"),
    ],
)
def test_what_runs_is_complete(start: Start, tree: Tree | None, wanted: str, told: str) -> None:
    assert code(checks.complete(a_scene(), an_end(start, tree))) == wanted
    assert code(checks.complete_or_told(a_scene(), an_end(start, tree))) == told


def test_what_is_missing_is_told() -> None:
    broken = checks.complete(a_scene(), an_end(READY, LESS))
    assert broken is not None
    assert broken[1].endswith(": - lib/libx.so.1 -> /run/provider/usr/lib/libx.so.1")


@pytest.mark.parametrize(
    ("start", "failed", "wanted"),
    [
        (REFUSED, "lib/libx.so.1", ""),
        (REFUSED, "lib/liby.so.1", "unnamed"),
        (SILENT, "lib/libx.so.1", "unnamed"),
        (READY, "lib/liby.so.1", ""),
        (REFUSED, None, ""),
    ],
)
def test_a_message_names_what_failed(start: Start, failed: str | None, wanted: str) -> None:
    scene = a_scene(failed=Path(failed) if failed else None)
    assert code(checks.names_what_failed(scene, an_end(start))) == wanted


@pytest.mark.parametrize(
    ("given", "stopped", "wanted"),
    [
        ({}, None, ""),
        ({}, Bound.TIME, "process-stays"),
        ({"locks": "PARENT/.ref"}, None, "lock-stays"),
        ({"temporary": ["tmpabc"]}, None, "litter"),
    ],
)
def test_nothing_stays_of_one_that_failed(given: dict[str, Any], stopped: Bound | None, wanted: str) -> None:
    assert code(checks.nothing_stays(a_scene(**given), an_end(REFUSED, stopped=stopped))) == wanted
    assert checks.nothing_stays(a_scene(**given), an_end(READY, stopped=stopped)) is None


@pytest.mark.parametrize(
    ("following", "names", "wanted"),
    [
        (READY, [["tmp-1"], ["tmp-2"]], ""),
        (READY, [["tmp-1"], ["tmp-1", "tmp-2"]], "unfinished"),
        (REFUSED, [["tmp-1"], []], "hindered"),
    ],
)
@pytest.mark.parametrize("collects", [True, False])
def test_the_next_one_cleans_up(following: Start, names: list[list[str]], wanted: str, collects: bool) -> None:
    asked: list[dict[str, str]] = []
    scene = a_scene(following=following, names=names, collects=collects, asked=asked)
    assert code(checks.gone_after_the_next(scene, an_end(REFUSED))) == wanted
    assert asked == [{"collecting": "yes"} if collects else {}]


def test_what_a_killed_one_leaves_in_tmpdir_is_litter() -> None:
    scene = a_scene(following=READY, asked=[], temporary=["tmpabc"])
    assert checks.gone_after_the_next(scene, an_end(REFUSED)) == ("litter", "in TMPDIR: tmpabc")
