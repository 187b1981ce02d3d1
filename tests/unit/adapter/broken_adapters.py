"""Kinds of broken adapter files, each with its whole message; `FILE` stands for the path."""

from __future__ import annotations

from dataclasses import dataclass

SOUND = """\
[implementation]
name = "acme"

[verbs]
run = ["sh", "{mode}", "{runtime}", "{argv}"]
lock = ["sh", "{file}", "{argv}"]

[choices]
mode = { shared = [], exclusive = ["--write"] }
"""

BRACES = "Write {{ and }} for literal braces."
ARGV = 'An argv is a list, never a shell string: ["acme", "run"].'
PAGE = "See docs/adapters.md."


@dataclass(frozen=True)
class Broken:
    """One kind; `lax`: why the schema cannot refuse it."""

    text: str
    message: str
    lax: str = ""


def _changed(old: str, new: str, message: str, lax: str = "") -> Broken:
    assert old in SOUND
    return Broken(SOUND.replace(old, new, 1), f"FILE:{message}", lax)


def _added(text: str, message: str, lax: str = "") -> Broken:
    return Broken(f"{SOUND}\n{text}\n", f"FILE:{message}", lax)


RUN, LOCK, MODE = SOUND.splitlines()[4], SOUND.splitlines()[5], SOUND.splitlines()[8]
PLACEHOLDER = "a schema does not read templates"

