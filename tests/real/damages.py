"""Adapters of the reference and of bubblewrap with one thing wrong each, and the key that has to be told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.registry import resolve


@dataclass(frozen=True)
class Damage:
    """What is done to an adapter that offers these verbs alone, and the notice that has to come of it."""

    verbs: tuple[str, ...]
    do: Callable[[Description], Description]
    key: str
    what: str = ""
    base: str = "reference"


def described(name: str, verbs: tuple[str, ...] = ()) -> Description:
    """A built-in adapter; with these verbs alone where some are named."""
    adapter = resolve(name, base=Path("/"))
    assert isinstance(adapter, CommandAdapter)
    own = adapter.description
    return replace(own, verbs={verb: words for verb, words in own.verbs.items() if not verbs or verb in verbs})


def layout(**templates: str) -> Callable[[Description], Description]:
    return lambda own: replace(own, layout={**own.layout, **templates})


def inside(*paths: str) -> Callable[[Description], Description]:
    return lambda own: replace(own, inside={**own.inside, "merged-usr": paths})


def copy_tree(**templates: str) -> Callable[[Description], Description]:
    named = {name.replace("_", "-"): template for name, template in templates.items()}
    return lambda own: replace(own, copy_tree={**own.copy_tree, **named})


def swapped(choice: str) -> Callable[[Description], Description]:
    def do(own: Description) -> Description:
        names, words = own.choices[choice].keys(), own.choices[choice].values()
        return replace(own, choices={**own.choices, choice: dict(zip(names, reversed(words), strict=True))})

    return do


def alike(choice: str) -> Callable[[Description], Description]:
    """Every value has the words of the first."""

    def do(own: Description) -> Description:
        first, *_others = own.choices[choice].values()
        return replace(own, choices={**own.choices, choice: dict.fromkeys(own.choices[choice], first)})

    return do


def verb(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Description], Description]:
    return lambda own: replace(own, verbs={**own.verbs, name: tuple(change(list(own.verbs[name])))})


def words(*instead: tuple[str, str]) -> Callable[[list[str]], list[str]]:
    known = dict(instead)
    return lambda own: [known.get(word, word) for word in own]


def shell(text: str) -> Callable[[list[str]], list[str]]:
    return lambda own: ["sh", "-c", text, "sh", *own]


_GREETING = "share/vessel/greeting.txt"

DAMAGES: Mapping[str, Damage] = {
    "src in a folder": Damage(("run",), layout(src="{runtime}/files"), "layout.src", 'src = "{runtime}"'),
    "src not in its folder": Damage(
        ("run",),
        verb("run", words(("{runtime}", "{runtime}/files"))),
        "layout.src",
        'src = "{runtime}/files"',
    ),
    "src of an installed runtime": Damage(
        ("install", "run"), layout(src="{runtime}/files"), "layout.src", "", "flatpak"
    ),
    "ref that nobody locks": Damage(("run",), layout(ref="{src}/lock"), "layout.ref", "There is a lock on SRC/.ref"),
    "ref of another file": Damage(("run",), layout(ref="{src}/" + _GREETING), "layout.ref", "SRC/.ref"),
    "inside nowhere": Damage(("run",), inside("/.ref", "/lock"), "layout.ref_inside", "/lock leads nowhere"),
    "inside elsewhere": Damage(("run",), inside(f"/usr/{_GREETING}"), "layout.ref_inside", f"leads to SRC/{_GREETING}"),
    "parent_ref": Damage(("copy",), layout(parent_ref="{parent}/lock"), "layout.parent_ref", ".ref is new in PARENT"),
    "parent_ref of prepare": Damage(
        ("prepare",), layout(parent_ref="{parent}/lock"), "layout.parent_ref", ".ref is new"
    ),
    "parent_ref elsewhere": Damage(("copy",), layout(parent_ref="/tmp/lock"), "verbs.copy", "layout.parent_ref leads"),
    "copies of another name": Damage(("copy",), layout(copies="{parent}/copy-*"), "layout.copies", "made PARENT/tmp-"),
    "copies too deep": Damage(("prepare",), layout(copies="{parent}/*/usr"), "layout.copies", "made PARENT/tmp-"),
    "copies with the lock file": Damage(("copy",), layout(copies="{parent}/.*"), "layout.copies", "PARENT/.ref"),
    "copy_ref that is missing": Damage(("copy",), layout(copy_ref="{copy}/lock"), "layout.copy_ref", "COPY/usr/.ref"),
    "copy_ref of another file": Damage(
        ("copy",), layout(copy_ref="{copy}/usr/" + _GREETING), "layout.copy_ref", "COPY/usr/.ref"
    ),
    "copy_tree a folder too high": Damage(("copy",), copy_tree(merged_usr="{copy}"), "layout.copy_tree", "in COPY/usr"),
    "copy_tree a folder too deep": Damage(
        ("prepare",), copy_tree(complete_root="{copy}/usr"), "layout.copy_tree", "in COPY."
    ),
    "copy_from that matches nothing": Damage(
        ("prepare",), layout(copy_from="stdout:^made: (.*)$"), "layout.copy_from", "matches nothing"
    ),
    "copy_from of another word": Damage(
        ("prepare",), layout(copy_from="stdout:^(copy): "), "layout.copy_from", "tells 'copy'"
    ),
    "mode swapped": Damage(("lock",), swapped("mode"), "choices.mode", "swapped"),
    "mode ignored": Damage(("lock",), alike("mode"), "choices.mode", "the same as 'shared' (the lock: shared lock)"),
    "mode in no command line": Damage(
        ("lock",), verb("lock", lambda own: [word for word in own if word != "{mode}"]), "choices.mode", "the same as '"
    ),
    "wait swapped": Damage(("lock",), swapped("wait"), "choices.wait", "swapped"),
    "wait ignored": Damage(("lock",), alike("wait"), "choices.wait", "the same as '"),
    "wait of run swapped": Damage(("run",), swapped("wait"), "choices.wait", "on SRC/.ref: no: it waits"),
    "create swapped": Damage(("lock",), swapped("create"), "choices.create", "swapped"),
    "create ignored": Damage(("lock",), alike("create"), "choices.create", "the same as '"),
    "writable swapped": Damage(("run",), swapped("writable"), "choices.writable", "swapped"),
    "collecting swapped": Damage(("copy",), swapped("collecting"), "choices.collecting", "swapped"),
    "collecting ignored": Damage(("copy",), alike("collecting"), "choices.collecting", "the same as '"),
    "layout swapped": Damage(("run",), swapped("layout"), "choices.layout", "values swapped", "bubblewrap"),
    "one layout alone": Damage(("run",), alike("layout"), "choices.layout", "cannot be driven", "bubblewrap"),
    "parent and runtime swapped": Damage(
        ("copy",), verb("copy", words(("{runtime}", "{parent}"), ("{parent}", "{runtime}"))), "verbs.copy", "cannot be"
    ),
    "parent of prepare is the runtime": Damage(
        ("prepare",), verb("prepare", words(("{parent}", "{work}"))), "verbs.prepare", "made no folder in PARENT"
    ),
    "run of an unknown word": Damage(("run",), verb("run", words(("run", "rum"))), "verbs.run", "cannot be driven"),
    "run without a status": Damage(("run",), verb("run", shell('"$@"; exit 0')), "verbs.run", "with status 0"),
    "run without stdin": Damage(("run",), verb("run", shell('"$@" </dev/null')), "verbs.run", "stdin"),
    "run without stdout": Damage(("run",), verb("run", shell('"$@" >/dev/null')), "verbs.run", "stdout"),
    "lock of a file of its own": Damage(
        ("lock",), verb("lock", words(("{file}", "{work}/own"), ("{create}", "--create"))), "verbs.lock", "work/own: is"
    ),
    "collect of another folder": Damage(
        ("collect",), verb("collect", words(("{parent}", "{work}"))), "verbs.collect", "{parent}: 'second'"
    ),
    "collect that waits": Damage(
        ("collect",), verb("collect", lambda _own: ["flock", "{parent}/.ref", "true"]), "verbs.collect", "waits"
    ),
    "remove of nothing": Damage(("remove",), verb("remove", lambda _own: ["true"]), "verbs.remove", "the same as '"),
    "container for provider": Damage(
        ("capture",),
        verb("capture", words(("{provider}", "{container}"), ("{container}", "{provider}"))),
        "verbs.capture",
        "{provider}: 'second' gives the same as 'first'",
    ),
}
