"""From what an adapter says, as TOML or as an answer, to a checked description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_vessel import toml_file
from pytest_vessel.adapter import contract
from pytest_vessel.adapter.contract import CHOICES, LAYOUTS, ROLES, TABLES, VERBS
from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.reader import Key, Reader
from pytest_vessel.adapter.template import Check, Choice
from pytest_vessel.errors import AdapterError
from pytest_vessel.system.environment import NAMES as NEEDS
from pytest_vessel.toml_text import dotted, line_of

_LIMIT_KIB = 64
_Table = Mapping[str, Any]


def read(path: Path) -> Description:
    """Read and check an adapter file.

    Raises:
        AdapterError: it cannot be read, is not TOML, or does not fit; names file, line, key and the nearest known key.
    """
    text = toml_file.text_of(
        path, AdapterError, limit_kib=_LIMIT_KIB, holds="An adapter file is a page of TOML.", missing="Check the path."
    )
    return understood(text, path)


def understood(text: str, path: Path) -> Description:
    """Check the text of an adapter file, whether it lies at `path` already or will.

    Raises:
        AdapterError: it is not TOML, or does not fit; names file, line, key and the nearest known key.
    """
    raw = toml_file.parsed(text, path, AdapterError)
    if not raw:
        raise AdapterError("holds nothing", where=str(path), mend="docs/adapters.md begins with an example.")

    def place(key: Key) -> str:
        line = line_of(text, key)
        return f"{path}:{line}: {dotted(*key)}" if line else f"{path}: {dotted(*key)}"

    reader = Reader(place)
    tables = _Tables(reader, raw)
    verbs = {verb: reader.words(("verbs", verb), words) for verb, words in tables["verbs"].items()}
    choices = {name: _choice(reader, name, values) for name, values in tables["choices"].items()}
    found = tables.description(path.parent, verbs, choices)
    Check(reader, choices).verbs(verbs)
    return found


def _choice(reader: Reader, name: str, values: object) -> Choice:
    key = ("choices", name)
    return {
        value: reader.words((*key, value), words) for value, words in reader.table(key, values, CHOICES[name]).items()
    }


def told(answer: object, where: str, folder: Path) -> Description:
    """Check what an adapter of its own answers to `describe`: as the file, with names for `verbs` and `choices`.

    Args:
        where: what an error calls the adapter.
        folder: where programs with a slash count from.

    Raises:
        AdapterError: it does not fit; names the key and the nearest known key.
    """
    reader = Reader(lambda key: f"{where}: {dotted(*key)}" if key else where)
    raw = {**reader.table((), answer, set(TABLES) - {"environment"})}
    names = reader.some_of(("verbs",), raw.pop("verbs", []), tuple(VERBS))
    values = reader.table(("choices",), raw.pop("choices", {}), CHOICES)
    choices: dict[str, Choice] = {
        name: dict.fromkeys(reader.some_of(("choices", name), known, CHOICES[name]), ())
        for name, known in values.items()
    }
    return _Tables(reader, raw).description(folder, dict.fromkeys(names, ()), choices)


class _Tables:
    """The tables of one adapter; verbs and choices are read by whoever knows their form."""

    def __init__(self, reader: Reader, raw: _Table) -> None:
        self._reader = reader
        reader.table((), raw, TABLES)
        self._tables = {name: reader.table((name,), raw.get(name, {}), keys) for name, keys in TABLES.items()}

    def __getitem__(self, name: str) -> _Table:
        return self._tables[name]

    def description(
        self, folder: Path, verbs: Mapping[str, tuple[str, ...]], choices: Mapping[str, Choice]
    ) -> Description:
        """All of it, checked but for the templates of verbs and choices."""
        if not verbs:
            self._reader.wrong(("verbs",), "offers no verb", f"Known: {', '.join(VERBS)}.")
        for name in (name for name, choice in choices.items() if not choice):
            self._reader.wrong(("choices", name), "has no value", f"Its values are {', '.join(CHOICES[name])}.")
        self._engine()
        if "overlay" in verbs and not self["layout"].get(contract.OVERRIDES_INSIDE):
            mend = "The verb overlay needs it: where does the container see what is laid over its runtime?"
            self._reader.wrong(("layout", contract.OVERRIDES_INSIDE), "is missing", mend)
        check, inside = Check(self._reader, choices), self._by_layout("ref_inside")
        return Description(
            folder=folder,
            name=self._name(),
            version=self._version(check),
            mend=self._reader.text(("implementation", "mend"), self["implementation"].get("mend", "")),
            home=self._reader.text(("implementation", "home"), self["implementation"].get("home", "")),
            verbs=verbs,
            choices=choices,
            environment=self._environment(check, verbs),
            behaviour=self._behaviour(),
            layout=self._roles(check),
            inside=inside,
            arranged=self._arranged(inside),
            copy_tree=self._copy_tree(check),
            provider_inside=self._provider_inside(),
            programs=self._reader.words(("runtime", "programs"), self["runtime"].get("programs", [])),
            files=self._reader.words(("runtime", "files"), self["runtime"].get("files", [])),
            overrides=self._overrides(),
            machine=self._machine(),
            by_hand=self._by_hand(check),
            exceptions=self._exceptions(),
        )

    def _name(self) -> str:
        key, mend = ("implementation", "name"), 'Such as name = "acme-rt"; it begins with a letter.'
        if "name" not in self["implementation"]:
            self._reader.wrong(key, "is missing", mend)
        name = self._reader.text(key, self["implementation"]["name"])
        if not re.fullmatch(r"[a-z][a-z0-9_.-]*", name):
            self._reader.wrong(key, "must be a name of lower-case letters, digits, '-', '_' and '.'", mend)
        return name

    def _version(self, check: Check) -> tuple[str, ...]:
        key = ("implementation", "version")
        words = self._reader.words(key, self["implementation"].get("version", []))
        for word in words:
            check.text(key, word, contract.EVERYWHERE, "the version command")
        return words

    def _environment(self, check: Check, verbs: Mapping[str, object]) -> dict[str, str]:
        found = self._reader.texts(("environment",), self["environment"])
        for name, text in found.items():
            key = ("environment", name)
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                self._reader.wrong(key, "is not the name of a variable", "It has letters, digits and '_'.")
            for verb in verbs:
                check.text(key, text, VERBS[verb].given, f"the verb {verb}, which has this variable too")
        return found

    def _behaviour(self) -> dict[str, str | bool]:
        for name, value in self["behaviour"].items():
            self._reader.one_of(("behaviour", name), value, contract.BEHAVIOUR[name])
        return dict(self["behaviour"])

    def _roles(self, check: Check) -> dict[str, str]:
        layout = self["layout"]
        roles = [role for role in ROLES if role in layout and role != "copy_tree"]
        found = {role: self._reader.text(("layout", role), layout[role]) for role in roles}
        for role, text in found.items():
            check.text(("layout", role), text, ROLES[role], f"layout.{role}")
        if (name := contract.OVERRIDES_INSIDE) in layout:
            found[name] = self._reader.path(("layout", name), layout[name])
        if "copy_from" in layout:
            found["copy_from"] = self._copy_from(layout["copy_from"])
        return found

    def _copy_from(self, value: object) -> str:
        """`stdout:REGEX`, with a group for the copy."""
        key = ("layout", "copy_from")
        text = self._reader.text(key, value)
        try:
            groups = re.compile(text.removeprefix("stdout:")).groups
        except (re.error, RecursionError, OverflowError) as problem:
            self._reader.wrong(key, f"is no regular expression: {problem}", "Python's `re` says what it may be.")
        if text and (not text.startswith("stdout:") or groups != 1):
            self._reader.wrong(key, "must be stdout:REGEX with one group", 'Such as "stdout:^copy: (.*)$".')
        return text

    def _copy_tree(self, check: Check) -> dict[str, str]:
        key, value = ("layout", "copy_tree"), self["layout"].get("copy_tree", {})
        table = value if isinstance(value, dict) else dict.fromkeys(LAYOUTS, self._reader.text(key, value))
        for text in (found := self._reader.texts(key, table, LAYOUTS)).values():
            check.text(key, text, ROLES["copy_tree"], "layout.copy_tree")
        return found

    def _provider_inside(self) -> dict[str, str]:
        key, value = ("layout", "provider_inside"), self["layout"].get("provider_inside", {})
        if not isinstance(value, dict):
            return dict.fromkeys(contract.PROVIDERS, self._reader.path(key, value))
        table = self._reader.table(key, value, contract.PROVIDERS)
        return {kind: self._reader.path((*key, kind), path) for kind, path in table.items()}

    def _by_layout(self, name: str) -> dict[str, tuple[str, ...]]:
        """A list of paths for each layout, or one list for both."""
        key, value = ("layout", name), self["layout"].get(name, {})
        if not isinstance(value, dict):
            return dict.fromkeys(LAYOUTS, self._reader.paths(key, value))
        return {
            one: self._reader.paths((*key, one), paths)
            for one, paths in self._reader.table(key, value, LAYOUTS).items()
        }

    def _arranged(self, inside: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        found = self._by_layout("arranged")
        for layout, paths in found.items():
            for path in paths:
                if path not in inside.get(layout, ()):
                    mend = "What the command line arranges is one of those."
                    self._reader.wrong(("layout", "arranged"), f"{path!r} is not in ref_inside of {layout}", mend)
        return found

    def _overrides(self) -> tuple[str, ...]:
        """All of them where the file names none."""
        named = self["features"].get("overrides", list(contract.OVERRIDES))
        return self._reader.some_of(("features", "overrides"), named, contract.OVERRIDES)

    def _engine(self) -> None:
        """Engines are for suites that are planned: checked, and not kept."""
        engine, reader = self["engine"], self._reader
        for name in ("class", *contract.ENGINE_LISTS):
            reader.words(("engine", name), engine.get(name, []))
        reader.some_of(("engine", "class"), engine.get("class", []), contract.ENGINE_CLASSES)
        for name, words in reader.table(("engine", "select"), engine.get("select", {})).items():
            reader.words(("engine", "select", name), words)
        for name in contract.ENGINE_VALUES:
            if type(value := engine.get(name, "")) not in (str, int):
                reader.wrong(
                    ("engine", name), f"is {value!r}, neither a string nor a number", 'Such as "128+n" or 127.'
                )

    def _machine(self) -> dict[str, tuple[str, ...]]:
        return {verb: self._reader.some_of(("machine", verb), needs, NEEDS) for verb, needs in self["machine"].items()}

    def _by_hand(self, check: Check) -> dict[str, str]:
        found = self._reader.texts(("by_hand",), self["by_hand"])
        for verb, text in found.items():
            check.text(("by_hand", verb), text, VERBS[verb].given, f"the verb {verb}")
        return found

    def _exceptions(self) -> dict[str, str]:
        found = self._reader.texts(("exceptions",), self["exceptions"])
        for clause, reason in found.items():
            if not reason.strip():
                self._reader.wrong(
                    ("exceptions", clause), "gives no reason", "Say why the implementation does otherwise."
                )
        return found
