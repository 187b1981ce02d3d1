"""Knowledge files: how single libraries are compared. In the form of a .desktop file::

[Library libgcc_s.so.1]
CompareBy=versions;symbols;name;provider
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ParsingProblem
from pathlib import Path

from pytest_vessel.capture.compare import DEFAULT, OF_LIBC, Method
from pytest_vessel.capture.glibc import LIBC
from pytest_vessel.errors import UsageProblem
from pytest_vessel.nearest import nearest
from pytest_vessel.toml_file import text_of

LIMIT_KIB = 1024
_KEY = "CompareBy"
_OTHER_KEYS = ("PublicSymbols", "PublicSymbolVersions")
"""Keys of such files that say which symbols count; they are read over: the public ones are told by their version."""
_SEPARATORS = re.compile(r"[;,\s]+")


class Knowledge:
    """Which methods compare a library; `default` where the file does not say. libc is compared in one way alone."""

    def __init__(self, by_name: Mapping[str, tuple[Method, ...]] = {}, default: tuple[Method, ...] = DEFAULT) -> None:
        self.by_name, self._default = by_name, default

    def methods(self, soname: str) -> tuple[Method, ...]:
        """The methods for one library, in the order in which they are asked."""
        return OF_LIBC if soname == LIBC else self.by_name.get(soname, self._default)


def methods(text: str, where: str) -> tuple[Method, ...]:
    """Methods from `versions;name`.

    Raises:
        UsageProblem: there is none, or one of them is unknown; says `where`.
    """
    words = [word for word in _SEPARATORS.split(text) if word]
    if not words:
        raise UsageProblem("names no way to compare", where=where, mend=nearest("", map(str, Method)))
    for word in words:
        if word not in list(Method):
            raise UsageProblem(f"{word!r} is no way to compare", where=where, mend=nearest(word, map(str, Method)))
    return tuple(map(Method, words))


def read(file: Path, default: tuple[Method, ...] = DEFAULT) -> Knowledge:
    """The knowledge in a file.

    Raises:
        UsageProblem: it cannot be read, or something in it means nothing; names that.
    """
    holds, missing = "A knowledge file holds some lines a library.", "Name a file with a section for each library."
    text = text_of(file, UsageProblem, limit_kib=LIMIT_KIB, holds=holds, missing=missing)
    parser = ConfigParser(delimiters=("=",), comment_prefixes=("#",), default_section="", interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text, str(file))
    except ParsingProblem as problem:
        what = " ".join(problem.message.split())
        raise UsageProblem(what, where=str(file), mend="Write [Library SONAME], and below it Key=value.") from None
    return Knowledge(dict(_known(parser, str(file))), default)


def _known(parser: ConfigParser, file: str) -> Iterator[tuple[str, tuple[Method, ...]]]:
    for section in parser.sections():
        for key, value in parser[section].items():
            where = f"{file}: [{section}] {key}"
            if key == _KEY:
                yield section.removeprefix("Library "), methods(value, where)
            elif key not in _OTHER_KEYS:
                raise UsageProblem("is no key of a library", where=where, mend=nearest(key, (_KEY, *_OTHER_KEYS)))


def known(compare_by: str = "", file: str | os.PathLike[str] | None = None) -> Knowledge:
    """What two options say: methods for all libraries, and a file for single ones.

    Raises:
        UsageProblem: one of them means nothing.
    """
    default = methods(compare_by, "compare by") if compare_by else DEFAULT
    return Knowledge(default=default) if file is None else read(Path(file), default)
