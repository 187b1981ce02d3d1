"""Words of the record as words of a shell. Pure."""

from __future__ import annotations

import re
import shlex

from pytest_vessel.report import escape

_TEMPLATE = re.compile(r"\$(?:(\$)|(WORK|RUNTIME|PARENT|COPY|PROBE)(?![A-Za-z0-9_]))")


class Unspeakable(ValueError):
    """A word that has no plain form in a script."""


def shell_word(template: str) -> str:
    """A template of the record (`pytest_vessel.record.scene`) as one word: variables in double quotes, the rest plain.

    Raises:
        Unspeakable: it holds characters that a terminal would obey, or that are no UTF-8.
    """
    parts, at = [], 0
    for found in _TEMPLATE.finditer(template):
        parts += [_plain(template[at : found.start()]), _plain("$") if found[1] else f'"${found[2]}"']
        at = found.end()
    return "".join([*parts, _plain(template[at:])]) or "''"


def _plain(text: str) -> str:
    if not text:
        return ""
    if not text.isprintable():
        raise Unspeakable(f"the command line holds characters that are not plain text: {escape.line(text)}")
    return shlex.quote(text)


def comment(text: str, *, indent: str = "# ") -> list[str]:
    """Text as comment lines: nothing in it can end the comment."""
    return [f"{indent}{line}".rstrip() for line in escape.lines(text)]
