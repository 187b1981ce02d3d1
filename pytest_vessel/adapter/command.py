"""An adapter as the harness drives it: a checked description, and whoever says what to start for a verb."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pytest_vessel.adapter.described import Description
from pytest_vessel.adapter.filling import Templates
from pytest_vessel.adapter.protocol import Command, Fill, Maker
from pytest_vessel.adapter.template import placeholders, substitute
from pytest_vessel.errors import AdapterError, VesselError
from pytest_vessel.judge.offer import Offer
from pytest_vessel.system.said import said

_VERSION_TIMEOUT_S = 10.0
_PACKAGE = str(Path(__file__).resolve().parents[1])


class CommandAdapter:
    """An implementation that is driven by command lines.

    Args:
        description: what it offers, checked.
        address: what `--vessel-impl` takes from any folder.
        program: replaces the first word of every template that starts with the program of `version`.
        home: the folder that `{home}` stands for.
        maker: says what to start; the templates of the description where nobody else does.
    """

    def __init__(
        self,
        description: Description,
        address: str,
        *,
        name: str = "",
        program: str = "",
        home: str = "",
        maker: Maker | None = None,
    ) -> None:
        self.description = description
        self.address = address
        self.name = name or description.name
        self._program = program
        self._values = {"python": sys.executable, "home": home, "package": _PACKAGE}
        self._maker = maker or Templates(description, self._values)

    @property
    def folder(self) -> Path:
        """See `Adapter.folder`."""
        return self.description.folder

    @cached_property
    def offer(self) -> Offer:
        """Name, version and capabilities; runs the version command once."""
        program = self._first_program()
        absent = self._lacks(program)
        return Offer(
            name=self.name,
            version="" if absent else self._version(),
            address=self.address,
            binary_digest="" if absent else _digest(self._place(program)),
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
        found |= {f"features.overrides.{name}" for name in about.overrides}
        if any(about.inside.values()):
            found.add("layout.ref_inside")
        if any(about.copy_tree.values()):
            found.add("layout.copy_tree")
        if any(about.provider_inside.values()):
            found.add("layout.provider_inside")
            found |= {f"{verb}.provider" for verb in ("copy", "prepare") if self._takes_provider(verb)}
        return found

    def _takes_provider(self, verb: str) -> bool:
        """Whether its template has `{provider}`; without a template, all values are told."""
        words = self.description.verbs.get(verb)
        return words is not None and (not words or "provider" in placeholders(" ".join(words)))

    def _empty(self) -> set[str]:
        about = self.description
        return {f"layout.{role}" for role, template in about.layout.items() if not template} | {
            f"layout.ref_inside.{layout}" for layout, paths in about.inside.items() if not paths
        }

    def _first_program(self) -> str:
        """That of `version`, else of the first verb; empty where it is not known before a verb is called."""
        words = self.description.version or next(iter(self.description.verbs.values()))
        known = words and set(placeholders(words[0])) <= set(self._values)
        return self._own(substitute(words[0], self._values)) if known else ""

    def _own(self, program: str) -> str:
        """The program that stands for one of a template (`NAME:path=PROGRAM`)."""
        return self._program if self._program and (program,) == self.description.version[:1] else program

    def _lacks(self, program: str) -> str:
        place = Path(self._place(program))
        if not program or (place.is_file() and os.access(place, os.X_OK)):
            return ""
        if place.is_absolute() and place.exists():
            return f"{program} is no program that can be executed"
        return f"{program} is not installed"

    def _place(self, program: str) -> str:
        """Its absolute path where it has a slash or is in PATH; else the name that it has."""
        if "/" in program:
            return str((self.folder / program).absolute())
        return shutil.which(program) or program

    def _version(self) -> str:
        if not self.description.version:
            return ""
        argv = self._programmed(tuple(substitute(word, self._values) for word in self.description.version))
        ending = said(argv, _VERSION_TIMEOUT_S)
        if isinstance(ending, VesselError):
            return f"unknown ({ending.what})"
        lines = ending.output.strip().splitlines()
        if ending.stopped is not None:
            return f"unknown ({ending})"
        told = " ".join(map(str.strip, lines)) if lines and lines[0].endswith(":") else "".join(lines[:1])
        return told[:200]

    def _programmed(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return (self._place(self._own(words[0])), *words[1:])

    def command(self, verb: str, fill: Fill) -> Command:
        """See `Adapter.command`."""
        if verb not in self.description.verbs:
            raise AdapterError(f"offers no verb {verb!r}", where=self.address)
        made = self._maker.command(verb, fill)
        by_hand = substitute(self.description.by_hand.get(verb, ""), {**self._values, **fill.values})
        return replace(made, argv=self._programmed(made.argv), by_hand=by_hand)

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

    def provider_inside(self, provider: Path) -> str:
        """See `Adapter.provider_inside`."""
        kind = "host" if provider == Path("/") else "chosen"
        return self.description.provider_inside.get(kind, "")

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
