"""`pytest-vessel check` against real implementations: what is wrong with an adapter is noticed, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

import pytest
from damages import DAMAGES, Damage, described

from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.described import Description
from pytest_vessel.check.checked import Checked, check
from pytest_vessel.check.shown import shown
from pytest_vessel.system import environment

PROGRAMS = {"reference": "sh", "bubblewrap": "bwrap", "flatpak": "flatpak"}


def checked(description: Description) -> Checked:
    """What comes of an adapter, where this machine has what it drives."""
    if not shutil.which(PROGRAMS[description.name]):
        pytest.skip(f"{description.name} is not installed")
    if lacking := environment.lacks(("userns",)):
        pytest.skip(lacking.what)
    return check(CommandAdapter(description, description.name))


DAMAGED = [
    pytest.param(damage, id=name.replace(" ", "-"), marks=pytest.mark.full if number % 3 else ())
    for number, (name, damage) in enumerate(DAMAGES.items())
]
"""A third of them in CI: each takes seconds."""


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_is_wrong_is_noticed_by_its_key(damage: Damage) -> None:
    found = checked(damage.do(described(damage.base, damage.verbs)))
    told = "\n".join(shown(found))
    notices = [f"{one.what}\n{one.mend}" for one in found.notices if one.wrong and one.key == damage.key]
    assert any(damage.what in notice for notice in notices), told
    assert not found.sound
    assert f"\n  wrong  {damage.key}: " in told


@pytest.mark.parametrize(("name", "known"), [("reference", []), ("flatpak", []), ("bubblewrap", ["choices.wait"])])
def test_nothing_is_wrong_with_the_built_in_adapters(name: str, known: list[str]) -> None:
    """bubblewrap's lock tool starts its command beside an exclusive lock: said, and judged by the suite alone."""
    found = checked(described(name))
    assert found.sound, "\n".join(shown(found))
    assert [notice.key for notice in found.notices] == known
    assert all(seen.works for seen in found.driven)
    assert {seen.verb for seen in found.driven} == set(described(name).verbs)
    assert all(effect.seen == effect.expected for effect in found.effects if effect.key not in known)


OVERLAY = ["bwrap", "--ro-bind", "{runtime}", "/usr", "--ro-bind", "{provider}/usr", "/over", "--", "{argv}"]


@pytest.mark.parametrize(("place", "sound"), [("/over", True), ("/elsewhere", False)])
def test_what_is_laid_over_a_runtime_appears_where_the_adapter_says(place: str, sound: bool) -> None:
    own = described("bubblewrap", ("run",))
    layout = {**own.layout, "overrides_inside": place}
    found = checked(
        replace(own, verbs={"overlay": tuple(OVERLAY)}, layout=layout, choices={"layout": {"merged-usr": ()}})
    )
    assert found.sound == sound, "\n".join(shown(found))
    assert [effect.name for effect in found.effects] == ["{runtime}", "{provider}"]
    assert all("at layout.overrides_inside" in notice.what for notice in found.notices if notice.wrong)


LEAVES = "import os, sys; pid = os.fork(); pid or (os.setsid(), os.close(1), os.execv(sys.argv[1], sys.argv[1:])); "
ENGINE = ["bwrap", "--bind", "{root}", "/", "--proc", "/proc", "--dev", "/dev", "--die-with-parent", "{argv}"]


def starting(*words: str, execute: Sequence[str] = ENGINE) -> Checked:
    """What comes of an adapter that executes and starts payloads."""
    own = described("bubblewrap", ("start",))
    return checked(replace(own, verbs={"execute": tuple(execute), "start": words, "tree": ("true", "{pid}")}))


def test_engines_and_payloads_that_go_on() -> None:
    """The pid is that in the pid namespace of the call; what stays behind is ended."""
    found = starting("{python}", "-c", LEAVES + "print('a line'); print(pid)", "{argv}")
    assert found.sound, "\n".join(shown(found))
    assert [(seen.verb, seen.works) for seen in found.driven] == [("execute", True), ("start", True)]
    assert any(process.name.startswith("probe") for process in found.driven[1].processes)
    assert [effect.name for effect in found.effects] == ["{root}"]
    assert [(notice.key, notice.wrong) for notice in found.notices] == [("verbs.tree", False)]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("{python}", "-c", LEAVES + "print(1)", "{argv}"), "the last line of its stdout is '1', not the pid"),
        (("{python}", "-c", LEAVES, "{argv}"), "the last line of its stdout is '', not the pid"),
        (("echo", "{argv}"), "no process executes {argv} when all is at rest (status 0 without a message)"),
        (("false", "{argv}"), "no process executes {argv} when all is at rest (status 1 without a message)"),
    ],
)
def test_a_start_that_tells_another_pid(words: tuple[str, ...], what: str) -> None:
    found = starting(*words)
    assert [notice.key for notice in found.notices if notice.wrong] == ["verbs.start"]
    assert what in next(notice.what for notice in found.notices if notice.wrong)


def test_an_engine_that_shows_another_root() -> None:
    """Judged by a suite: a library that is preloaded cannot redirect a static program."""
    outside = ["bwrap", "--bind", "/", "/", "--ro-bind", "{root}/usr/libexec", "/usr/libexec", "{argv}"]
    found = starting("{python}", "-c", LEAVES + "print(pid)", "{argv}", execute=outside)
    assert [(one.key, one.wrong) for one in found.notices] == [("verbs.execute", False), ("verbs.tree", False)]
