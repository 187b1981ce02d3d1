"""A closure for readers: as a tree, as the story of one library, and as JSON. Text of files is not escaped here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_vessel.libraries.found import Closure, Loaded, Missing


def tree(closure: Closure) -> Iterator[str]:
    """The program, and each object below the one that had it loaded."""
    yield closure.main + ("" if closure.entries else ": nothing is loaded for it")
    below: dict[str, list[Loaded | Missing]] = {}
    for entry in closure.entries:
        below.setdefault(entry.needed_by or closure.main, []).append(entry)
    # An object that is listed twice under one path shows what is below it once.
    waiting = [("", below.pop(closure.main, []))]
    while waiting:
        indent, entries = waiting.pop()
        if entries:
            entry, *others = entries
            yield f"{indent}{'├── ' if others else '└── '}{_line(entry)}"
            waiting.append((indent, others))
            path = entry.path if isinstance(entry, Loaded) else ""
            waiting.append((f"{indent}{'│   ' if others else '    '}", below.pop(path, [])))


def _line(entry: Loaded | Missing) -> str:
    if isinstance(entry, Missing):
        return f"{entry.name}: not found"
    name = "" if entry.name == entry.path else f"{entry.name} => "
    return f"{name}{entry.path} ({entry.rule})"


def why(closure: Closure, wanted: str) -> Iterator[str]:
    """Who needs a library, what was looked at in which order, and what was chosen; nothing when nothing needs it.

    `wanted`: a name as it is needed, a SONAME, or a path. The closure is one that was made with `explain`.
    """
    for entry in closure.entries:
        known = (entry.name, entry.path, entry.real_path, entry.soname) if isinstance(entry, Loaded) else (entry.name,)
        if wanted in known:
            yield f"{closure.main}: {_line(entry)}"
            yield from (f"    {line}" for line in _story(entry))


def _story(entry: Loaded | Missing) -> Iterator[str]:
    if entry.needed_by:
        yield f"needed by {entry.needed_by}"
    if isinstance(entry, Loaded):
        yield from (f"also needed by {path}" for path in dict.fromkeys(entry.also_needed_by))
        if entry.real_path != entry.path:
            yield f"is {entry.real_path}"
    yield from (f"{look.outcome}: {look.path} ({look.rule})" for look in entry.looks)


def as_json(closure: Closure) -> dict[str, Any]:
    """The facts, for machines; bytes that are no UTF-8 are lone surrogates, as in `os.fsdecode`."""
    return {
        "root": closure.root,
        "main": closure.main,
        "interpreter": closure.interpreter,
        "objects": [_object(loaded) for loaded in closure.objects],
        "missing": [{"name": missing.name, "needed_by": missing.needed_by} for missing in closure.missing],
    }


def _object(loaded: Loaded) -> dict[str, Any]:
    return {
        "name": loaded.name,
        "path": loaded.path,
        "real_path": loaded.real_path,
        "soname": loaded.soname,
        "needed_by": loaded.needed_by,
        "rule": str(loaded.rule),
    }
