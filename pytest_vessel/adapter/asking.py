"""The questions whose answers make a first adapter file, asked line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from pytest_vessel.adapter.description import understood
from pytest_vessel.adapter.draft import CHOICES, Draft, choices_in, template, text
from pytest_vessel.errors import AdapterError, UsageProblem, VesselError

_ABOUT = """\
Command lines are typed as in a shell. Capital words stand for what changes from call to call:
  RUNTIME  the folder of a runtime        NAME  a word of its own for each runtime
  PARENT   a folder of mutable copies     FILE  a lock file
  WORK     a folder that is gone later    ARGV  the program to run, and its arguments
and MODE, WAIT, CREATE, WRITABLE, COLLECTING for options that differ: you are asked for them next.
An empty answer: it has no such command."""
_VERBS = {
    "run": "run ARGV, with RUNTIME used directly, such as: acme run RUNTIME -- ARGV",
    "copy": "run ARGV in a fresh mutable copy of RUNTIME below PARENT",
    "prepare": "make such a copy, and run nothing",
    "collect": "clean up the unused copies in PARENT",
    "lock": "run ARGV while FILE is locked, such as: acme lock MODE WAIT FILE -- ARGV",
    "remove": "delete RUNTIME",
}
_T = TypeVar("_T")


def asked() -> Draft:
    """Ask for all of it on the terminal; each answer is checked at once.

    Raises:
        EOFError: the answers ended before the questions did.
        VesselError: an answer cannot be used, and there is no terminal to ask on again; or no verb is offered.
    """
    print(_ABOUT)
    draft = Draft()
    draft.name = _ask("\nname of the implementation", _name)
    draft.version = _ask("command that prints its version", template)
    for verb, question in _VERBS.items():
        if words := _ask(f"{verb}: {question}", partial(_verb, verb)):
            draft.verbs[verb] = words
            for choice in choices_in(words):
                if choice not in draft.choices:
                    draft.choices[choice] = _values(choice)
    if not draft.verbs:
        raise UsageProblem("it offers no verb, so there is nothing to check", mend="Nothing was written.")
    _ask_for_places(draft)
    return _checked(draft)


def _name(line: str) -> str:
    return _checked(Draft(line, verbs={"lock": ("{file}", "{argv}")})).name


def _verb(verb: str, line: str) -> tuple[str, ...]:
    """The words of a command line, if an adapter may have them as this verb."""
    words = template(line)
    if words:
        choices: dict[str, dict[str, tuple[str, ...]]] = {
            one: dict.fromkeys(CHOICES[one], ()) for one in choices_in(words)
        }
        _checked(Draft("draft", verbs={verb: words}, choices=choices))
    return words


def _values(choice: str) -> dict[str, tuple[str, ...]]:
    """The words of each value that it has; at least one has some, or means to have none."""
    found: dict[str, tuple[str, ...]] = {}
    *_others, last = CHOICES[choice]

    def words_of(line: str) -> tuple[str, ...] | None:
        if line == "-" and value == last and not found:
            raise UsageProblem(f"{choice.upper()} needs a value", mend="Or leave it out of the command line.")
        return None if line == "-" else template(line)

    for value in CHOICES[choice]:
        words = _ask(f"  {choice.upper()}, {value!r} (empty: no words; -: it cannot do that)", words_of)
        if words is not None:
            found[value] = words
    return found


def _ask_for_places(draft: Draft) -> None:
    """Where lock files and copies are, as far as verbs name their folders."""
    if draft.mentions("runtime", "name"):
        place = _ask("lock file of a runtime [RUNTIME/.ref]", _place("RUNTIME/.ref"))
        folder, _, name = place.rpartition("/")
        draft.layout |= {"src": folder, "ref": "{src}/" + name}
    if draft.mentions("parent"):
        draft.layout["parent_ref"] = _ask("lock file of the folder of copies [PARENT/.ref]", _place("PARENT/.ref"))
        draft.layout["copies"] = _ask("what copies are called [PARENT/tmp-*]", _place("PARENT/tmp-*"))
        draft.layout["copy_ref"] = _ask("lock file of a copy [COPY/.ref]", _place("COPY/.ref"))


def _place(default: str) -> Callable[[str], str]:
    """Reads a path that begins with a folder in capitals."""
    folder = default.partition("/")[0]

    def place_of(line: str) -> str:
        place = line or default
        if not place.startswith(f"{folder}/"):
            raise UsageProblem(f"{place!r} is not below {folder}", mend=f"Such as {default}.")
        return f"{{{folder.lower()}}}{place.removeprefix(folder)}"

    return place_of


def _checked(draft: Draft) -> Draft:
    """The draft, if the file that comes of it can be read. Raises `AdapterError`, without the name of a file."""
    try:
        understood(text(draft), Path("adapter.toml"))
    except AdapterError as problem:
        raise AdapterError(problem.what, where=problem.where.rpartition(": ")[2], mend=problem.mend) from None
    return draft


def _ask(question: str, understand: Callable[[str], _T]) -> _T:
    """One answer. On a terminal a wrong one is asked for again; who pipes answers in has to start again."""
    while True:
        line = input(f"{question}: ").strip()
        if not sys.stdin.isatty():
            print(line)
        try:
            return understand(line)
        except VesselError as problem:
            if not sys.stdin.isatty():
                raise
            print(f"  {problem}")
