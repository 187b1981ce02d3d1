"""HARN: which of two copies of a library is newer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.capture.compare import OF_LIBC, Choice, Copy, Method, Side, choose, strverscmp

SETS = st.frozensets(st.sampled_from(["A_1", "A_2", "A_3", "GLIBC_PRIVATE"]))
COPIES = st.builds(Copy, st.sampled_from(["libx.so.1", "libx.so.1.2", "libx.so.1.10"]), SETS, SETS)


@pytest.mark.parametrize(
    ("provider", "container", "side"),
    [
        ("libx.so.1.10", "libx.so.1.9", Side.PROVIDER),
        ("libx.so.1.9", "libx.so.1.10", Side.CONTAINER),
        ("libx.so.1.9", "libx.so.1.9", Side.PROVIDER),
        ("libx.so.1", "libx.so.1.9", Side.PROVIDER),
        ("libx.so.1.9", "libx.so.1", Side.PROVIDER),
        ("libc-2.31.so", "libc-2.36.so", Side.CONTAINER),
    ],
)
def test_by_name(provider: str, container: str, side: Side) -> None:
    assert choose("libx.so.1", Copy(provider), Copy(container)).side is side


@pytest.mark.parametrize("what", ["versions", "symbols"])
def test_by_superset(what: str) -> None:
    less, more = Copy("x", **{what: frozenset("ab")}), Copy("x", **{what: frozenset("abc")})
    other = Copy("x", **{what: frozenset("ad")})
    methods = (Method(what), Method.CONTAINER)
    assert choose("x", more, less, methods) == Choice(
        Side.PROVIDER, f"the provider's has all {what} of the container's, and c"
    )
    assert choose("x", less, more, methods).side is Side.CONTAINER
    assert choose("x", more, less, (Method(what), Method.PROVIDER)).side is Side.PROVIDER
    assert choose("x", less, other, methods).why == "the container's is preferred"
    assert choose("x", more, more, methods).why == "the container's is preferred"


def test_what_is_private_does_not_count() -> None:
    private = Copy("x", frozenset({"A_1", "GLIBC_PRIVATE"}), frozenset({"f@A_1", "g@GLIBC_PRIVATE"}))
    plain = Copy("x", frozenset({"A_1"}), frozenset({"f@A_1"}))
    methods = (Method.VERSIONS, Method.SYMBOLS, Method.CONTAINER)
    assert choose("x", private, plain, methods).why == "the container's is preferred"


def test_the_first_method_that_tells_them_apart_decides() -> None:
    old = Copy("libc.so.6", frozenset({"A_1"}), frozenset({"f", "g"}))
    new = Copy("libc.so.6", frozenset({"A_1", "A_2"}), frozenset({"f"}))
    assert choose("libc.so.6", old, new, OF_LIBC).side is Side.CONTAINER
    assert choose("libc.so.6", old, new, OF_LIBC[1:]).side is Side.PROVIDER


@given(COPIES, COPIES, st.permutations(list(Method)).map(tuple))
def test_of_two_that_are_told_apart_the_same_one_is_newer_whoever_has_it(
    one: Copy, other: Copy, methods: tuple[Method, ...]
) -> None:
    fair = tuple(method for method in methods if method not in (Method.PROVIDER, Method.CONTAINER))
    there, back = choose("libx.so.1", one, other, fair), choose("libx.so.1", other, one, fair)
    undecided = f"neither is newer by {', '.join(fair)}"
    assert (there.why == undecided) == (back.why == undecided)
    assert there.why == undecided or there.side is not back.side


@pytest.mark.parametrize(
    ("one", "other", "sign"),
    [("a9", "a10", -1), ("a09", "a10", -1), ("a010", "a09", -1), ("000", "00", -1), ("a", "a", 0), ("b", "a", 1)],
)
def test_names_compare_as_the_manual_page_says(one: str, other: str, sign: int) -> None:
    found = strverscmp(one, other)
    assert (found > 0) - (found < 0) == sign
