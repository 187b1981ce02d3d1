"""HARN: which hosts can be asked for, and what is said without testinfra."""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import pytest

from pytest_vessel.errors import Inconclusive, UsageProblem
from pytest_vessel.system import host


def test_this_machine() -> None:
    assert host.checked("local://") == "local://"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("ssh://user@machine:22", "ssh hosts cannot be reached yet"),
        ("podman://name", "podman hosts cannot be reached yet"),
        ("chroot:///srv/root", "chroot hosts cannot be reached yet"),
        ("local://here", "this machine has no name here: 'here'"),
        ("locl://", "Did you mean 'local://'?"),
        ("", "is no host"),
        ("machine", "is no host"),
    ],
)
def test_others_are_usage_errors(spec: str, words: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        host.checked(spec)
    assert words in str(caught.value)
    assert str(caught.value).startswith("--vessel-host: ")
    assert caught.value.mend


def test_the_host_is_testinfras(monkeypatch: pytest.MonkeyPatch) -> None:
    fake: Any = types.ModuleType("testinfra")
    fake.get_host = lambda spec: ("the host of", spec)
    monkeypatch.setitem(sys.modules, "testinfra", fake)
    assert host.reach("local://") == ("the host of", "local://")


def test_without_testinfra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testinfra", None)
    with pytest.raises(Inconclusive, match=r"pip install 'pytest-vessel\[hosts\]'"):
        host.reach("local://")


def test_a_broken_testinfra_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ModuleNotFoundError("No module named 'yaml'", name="yaml")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="yaml"):
        host.reach("local://")
