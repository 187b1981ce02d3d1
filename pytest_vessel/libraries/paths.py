"""Path lists and the tokens in them, as the loader of glibc takes them apart (ld.so(8))."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\$(?:\{(ORIGIN|PLATFORM|LIB)\}|(ORIGIN|PLATFORM|LIB)(?![A-Za-z0-9_]))")


def expand(text: str, values: dict[str, str]) -> str | None:
    """The text with its tokens replaced; None when one of them has no value here."""
    if "$" not in text:
        return text
    tokens = {match[1] or match[2] for match in _TOKEN.finditer(text)}
    if not all(values.get(token) for token in tokens):
        return None
    return _TOKEN.sub(lambda match: values[match[1] or match[2]], text)


def prefixes(text: str, values: dict[str, str], separators: str = ":") -> tuple[str, ...]:
    """What is put before a name: each folder once, with a slash; empty for the current folder (an empty element).

    An empty list has no element at all.
    """
    return tuple(dict.fromkeys(_prefixes(text, values, separators))) if text else ()


def _prefixes(text: str, values: dict[str, str], separators: str) -> Iterator[str]:
    for element in re.split(f"[{separators}]", text):
        expanded = expand(element, values)
        if not element:
            yield ""
        elif expanded:
            yield expanded.rstrip("/") + "/"


def folder_of(path: str, cwd: str) -> str:
    """`$ORIGIN` of an object that was found by this path: no link is resolved."""
    whole = path if path.startswith("/") else f"{cwd.rstrip('/')}/{path}"
    return whole.rpartition("/")[0] or "/"
