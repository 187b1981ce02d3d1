"""Conditions on kernel, version and profile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.judge.condition import When, holds, understood

KERNEL = "6.18.44-1-amd64"


@pytest.mark.parametrize(
    ("condition", "text", "expected"),
    [
        ("", "", True),
        (">=6", KERNEL, True),
        (">= 6.18", KERNEL, True),
        (">6.18", KERNEL, True),
        (">6.18.44", KERNEL, False),
        ("<6.19", KERNEL, True),
        (">=5.15, <6.9", KERNEL, False),
        (">=5.15,<7", KERNEL, True),
        ("==6.18.44", KERNEL, True),
        ("==6.18.44.0", KERNEL, True),
        ("!=6.18", KERNEL, True),
        ("<=6.2", "6.10", False),
        ("6.18*", KERNEL, True),
        ("*-amd64", KERNEL, True),
        ("6.1", "6.18", False),
        ("0.8*", "bubblewrap 0.8.0", True),
        ("0.8*", "bubblewrap 0.9.0", False),
        ("bubblewrap 0.8.0", "bubblewrap 0.8.0", True),
        (">=0.8", "bubblewrap 0.8.0", True),
        (">=1", "acme v1.2 (sha 99)", True),
        ("<1", "acme2 v1.2", False),
        (">=0", "", False),
        ("<9", "no number", False),
    ],
)
def test_conditions(condition: str, text: str, expected: bool) -> None:
    assert understood(condition)
    assert holds(condition, text) is expected


@pytest.mark.parametrize("condition", [">=", "=6", ">=6 <7", ">=six", "6, <7", "=>6", "~6 !"])
def test_what_is_no_condition(condition: str) -> None:
    assert not understood(condition)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_order_is_that_of_the_numbers(one: list[int], other: list[int]) -> None:
    width = max(len(one), len(other))
    mine, theirs = (numbers + [0] * (width - len(numbers)) for numbers in (one, other))
    text, version = ".".join(map(str, one)), ".".join(map(str, other))
    assert holds(f">={version}", text) is (mine >= theirs)
    assert holds(f"<{version}", text) is (mine < theirs)
    assert holds(f"=={version}", text) is (mine == theirs)


@pytest.mark.parametrize(
    ("when", "met"),
    [
        (When(), True),
        (When(kernel=">=6", version="1.*", profile="made/*"), True),
        (When(kernel=">=7", version="1.*"), False),
        (When(version="2.*"), False),
        (When(profile="locking/*"), False),
    ],
)
def test_all_of_them_must_hold(when: When, met: bool) -> None:
    assert when.met(kernel=KERNEL, version="acme 1.0", profile="made/up") is met
