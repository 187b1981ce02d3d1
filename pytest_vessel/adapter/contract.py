"""What an adapter may say: verbs and their placeholders, choices, layout. `docs/adapters.md` explains all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EVERYWHERE = ("python", "home", "package")
"""Placeholders that have a value in every command, also in that of `version`."""


@dataclass(frozen=True)
class Verb:
    """A verb's placeholders: what its template must hold (each an or of several), and all that have a value in it."""

    needs: tuple[tuple[str, ...], ...]
    given: tuple[str, ...]


def _verb(needs: str, given: str) -> Verb:
    """Both as words; `|` separates alternatives. Every verb is given `work`, and `EVERYWHERE`."""
    return Verb(tuple(tuple(one.split("|")) for one in needs.split()), (*given.split(), "work", *EVERYWHERE))


VERBS: Mapping[str, Verb] = {
    "install": _verb("tree name", "tree name"),
    "remove": _verb("runtime|name", "runtime name src"),
    "run": _verb("argv runtime|name", "runtime name src parent argv"),
    "copy": _verb("argv runtime|name parent", "runtime name src parent provider argv"),
    "prepare": _verb("runtime|name parent", "runtime name src parent provider"),
    "overlay": _verb("argv runtime|name provider", "runtime name src provider argv"),
    "collect": _verb("parent", "parent"),
    "lock": _verb("argv file", "file argv"),
    "capture": _verb("patterns provider container dest", "patterns provider container dest link_prefix knowledge_file"),
    # Verbs of suites that are planned: read and checked. `pytest-vessel check` drives the first two, nobody the others.
    "execute": _verb("argv root", "root argv"),
    "start": _verb("argv", "argv"),
    "dump": _verb("pid images", "pid images"),
    "restore": _verb("images", "images pidfile"),
    "inspect": _verb("images", "images"),
    "translate": _verb("", ""),
    "tree": _verb("pid", "pid"),
}

WORDS = frozenset(("argv", "patterns"))
"""Placeholders that expand to several words and stand alone."""

PLACEHOLDERS = frozenset(name for verb in VERBS.values() for name in verb.given) | {"copy", "archive", "channel", "log"}
"""Every placeholder that there is, in whichever template, or will be."""

LAYOUTS = ("merged-usr", "complete-root")

CHOICES: Mapping[str, tuple[str, ...]] = {
    "mode": ("shared", "exclusive"),
    "wait": ("no", "yes"),
    "create": ("no", "yes"),
    "collecting": ("no", "yes"),
    "writable": ("no", "yes"),
    "knowledge": ("no", "yes"),
    "layout": LAYOUTS,
    "leave": ("kill", "stop", "run"),
    "log": ("quiet", "comparable"),
}
"""Each choice with the values that a clause may ask for."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "src": ("runtime", "name", "work"),
    "ref": ("src", "runtime", "name", "work"),
    "parent_ref": ("parent", "work"),
    "copies": ("parent", "work"),
    "copy_ref": ("copy", "parent", "work"),
    "copy_tree": ("copy", "parent", "work"),
    "overrides": ("copy", "parent", "work"),
    "knowledge": ("src", "runtime", "name", "work"),
    "abi": ("src", "runtime", "name", "work"),
}
"""The templates of `[layout]`, with the placeholders that have a value in them."""

OVERRIDES_INSIDE = "overrides_inside"
PROVIDERS = ("host", "chosen")
"""The kinds of provider: this machine's root, and a folder. Where the container sees it may depend on that."""

BEHAVIOUR: Mapping[str, tuple[str | bool, ...]] = {
    "runtime_busy": ("fail", "wait"),
    "parent_busy": ("fail", "wait"),
    "collects": ("verb", "in copy"),
    "after_dump": ("running", "stopped", "killed"),
    "restore_detaches": (True, False),
}

ENGINE_CLASSES = ("namespace", "ptrace", "preload", "loader")
ENGINE_LISTS = ("limits", "drops", "needs", "fallback")
ENGINE_VALUES = ("signal", "exec_failure", "environment")
OVERRIDES = ("libraries", "drivers", "manifests", "ld.so.conf", "aliases")
"""What `[features] overrides` may list."""

TABLES: Mapping[str, tuple[str, ...] | None] = {
    "implementation": ("name", "version", "mend", "home"),
    "verbs": tuple(VERBS),
    "choices": tuple(CHOICES),
    "environment": None,
    "behaviour": tuple(BEHAVIOUR),
    "layout": (*ROLES, OVERRIDES_INSIDE, "provider_inside", "ref_inside", "arranged", "copy_from"),
    "engine": ("class", *ENGINE_LISTS, *ENGINE_VALUES, "select"),
    "features": ("overrides",),
    "runtime": ("programs", "files"),
    "machine": tuple(VERBS),
    "by_hand": tuple(VERBS),
    "exceptions": None,
}
"""The tables of a file with their keys; None: any key."""