KINDS = {
    "unknown table": _added("[behavior]", "11: behavior: is not a known key\n  Did you mean 'behaviour'?"),
    "unknown key": _changed(
        'name = "acme"',
        'name = "acme"\nversoin = []',
        "3: implementation.versoin: is not a known key\n  Did you mean 'version'?",
    ),
    "unknown verb": _changed("lock =", "lokc =", "6: verbs.lokc: is not a known key\n  Did you mean 'lock'?"),
    "unknown choice": _added("mood = {}", "11: choices.mood: is not a known key\n  Did you mean 'mode'?"),
    "unknown value of a choice": _changed(
        "exclusive", "exclusiv", "9: choices.mode.exclusiv: is not a known key\n  Did you mean 'exclusive'?"
    ),
    "unknown role": _added('[layout]\nscr = "x"', "12: layout.scr: is not a known key\n  Did you mean 'src'?"),
    "overlay that appears nowhere": _changed(
        LOCK,
        'overlay = ["sh", "{runtime}", "{provider}", "{argv}"]',
        " layout.overrides_inside: is missing\n"
        "  The verb overlay needs it: where does the container see what is laid over its runtime?",
        "a role in one table that a verb in another needs",
    ),
    "unknown layout": _added(
        "[layout.ref_inside]\nmerged-user = []",
        "12: layout.ref_inside.merged-user: is not a known key\n  Did you mean 'merged-usr'?",
    ),
    "unknown need of the machine": _added(
        '[machine]\nrun = ["usernz"]', "12: machine.run: holds 'usernz', which is not known\n  Did you mean 'userns'?"
    ),
    "unknown behaviour": _added(
        '[behaviour]\nruntime_busy = "faile"',
        f"12: behaviour.runtime_busy: is 'faile', not one of 'fail', 'wait'\n  {PAGE}",
    ),
    "a behaviour of another type": _added(
        "[behaviour]\nrestore_detaches = 1",
        f"12: behaviour.restore_detaches: is 1, not one of true, false\n  {PAGE}",
    ),
    "unknown class of engine": _added(
        '[engine]\nclass = ["preloud"]',
        "12: engine.class: holds 'preloud', which is not known\n  Did you mean 'preload'?",
    ),
    "a value of an engine of another type": _added(
        "[engine]\nsignal = 1.5",
        '12: engine.signal: is 1.5, neither a string nor a number\n  Such as "128+n" or 127.',
    ),
    "shell string": _changed(
        LOCK, 'lock = "sh {file} {argv}"', f"6: verbs.lock: is a string, and must be a list of words\n  {ARGV}"
    ),
    "numbers for words": _changed(LOCK, "lock = [1, 2]", f"6: verbs.lock: must be a list of strings\n  {ARGV}"),
    "empty verb": _changed(
        LOCK,
        "lock = []",
        "6: verbs.lock: is empty\n  Its first word is the program; leave the verb out if there is none.",
    ),
    "no verb": Broken(
        '[implementation]\nname = "acme"\n[verbs]\n',
        "FILE:3: verbs: offers no verb\n  Known: install, remove, run, copy, prepare, overlay, collect, lock, capture, "
        "execute, start, dump, restore, inspect, translate, tree.",
    ),
    "table expected": Broken(
        '[implementation]\nname = "acme"\n[verbs]\nrun = ["a"]\n[choices]\nmode = 3\n',
        "FILE:6: choices.mode: must be a table\n  Write [choices.mode] and its keys below, or { key = value }.",
    ),
    "text expected": _added("[layout]\nsrc = 3", f"12: layout.src: must be a string\n  {PAGE}"),
    "NUL in a word": _changed(
        LOCK,
        r'lock = ["sh", "{file}", "\u0000", "{argv}"]',
        "6: verbs.lock: holds a NUL character\n  No argument, path or variable can.",
    ),
    "no name": _changed(
        'name = "acme"',
        "",
        '1: implementation.name: is missing\n  Such as name = "acme-rt"; it begins with a letter.',
    ),
    "name with odd letters": _changed(
        'name = "acme"',
        'name = "Acme ☃"',
        "2: implementation.name: must be a name of lower-case letters, digits, '-', '_' and '.'\n"
        '  Such as name = "acme-rt"; it begins with a letter.',
    ),
    "variable with odd letters": _added(
        '[environment]\n"ACME-HOME" = "x"',
        "12: environment.ACME-HOME: is not the name of a variable\n  It has letters, digits and '_'.",
    ),
    "missing placeholder": _changed(
        LOCK,
        'lock = ["sh", "{argv}"]',
        "6: verbs.lock: lacks the placeholder {file}\n  The verb lock cannot do without it.",
        PLACEHOLDER,
    ),
    "missing placeholder in one value of a choice": _changed(
        f"{RUN}\n{LOCK}",
        'run = ["sh", "{mode}", "{argv}"]',
        "5: verbs.run: lacks the placeholder {runtime} or {name}\n  The verb run cannot do without it.",
        PLACEHOLDER,
    ),
    "unknown placeholder": _changed(
        "{runtime}",
        "{runtme}",
        f"5: verbs.run: '{{runtme}}': {{runtme}} is neither a placeholder nor a choice\n"
        f"  Did you mean '{{runtime}}'? {BRACES}",
        PLACEHOLDER,
    ),
    "placeholder of another verb": _changed(
        "{runtime}",
        "{runtime}{file}",
        "5: verbs.run: '{runtime}{file}': {file} has no value in the verb run\n"
        "  It is given {runtime}, {name}, {src}, {parent}, {argv}, {work}, {python}, {home}, {package}.",
        PLACEHOLDER,
    ),
    "placeholder of another verb in a choice": _changed(
        "--write",
        "{file}",
        "9: choices.mode.exclusive: '{file}': {file} has no value in the verb run\n"
        "  It is given {runtime}, {name}, {src}, {parent}, {argv}, {work}, {python}, {home}, {package}.",
        PLACEHOLDER,
    ),
    "placeholder of a verb in a variable": _added(
        '[environment]\nACME = "{runtime}"',
        "12: environment.ACME: '{runtime}': {runtime} has no value in the verb lock, which has this variable too\n"
        "  It is given {file}, {argv}, {work}, {python}, {home}, {package}.",
        PLACEHOLDER,
    ),
    "placeholder of a verb in the layout": _added(
        '[layout]\ncopies = "{copy}/*"',
        "12: layout.copies: '{copy}/*': {copy} has no value in layout.copies\n  It is given {parent}, {work}.",
        PLACEHOLDER,
    ),
    "several words inside of one": _changed(
        '"{argv}"',
        '"--={argv}"',
        "5: verbs.run: '--={argv}': {argv} expands to several words and must stand alone\n"
        '  Write "{argv}" as a word of its own.',
        PLACEHOLDER,
    ),
    "several words in a text": _added(
        '[by_hand]\nrun = "acme {argv}"',
        "12: by_hand.run: {argv} expands to several words, and this is one text\n  Name folders and names alone.",
        PLACEHOLDER,
    ),
    "choice without values": _changed(
        MODE, "mode = {}", "9: choices.mode: has no value\n  Its values are shared, exclusive."
    ),
    "choices in a circle": _added(
        'wait = { no = ["{create}"] }\ncreate = { yes = ["{wait}"] }\n[choices.writable]\nyes = ["{wait}"]',
        "11: choices.wait: stands in no verb, so its words are never used\n"
        '  Put "{wait}" into the verbs that it is for.',
        PLACEHOLDER,
    ),
    "choices in a circle that a verb uses": _changed(
        MODE,
        'mode = { shared = ["{wait}"] }\nwait = { no = ["{mode}"] }',
        "9: choices.mode: leads back to itself: mode -> wait -> mode\n  Take one of them out.",
        PLACEHOLDER,
    ),
    "relative path inside": _added(
        '[layout]\nref_inside = ["usr/.ref"]',
        "12: layout.ref_inside: 'usr/.ref' is not an absolute path\n  Paths inside the container begin with a slash.",
    ),
    "arranged, not promised": _added(
        '[layout]\nref_inside = ["/.ref"]\narranged = ["/usr/.ref"]',
        "13: layout.arranged: '/usr/.ref' is not in ref_inside of merged-usr\n"
        "  What the command line arranges is one of those.",
        "a schema does not compare two values",
    ),
    "no regular expression": _added(
        '[layout]\ncopy_from = "stdout:("',
        "12: layout.copy_from: is no regular expression: missing ), unterminated subpattern at position 0\n"
        "  Python's `re` says what it may be.",
        "a schema does not read regular expressions",
    ),
    "regular expression without a group": _added(
        '[layout]\ncopy_from = "stdout:.*"',
        '12: layout.copy_from: must be stdout:REGEX with one group\n  Such as "stdout:^copy: (.*)$".',
    ),
    "exception without reason": _added(
        '[exceptions]\n"LOCK-001[run]" = " "',
        '12: exceptions."LOCK-001[run]": gives no reason\n  Say why the implementation does otherwise.',
    ),
    "an array of tables": _added(
        "[[layout]]", "11: layout: must be a table\n  Write [layout] and its keys below, or { key = value }."
    ),
}
"""Kinds that are TOML, and no adapter."""

