"""Nothing that a terminal or a CI log obeys gets through; everything else does."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_vessel.report import escape

ANY = st.text(st.characters(codec=None))  # surrogates too
NASTY = st.text(st.sampled_from("\x1b\x07\x00\x9b\x85\u202e\u2066\u061c\u200b\u2028\ufeff\udcff\ud800:#[ \t\r\nvsoa"))


def assert_harmless(line: str) -> None:
    for character in line:
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp"), repr(line)
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
    assert not line.lstrip().startswith("::")
    assert not re.search(r"##(vso)?\[", line)
    line.encode("utf-8")


@given(st.one_of(ANY, NASTY))
@example("\x1b]0;title\x07")
@example("\t::error::x")
@example("\u3000::error::x")
@example("###[x ##vso[y")
@example("\udc9b31m")
def test_one_line(text: str) -> None:
    line = escape.line(text)
    assert_harmless(line)
    assert escape.line(line) == line


@given(st.one_of(ANY, NASTY))
@example("a\r\n::warning::\nb")
@example("a\x0b::x\x0c::y\x85::z")
def test_several_lines(text: str) -> None:
    lines = escape.lines(text)
    assert len(lines) == text.count("\n") + 1
    for line in lines:
        assert_harmless(line)
    assert escape.block(text) == "\n".join(lines)


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs", "M"), exclude_characters=":#")))
def test_ordinary_text_stays(text: str) -> None:
    assert escape.line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("\udcff", r"\xff"),
        ("\ud800", r"\ud800"),
        ("\u202egpj", r"\u202egpj"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("::error::x", r"\x3a:error::x"),
        ("a ::b", "a ::b"),
        ("##[group]x", r"\x23#[group]x"),
        ("## heading", "## heading"),
        ("C:: std::vector", "C:: std::vector"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert escape.line(text) == shown


def test_tabs_of_a_block_become_blanks() -> None:
    assert escape.lines("a\tb\r\nc") == ["a   b", "c"]
