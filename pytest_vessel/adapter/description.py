"""The TOML file of an adapter, read and checked: `docs/adapters.md` is its reference."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_vessel.errors import AdapterError

VERBS: Mapping[str, tuple[str, ...]] = {
    "install": ("{tree}|{archive}", "{name}"),
    "remove": ("{runtime}|{name}",),
    "run": ("{argv}",),
    "copy": ("{argv}", "{runtime}", "{parent}"),
    "prepare": ("{runtime}", "{parent}"),
    "collect": ("{parent}",),
    "lock": ("{argv}", "{file}"),
}
"""Each verb with the placeholders that it must hold; `|` separates alternatives."""

WORDS = frozenset(("argv", "patterns"))
"""Placeholders that expand to several words and stand alone."""

PLACEHOLDERS = frozenset(
    (
        *("runtime", "src", "parent", "copy", "file", "argv", "provider", "container", "dest", "patterns", "root"),
        *("pid", "images", "tree", "archive", "name", "work", "channel", "log", "link_prefix", "pidfile", "python"),
        "home",
    )
)
_TABLES = {
    "implementation": frozenset(("name", "version", "mend", "home")),
    "verbs": frozenset(VERBS),
    "choices": None,
    "environment": None,
    "behaviour": frozenset(("runtime_busy", "parent_busy", "collects")),
    "layout": frozenset(
        ("src", "ref", "parent_ref", "copies", "copy_ref", "copy_tree", "ref_inside", "arranged", "copy_from")
    ),
    "runtime": frozenset(("programs", "files")),
    "machine": frozenset(VERBS),
    "by_hand": frozenset(VERBS),
    "exceptions": None,
}
_LAYOUTS = ("merged-usr", "complete-root")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_]+)\}")
Choice = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Description:
    """What an adapter file says, checked."""

    path: Path
    name: str
    version: tuple[str, ...]
    mend: str
    home: str
    verbs: Mapping[str, tuple[str, ...]]
    choices: Mapping[str, Choice] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    behaviour: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arranged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    copy_tree: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    machine: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_hand: Mapping[str, str] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Description:
    """Read and check an adapter file.

    Raises:
        AdapterError: it cannot be read, is not TOML, or does not fit; names file and key and the nearest known key.
    """
    try:
        if path.stat().st_size > 1 << 20:
            raise AdapterError("is larger than 1 MiB", where=str(path), mend="An adapter file is a page of TOML.")
        raw = tomllib.loads(path.read_bytes().decode())
    except OSError as problem:
        raise AdapterError(f"cannot be read: {problem.strerror}", where=str(path), mend="Check the path.") from None
    except ValueError as problem:
        raise AdapterError(f"is not valid TOML: {problem}", where=str(path), mend="Mend the file.") from None
    return _Reader(path).description(raw)


class _Reader:
    """Checks one file; every error names the file and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def description(self, raw: Mapping[str, Any]) -> Description:
        self.known(raw, frozenset(_TABLES), "")
        tables = {name: self.table(raw, name) for name in _TABLES}
        head, layout = tables["implementation"], dict(tables["layout"])
        inside, arranged = layout.pop("ref_inside", None), layout.pop("arranged", None)
        copy_tree = layout.pop("copy_tree", None)
        if not isinstance(head.get("name"), str) or not re.fullmatch(r"[a-z][a-z0-9_.-]*", head["name"]):
            self.wrong("implementation.name", "must be a name of lower-case letters, digits, '-', '_' and '.'")
        choices = {name: self.choice(name, values) for name, values in tables["choices"].items()}
        verbs = {verb: self.words(f"verbs.{verb}", words) for verb, words in tables["verbs"].items()}
        if not verbs:
            self.wrong("verbs", "offers no verb")
        for verb, words in verbs.items():
            self.template(f"verbs.{verb}", words, choices, VERBS[verb])
        self.copy_from(layout.get("copy_from", ""))
        return Description(
            path=self.path,
            name=head["name"],
            version=self.words("implementation.version", head.get("version", [])),
            mend=self.text("implementation.mend", head.get("mend", "")),
            home=self.text("implementation.home", head.get("home", "")),
            verbs=verbs,
            choices=choices,
            environment=self.texts("environment", tables["environment"]),
            behaviour=self.texts("behaviour", tables["behaviour"]),
            layout=self.texts("layout", layout),
            inside=self.by_layout("layout.ref_inside", inside),
            arranged=self.by_layout("layout.arranged", arranged),
            copy_tree=self.text_by_layout("layout.copy_tree", copy_tree),
            programs=self.words("runtime.programs", tables["runtime"].get("programs", [])),
            files=self.words("runtime.files", tables["runtime"].get("files", [])),
            machine={verb: self.words(f"machine.{verb}", needs) for verb, needs in tables["machine"].items()},
            by_hand=self.shell_texts(tables["by_hand"], choices),
            exceptions=self.texts("exceptions", tables["exceptions"]),
        )

    def wrong(self, key: str, what: str, mend: str = "See docs/adapters.md.") -> None:
        raise AdapterError(what, where=f"{self.path}: {key}", mend=mend)

    def known(self, table: Mapping[str, Any], names: frozenset[str] | None, key: str) -> None:
        for name in table:
            if names is not None and name not in names:
                near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(names))}."
                self.wrong(f"{key}.{name}" if key else name, "is not a known key", hint)

    def table(self, raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = raw.get(name, {})
        if not isinstance(table, dict):
            self.wrong(name, "must be a table")
        self.known(table, _TABLES[name], name)
        found: Mapping[str, Any] = table
        return found

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self.wrong(key, "must be a string")
        return str(value)

    def texts(self, name: str, table: Mapping[str, Any]) -> dict[str, str]:
        return {key: self.text(f"{name}.{key}", value) for key, value in table.items() if not isinstance(value, dict)}

    def words(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.wrong(key, "must be a list of strings", 'An argv is a list, never a shell string: ["acme", "run"].')
            raise AssertionError
        return tuple(value)

    def choice(self, name: str, values: object) -> Choice:
        if not isinstance(values, dict) or not values:
            self.wrong(f"choices.{name}", "must be a table of values, each a list of words")
            raise AssertionError
        return {value: self.words(f"choices.{name}.{value}", words) for value, words in values.items()}

    def by_layout(self, key: str, value: object) -> dict[str, tuple[str, ...]]:
        """A list of paths for each layout, or one list for both."""
        if value is None:
            return {}
        if isinstance(value, dict):
            self.known(value, frozenset(_LAYOUTS), key)
            return {layout: self.words(f"{key}.{layout}", paths) for layout, paths in value.items()}
        return dict.fromkeys(_LAYOUTS, self.words(key, value))

    def text_by_layout(self, key: str, value: object) -> dict[str, str]:
        """A template for each layout, or one for both."""
        if value is None:
            return {}
        if isinstance(value, dict):
            self.known(value, frozenset(_LAYOUTS), key)
            return self.texts(key, value)
        return dict.fromkeys(_LAYOUTS, self.text(key, value))

    def copy_from(self, source: object) -> None:
        """`stdout:REGEX`, with a group for the copy."""
        text = self.text("layout.copy_from", source)
        try:
            groups = re.compile(text.removeprefix("stdout:")).groups
        except re.error as problem:
            self.wrong("layout.copy_from", f"is no regular expression: {problem}")
        if text and (not text.startswith("stdout:") or groups != 1):
            self.wrong("layout.copy_from", "must be stdout:REGEX with one group", 'Such as "stdout:^copy: (.*)$".')

    def shell_texts(self, table: Mapping[str, Any], choices: Mapping[str, Choice]) -> dict[str, str]:
        found = self.texts("by_hand", table)
        for verb, text in found.items():
            for one in _PLACEHOLDER.finditer(text):
                if one[1] in WORDS or one[1] in choices:
                    self.wrong(f"by_hand.{verb}", f"{one[0]} expands to several words", "Name folders and names alone.")
                self.placeholder(f"by_hand.{verb}", one[0], one[1], choices)
        return found

    def template(
        self, key: str, words: tuple[str, ...], choices: Mapping[str, Choice], required: tuple[str, ...]
    ) -> None:
        if not words:
            self.wrong(key, "is empty")
        every = [*words, *(word for choice in choices.values() for some in choice.values() for word in some)]
        for word in every:
            for found in _PLACEHOLDER.finditer(word):
                self.placeholder(key, word, found[1], choices)
        for wanted in required:
            if not any(alternative in word for alternative in wanted.split("|") for word in every):
                self.wrong(key, f"lacks the placeholder {wanted.replace('|', ' or ')}")

    def placeholder(self, key: str, word: str, name: str | None, choices: Mapping[str, Choice]) -> None:
        if name is None:
            return
        if name not in PLACEHOLDERS and name not in choices:
            near = difflib.get_close_matches(name, [*PLACEHOLDERS, *choices], n=1, cutoff=0.4)
            hint = f"Did you mean {{{near[0]}}}?" if near else "Write {{ and }} for literal braces."
            self.wrong(key, f"{word!r}: {{{name}}} is neither a placeholder nor a choice", hint)
        if (name in WORDS or name in choices) and word != f"{{{name}}}":
            self.wrong(key, f"{word!r}: {{{name}}} expands to several words and must stand alone")


def substitute(word: str, values: Mapping[str, str]) -> str:
    """Fill the placeholders of one word; `{{` and `}}` become literal braces.

    Raises:
        AdapterError: a placeholder has no value here.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        if found[1] not in values:
            raise AdapterError(f"{word!r}: {{{found[1]}}} has no value here", mend="This verb is not given one.")
        return values[found[1]]

    return _PLACEHOLDER.sub(value, word)