NOT_TOML: dict[str, tuple[bytes, str]] = {
    "no TOML at all": (
        b"#!/bin/sh\nexec acme\n",
        "FILE:2: exec acme: is not valid TOML: Expected '=' after a key in a key/value pair (at line 2, column 6)\n"
        "  Mend that line.",
    ),
    "cut off": (
        b'[verbs]\nrun = ["a",\n',
        "FILE:3: is not valid TOML: Invalid value (at end of document)\n  Mend that line.",
    ),
    "a key twice": (
        b'[verbs]\nrun = ["a"]\nrun = ["b"]\n',
        'FILE:3: run = ["b"]: is not valid TOML: Cannot overwrite a value (at line 3, column 12)\n  Mend that line.',
    ),
    "a table twice": (
        b"[verbs]\n[verbs]\n",
        "FILE:2: [verbs]: is not valid TOML: Cannot declare ('verbs',) twice (at line 2, column 7)\n  Mend that line.",
    ),
    "nested too deeply": (b"a = " + b"[" * 5000, "FILE: is nested too deeply\n  Tables in tables are enough."),
    "not UTF-8": (b'[implementation]\nname = "caf\xe9"\n', "FILE:2: is not UTF-8\n  Save the file as UTF-8."),
    "a byte order mark": (
        b"\xef\xbb\xbf" + SOUND.encode(),
        "FILE:1: begins with a byte order mark\n  Save the file as UTF-8 without it.",
    ),
    "10 MB": (b"#" * 10_000_000, "FILE: is larger than 64 KiB\n  An adapter file is a page of TOML."),
    "empty": (b"\n# nothing\n", "FILE: holds nothing\n  docs/adapters.md begins with an example."),
}
"""Contents that are not TOML, or none that is read."""
