"""Which of two copies of a library is the newer one: the provider's, or the container's. Pure.

Methods are asked in turn; the first that tells them apart decides. Where none does, the provider's is taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

PRIVATE_VERSION = "GLIBC_PRIVATE"
"""What only members of one build of glibc may use of each other: no promise to anybody else."""


class Side(StrEnum):
    """Whose copy it is."""

    PROVIDER = "provider"
    CONTAINER = "container"


class Method(StrEnum):
    """How two copies are compared.

    `name`: by the version in the names of the real files, as strverscmp(3) orders them. `versions`, `symbols`: one that
    defines all public versions (symbols) of the other, and more, is newer. `provider`, `container`: that one is.
    """

    NAME = "name"
    VERSIONS = "versions"
    SYMBOLS = "symbols"
    PROVIDER = "provider"
    CONTAINER = "container"


DEFAULT = (Method.NAME, Method.PROVIDER)
OF_LIBC = (Method.VERSIONS, Method.SYMBOLS, Method.NAME, Method.PROVIDER)
"""For libc.so.6, whatever a knowledge file says."""


@dataclass(frozen=True)
class Copy:
    """What is compared of one copy of a library.

    Attributes:
        file_name: of the real file, without folders.
        versions: its version definitions (DT_VERDEF) but the one of the file itself.
        symbols: the dynamic symbols that it defines, as `name` or `name@version`.
    """

    file_name: str
    versions: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """Which copy is taken, and why, in a sentence."""

    side: Side
    why: str


def choose(soname: str, provider: Copy, container: Copy, methods: Sequence[Method] = DEFAULT) -> Choice:
    """The newer copy; the provider's where they are equal, or cannot be told apart.

    Source: the rules 5 to 7 of docs/capture.md.
    """
    for method in methods:
        newer, why = _METHODS[method](soname, provider, container)
        if newer is not None:
            return Choice(newer, why)
    return Choice(Side.PROVIDER, f"neither is newer by {', '.join(methods)}")


_Answer = tuple[Side | None, str]


def _by_name(soname: str, provider: Copy, container: Copy) -> _Answer:
    """A file that is called like the library has no version in its name: it can be anything."""
    names = provider.file_name, container.file_name
    if soname in names:
        return None, ""
    order = strverscmp(*names)
    return _newer(order), f"{names[0]} {'<' if order < 0 else '>'} {names[1]}"


def _newer(order: int) -> Side | None:
    return None if order == 0 else Side.PROVIDER if order > 0 else Side.CONTAINER


def _by_versions(_soname: str, provider: Copy, container: Copy) -> _Answer:
    return _superset("versions", provider.versions - {PRIVATE_VERSION}, container.versions - {PRIVATE_VERSION})


def _by_symbols(_soname: str, provider: Copy, container: Copy) -> _Answer:
    return _superset("symbols", public(provider.symbols), public(container.symbols))


def public(symbols: frozenset[str]) -> frozenset[str]:
    """Those that are not of the private version."""
    return frozenset(symbol for symbol in symbols if not symbol.endswith(f"@{PRIVATE_VERSION}"))


def _superset(what: str, provider: frozenset[str], container: frozenset[str]) -> _Answer:
    if provider > container:
        return Side.PROVIDER, f"the provider's has all {what} of the container's, and {_some(provider - container)}"
    if container > provider:
        return Side.CONTAINER, f"the container's has all {what} of the provider's, and {_some(container - provider)}"
    return None, ""


def _some(more: frozenset[str]) -> str:
    first = sorted(more)[:3]
    return ", ".join(first) + (f" and {len(more) - len(first)} more" if len(more) > len(first) else "")


_METHODS: Mapping[Method, Callable[[str, Copy, Copy], _Answer]] = {
    Method.NAME: _by_name,
    Method.VERSIONS: _by_versions,
    Method.SYMBOLS: _by_symbols,
    Method.PROVIDER: lambda *_: (Side.PROVIDER, "the provider's is preferred"),
    Method.CONTAINER: lambda *_: (Side.CONTAINER, "the container's is preferred"),
}


def strverscmp(one: str, other: str) -> int:
    """The C library's strverscmp(3), for names without NUL: negative, zero or positive."""
    import ctypes

    left, right = os.fsencode(one), os.fsencode(other)
    return int(ctypes.CDLL(None).strverscmp(left, right))
