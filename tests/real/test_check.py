"""`pytest-vessel check` against real implementations: what is wrong with an adapter is noticed, and nothing else."""

from __future__ import annotations

import shutil

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
