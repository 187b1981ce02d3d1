"""Escapers: text of an implementation on its way to a reader. One a format; here the terminal and CI logs.

What a terminal would obey is shown as an escape: C0 and C1 controls, ESC, DEL, bidirectional controls, line and
paragraph separators, bytes that are no UTF-8 (surrogates). What the log viewers of CI systems obey is broken up:
a line that begins with `::`, and `##[`, `##vso[`.
"""

from __future__ import annotations

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OBEYED = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDI}\u2028\u2029\ufeff\ud800-\udfff]")
_CI_LINE = re.compile(r"^(\s*):(?=:)")
_CI_ANYWHERE = re.compile(r"#(#(?:vso)?\[)")


def line(text: str) -> str:
    """One line of terminal text: line ends and tabs are escaped too."""
    text = _OBEYED.sub(_escaped, text)
    return _CI_ANYWHERE.sub(r"\\x23\1", _CI_LINE.sub(r"\1\\x3a", text))


def lines(text: str) -> list[str]:
    """Text of several lines, each escaped; tabs become blanks. Only `\\n` and `\\r\\n` end a line."""
    return [line(one.removesuffix("\r").expandtabs(4)) for one in text.split("\n")]


def block(text: str) -> str:
    """Text of several lines as one string."""
    return "\n".join(lines(text))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    named = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return named or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
