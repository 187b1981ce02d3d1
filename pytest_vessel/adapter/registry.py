"""Addresses of implementations, and the adapters behind them.

======================  ===================================================================
`NAME`                  built in, or an entry point of another distribution
`NAME:path=PROGRAM`     the same with that program, or with the programs in that folder
`mutant:NAME`           a variant of the reference
`./my.toml`             an adapter file
`exec:./child`          a child process that answers
`py:module:attribute`   a Python object that answers
======================  ===================================================================
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from pytest_vessel.adapter.child import adapter_of_child
from pytest_vessel.adapter.command import CommandAdapter
from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.description import read
from pytest_vessel.adapter.protocol import Adapter
from pytest_vessel.adapter.python import adapter_of_object, installed, named
from pytest_vessel.errors import UsageProblem

_OPTIONS = ("path",)


def built_in() -> tuple[str, ...]:
    """Names of the implementations whose adapters are part of the package."""
    found = files("pytest_vessel.adapter").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


def names() -> tuple[str, ...]:
    """Names of all implementations that have one: those built in, then those of other distributions."""
    ours = built_in()
    return (*ours, *(name for name in installed() if name not in ours))


def resolve(address: str, *, base: Path) -> Adapter:
    """The adapter of an address.

    Args:
        address: see the table above; a relative path counts from `base`.

    Raises:
        UsageProblem: nothing has that address; names the nearest known one.
        AdapterError: its file does not fit.
    """
    if address.startswith("exec:"):
        return _child(address.removeprefix("exec:"), base)
    if address.startswith("py:"):
        return adapter_of_object(address.removeprefix("py:"), address, base)
    if address.endswith(".toml") or (address.startswith((".", "/")) and "/" in address):
        path = (base / address).absolute()
        return _adapter(read(path), str(path), "", base)
    name, _, options = address.partition(":")
    if name == "mutant":
        return _mutant(options)
    if name not in built_in() and (entry := named(address)):
        return adapter_of_object(entry.value, address, base)
    if name not in built_in():
        known = [*names(), "mutant:NAME"]
        near = difflib.get_close_matches(address, known, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageProblem(
            f"unknown implementation {address!r}",
            mend=f"{hint}Known: {', '.join(known)}, or an adapter of yours: ./my.toml, exec:PATH, py:MODULE:NAME.",
        )
    return _adapter(_built_in(name), address, _given(address, options), base)


def _adapter(description: Description, address: str, given: str, base: Path) -> Adapter:
    """The adapter of a description; `given`: the program, or the folder of the programs, that the address names."""
    if description.home:
        return CommandAdapter(description, address, home=_home(address, description.home, given, base))
    return CommandAdapter(description, address, program=_program(address, given, base))


def _child(program: str, base: Path) -> Adapter:
    found = shutil.which(program) if "/" not in program else shutil.which((base / program).absolute())
    if not found:
        raise UsageProblem(f"'exec:{program}': no program", mend="Give the path of an executable file.")
    return adapter_of_child((str(found),), f"exec:{found}", Path(found).parent)


def _built_in(name: str) -> Description:
    with as_file(files("pytest_vessel.adapter") / f"{name}.toml") as path:
        return read(path)


def _given(address: str, options: str) -> str:
    """The value of `path=`; empty where there are no options."""
    if not options:
        return ""
    given = dict(option.partition("=")[::2] for option in options.split(","))
    if unknown := set(given) - set(_OPTIONS):
        raise UsageProblem(
            f"{address!r}: unknown key {sorted(unknown)[0]!r}",
            mend=f"Known: {', '.join(_OPTIONS)} (NAME:path=PROGRAM).",
        )
    return given["path"]


def _program(address: str, program: str, base: Path) -> str:
    if not program:
        return ""
    found = shutil.which(program) if "/" not in program else str((base / program).absolute())
    if not found or not Path(found).is_file():
        raise UsageProblem(f"{address!r}: no program {program!r}", mend="Give the path of an executable file.")
    return found


def _home(address: str, variable: str, folder: str, base: Path) -> str:
    """The folder of the address, or of the variable; without either what a message shows: the variable to set."""
    if folder and not (base / folder).is_dir():
        raise UsageProblem(
            f"{address!r}: no folder {folder!r}", mend="Give the folder that the program is installed in."
        )
    named = folder or os.environ.get(variable, "")
    return str((base / named).absolute()) if named else f"${variable}"


def _mutant(name: str) -> Adapter:
    from pytest_vessel.mutant import NAMES

    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.3)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageProblem(f"unknown mutant {name!r}", mend=f"{hint}Known: {', '.join(NAMES)}.")
    reference = _built_in("reference")
    verbs = {verb: _mutated(words, name) for verb, words in reference.verbs.items()}
    return CommandAdapter(dataclasses.replace(reference, verbs=verbs), f"mutant:{name}", name=name)


def _mutated(words: tuple[str, ...], name: str) -> tuple[str, ...]:
    place = words.index("{package}/reference/__main__.py")
    return (*words[:place], "{package}/mutant/__main__.py", name, *words[place + 1 :])
