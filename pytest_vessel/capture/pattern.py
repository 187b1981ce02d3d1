"""What to capture, as somebody writes it: `if-exists:soname:libGL.so.1`. Pure but for the files that `from:` names.

====================  ======================================================================
kind                  names
====================  ======================================================================
`soname:NAME`         the library that the provider's loader finds by that name
`exact-soname:NAME`   the same, where its DT_SONAME is that name, too
`soname-match:GLOB`   every library in the provider's cache whose name matches
`path:FILE`           a file of the provider, by an absolute path inside it
`path-match:GLOB`     files of the provider that match
`from:FILE`           patterns, one a line; `#` begins a comment
`gl:`                 the libraries of an OpenGL stack, each `if-exists:even-if-older:`
====================  ======================================================================

A word without a kind is a path where it begins with `/`, else a name; with `*`, `?` or `[` it is a glob.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pytest_vessel.errors import UsageProblem
from pytest_vessel.nearest import nearest

LIST_LIMIT_KIB = 256
_DEEPEST = 8
"""So many `from:` files may name each other in a row."""


class Kind(StrEnum):
    """What the text of a pattern is."""

    SONAME = "soname"
    EXACT_SONAME = "exact-soname"
    SONAME_MATCH = "soname-match"
    PATH = "path"
    PATH_MATCH = "path-match"


class Extent(StrEnum):
    """How much of a library's closure is captured."""

    ALL = ""
    ITSELF = "no-dependencies"
    DEPENDENCIES = "only-dependencies"


@dataclass(frozen=True)
class Pattern:
    """One pattern.

    Attributes:
        kind, text: what to look for.
        if_exists: that nothing matches is no error.
        if_same_abi: that it is of another class or machine is no error.
        even_if_older: the provider's is taken uncompared; its dependencies are compared all the same.
        extent: the library, its dependencies, or both.
        source: as it was written, for messages.
    """

    kind: Kind
    text: str
    if_exists: bool = False
    if_same_abi: bool = False
    even_if_older: bool = False
    extent: Extent = Extent.ALL
    source: str = ""

    def __str__(self) -> str:
        return self.source or f"{self.kind}:{self.text}"


GL = (
    *("libEGL.so.1", "libEGL_*.so.*", "libGL.so.1", "libGLESv1_CM.so.1", "libGLESv1_CM_*.so.*", "libGLESv2.so.2"),
    *("libGLESv2_*.so.*", "libGLX.so.0", "libGLX_*.so.*", "libGLX_indirect.so.0", "libGLdispatch.so.*"),
)
"""What `gl:` stands for. Drivers are loaded by name, so nothing that needs libGL.so.1 leads to them."""

_KINDS = {kind.value: kind for kind in Kind}
_SWITCHES: Mapping[str, Callable[[Pattern], Pattern]] = {
    "if-exists": lambda pattern: replace(pattern, if_exists=True),
    "if-same-abi": lambda pattern: replace(pattern, if_same_abi=True),
    "even-if-older": lambda pattern: replace(pattern, even_if_older=True),
}
_EXTENTS = {extent.value: extent for extent in Extent if extent.value}
_GLOB = frozenset("*?[")


def patterns(words: Sequence[str]) -> tuple[Pattern, ...]:
    """All patterns, in order; `from:` and `gl:` expanded, each part with the prefixes that stand before them.

    Raises:
        UsageProblem: a word that means nothing; names it, and for one of a file that file and the line.
    """
    if not words:
        raise UsageProblem("no pattern: there is nothing to capture", mend="Name a library, as soname:libz.so.1.")
    return tuple(pattern for word in words for pattern in _expanded(word, Pattern(Kind.SONAME, ""), word, ()))


def _expanded(word: str, so_far: Pattern, source: str, files: tuple[Path, ...]) -> Iterator[Pattern]:
    rest = word
    while True:
        prefix, colon, after = rest.partition(":")
        if not colon or prefix not in (*_SWITCHES, *_EXTENTS):
            break
        so_far, rest = _prefixed(so_far, prefix, source), after
    so_far = replace(so_far, source=source)
    if prefix == "from" and colon:
        yield from _of_file(after, so_far, files)
    elif rest == "gl:":
        inner = replace(so_far, if_exists=True, even_if_older=True)
        yield from (replace(_plain(inner, name), source=f"{source} ({name})") for name in GL)
    elif colon and prefix == "gl":
        raise UsageProblem("nothing comes behind gl:", where=source, mend="Write gl: alone.")
    elif colon and prefix in _KINDS:
        yield _checked(replace(so_far, kind=_KINDS[prefix], text=after))
    elif colon and "/" not in prefix:
        known = (*_SWITCHES, *_EXTENTS, *_KINDS, "from", "gl")
        raise UsageProblem(f"{prefix!r} is no prefix of a pattern", where=source, mend=nearest(prefix, known))
    else:
        yield _checked(_plain(so_far, rest))


def _prefixed(pattern: Pattern, prefix: str, source: str) -> Pattern:
    if prefix in _SWITCHES:
        return _SWITCHES[prefix](pattern)
    extent = _EXTENTS[prefix]
    if pattern.extent not in (Extent.ALL, extent):
        what = f"{pattern.extent} and {extent} together leave nothing to capture"
        raise UsageProblem(what, where=source, mend="Keep one of them.")
    return replace(pattern, extent=extent)


def _plain(pattern: Pattern, word: str) -> Pattern:
    """A word without a kind."""
    glob, path = bool(_GLOB & set(word)), word.startswith("/")
    kind = (Kind.PATH_MATCH if glob else Kind.PATH) if path else (Kind.SONAME_MATCH if glob else Kind.SONAME)
    return replace(pattern, kind=kind, text=word)


def _checked(pattern: Pattern) -> Pattern:
    by_path = pattern.kind in (Kind.PATH, Kind.PATH_MATCH)
    if not pattern.text or "\0" in pattern.text:
        raise UsageProblem("names nothing", where=str(pattern), mend="Write a name or a path behind the colon.")
    if by_path and not pattern.text.startswith("/"):
        mend = "Write it as an absolute path inside the provider."
        raise UsageProblem(f"{pattern.text!r} is no absolute path", where=str(pattern), mend=mend)
    if not by_path and "/" in pattern.text:
        mend = f"For a file write path:/{pattern.text.lstrip('/')}."
        raise UsageProblem(f"{pattern.text!r} is a path, not a name", where=str(pattern), mend=mend)
    return pattern


def _of_file(name: str, so_far: Pattern, files: tuple[Path, ...]) -> Iterator[Pattern]:
    from pytest_vessel.toml_file import text_of

    if not name:
        raise UsageProblem("names nothing", where=str(so_far), mend="Write the name of a file behind the colon.")
    file = Path(name)
    if len(files) == _DEEPEST:
        chain = " -> ".join(map(str, (*files, file)))
        raise UsageProblem(f"files name each other without end: {chain}", where=str(so_far), mend="Break the circle.")
    holds, missing = "A list of patterns holds one a line.", "Name a file with one pattern a line."
    text = text_of(file, UsageProblem, limit_kib=LIST_LIMIT_KIB, holds=holds, missing=missing)
    for number, line in enumerate(text.split("\n"), 1):
        if word := line.partition("#")[0].strip():
            yield from _expanded(word, so_far, f"{file}:{number}: {word}", (*files, file))
