"""Adapters made of command templates: a TOML file, or one that is built in."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pytest_vessel.adapter.description import WORDS, Description, substitute
from pytest_vessel.adapter.protocol import Command, Fill
from pytest_vessel.errors import AdapterError, VesselError
from pytest_vessel.judge.offer import Offer
from pytest_vessel.system.said import said

_VERSION_TIMEOUT_S = 10.0


class CommandAdapter:
    """An implementation that is driven by command lines.

    Args:
        description: the checked file.
        address: what `--vessel-impl` takes from any folder.
        program: replaces the first word of every template that starts with the program of `version`.
        home: the folder that `{home}` stands for.
    """

    def __init__(
        self, description: Description, address: str, *, name: str = "", program: str = "", home: str = ""
    ) -> None:
        self.description = description
        self.address = address
        self.name = name or description.name
        self._program = program
        self._values = {"python": sys.executable, "home": home}

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return self.description.path.parent

    @cached_property
    def offer(self) -> Offer:
        """Name, version and capabilities; runs the version command once."""
        program = self._found(self._first_program())
        absent = "" if program else f"{self._first_program()} is not installed"
        return Offer(
            name=self.name,
            version=self._version() if program else "",
            address=self.address,
            binary_digest=_digest(program) if program else "",
            capabilities=tuple(sorted(self._capabilities())),
            empty=tuple(sorted(self._empty())),
            exceptions=dict(self.description.exceptions),
            absent=absent,
            mend=self.description.mend if absent else "",
        )

    def _capabilities(self) -> set[str]:
        about = self.description
        found = set(about.verbs) | ({"collect"} if self.collects_in_copy else set())
        found |= {f"choices.{name}.{value}" for name, values in about.choices.items() for value in values}
        if "layout" not in about.choices:
            found |= {"choices.layout.merged-usr", "choices.layout.complete-root"}
        found |= {f"layout.{role}" for role, template in about.layout.items() if template}
        found |= {f"layout.ref_inside.{layout}" for layout, paths in about.inside.items() if paths}
        if any(about.inside.values()):
            found.add("layout.ref_inside")
        if any(about.copy_tree.values()):
            found.add("layout.copy_tree")
        return found

    def _empty(self) -> set[str]:
        about = self.description
        return {f"layout.{role}" for role, template in about.layout.items() if not template} | {
            f"layout.ref_inside.{layout}" for layout, paths in about.inside.items() if not paths
        }

    def _first_program(self) -> str:
        words = self.description.version or next(iter(self.description.verbs.values()))
        return self._program or substitute(words[0], self._values)

    def _found(self, program: str) -> str | None:
        if "/" in program:
            path = (self.folder / program).absolute()
            return str(path) if os.access(path, os.X_OK) and path.is_file() else None
        return shutil.which(program)

    def _version(self) -> str:
        if not self.description.version:
            return ""
        argv = self._programmed([substitute(word, self._values) for word in self.description.version])
        ending = said(argv, _VERSION_TIMEOUT_S)
        if isinstance(ending, VesselError):
            return f"unknown ({ending.what})"
        lines = ending.output.strip().splitlines()
        if ending.stopped is not None:
            return f"unknown ({ending})"
        return lines[0][:200] if lines else ""

    def _programmed(self, words: list[str]) -> tuple[str, ...]:
        own = self.description.version[:1]
        first = self._program if self._program and (words[0],) == tuple(own) else words[0]
        return (self._found(first) or first, *words[1:])

    def command(self, verb: str, fill: Fill) -> Command:
        """See `Adapter.command`."""
        if verb not in self.description.verbs:
            raise AdapterError(f"offers no verb {verb!r}", where=str(self.description.path))
        values = {**self._values, **fill.values}
        words = [out for word in self.description.verbs[verb] for out in self._expand(word, fill, values)]
        environment = {name: substitute(text, values) for name, text in self.description.environment.items()}
        by_hand = substitute(self.description.by_hand.get(verb, ""), values)
        return Command(self._programmed(words), environment, by_hand)

    def _expand(self, word: str, fill: Fill, values: Mapping[str, str]) -> list[str]:
        name = word[1:-1]
        if word == f"{{{name}}}":
            if name in WORDS:
                return list(fill.words.get(name, ()))
            if choice := self.description.choices.get(name):
                wanted = fill.choices.get(name, next(iter(choice)))
                if wanted not in choice:
                    raise AdapterError(f"choices.{name} has no {wanted!r}", where=str(self.description.path))
                return [out for inner in choice[wanted] for out in self._expand(inner, fill, values)]
        return [substitute(word, values)]

    def role(self, name: str, fill: Fill) -> str | None:
        """See `Adapter.role`; a template may name `src`, and that of `copy_tree` depends on the choice `layout`."""
        template = self.description.layout.get(name)
        if name == "copy_tree":
            template = self.description.copy_tree.get(fill.choices.get("layout", ""))
        if not template:
            return template
        values = dict(fill.values)
        if "{src}" in template and "src" not in values:
            values["src"] = self.role("src", fill) or ""
        return substitute(template, values)

    def inside(self, layout: str) -> tuple[str, ...]:
        """See `Adapter.inside`."""
        return self.description.inside.get(layout, ())

    def arranged(self, layout: str) -> tuple[str, ...]:
        """See `Adapter.arranged`."""
        return self.description.arranged.get(layout, ())

    @property
    def collects_in_copy(self) -> bool:
        """See `Adapter.collects_in_copy`."""
        about = self.description
        return "collect" not in about.verbs and "copy" in about.verbs and about.behaviour.get("collects") == "in copy"

    def told_copy(self, output: str) -> str:
        """See `Adapter.told_copy`."""
        source = self.description.layout.get("copy_from", "")
        found = re.search(source.removeprefix("stdout:"), output, re.MULTILINE) if source else None
        return found[1] if found else ""

    @property
    def programs(self) -> tuple[str, ...]:
        """See `Adapter.programs`."""
        return self.description.programs

    @property
    def files(self) -> tuple[str, ...]:
        """See `Adapter.files`."""
        return self.description.files

    def machine(self, verb: str) -> tuple[str, ...]:
        """See `Adapter.machine`."""
        return self.description.machine.get(verb, ())


def _digest(program: str) -> str:
    try:
        with open(program, "rb") as content:
            return "sha256:" + hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""
