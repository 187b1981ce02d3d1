"""Who names which file how: pathnames of a trace, with the process that gives them. Pure.

The *launcher* is the process that the trace begins with, and all that it forks; a *helper* is one that it forked and
that has executed a program since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from os.path import basename, join, normpath

from pytest_vessel.conformance.overrides.seen import OVR
from pytest_vessel.conformance.overrides.seen_fdio import Descriptors, Use
from pytest_vessel.observation.trace import AT_FDCWD, Call, Trace
from pytest_vessel.system.bpf import CREATES, DELETES, OPENS
from pytest_vessel.system.syscalls import shape_of

_OPENS = frozenset(one.name for one in OPENS)
_CHANGES = frozenset(one.name for one in (*CREATES, *DELETES)) | {
    *("chmod", "fchmodat", "fchmodat2", "chown", "chown32", "lchown", "lchown32", "fchownat"),
    *("truncate", "truncate64", "utimensat", "setxattr"),
}


@dataclass(frozen=True)
class Actor:
    """A process at one moment. `program`: of a helper, empty for the launcher; `folder`: its current one."""

    program: str
    folder: str


@dataclass(frozen=True)
class Naming:
    """One pathname of one call.

    `path`: normalised, not resolved; `start`: the folder that it is relative to, empty for an absolute one;
    `current`: that folder is the current one of its process.
    """

    call: Call
    actor: Actor
    path: str
    start: str = ""
    current: bool = False

    @property
    def changes(self) -> bool:
        """Whether the call makes, deletes or changes what is named, or tries to."""
        if self.call.name not in _OPENS:
            return self.call.name in _CHANGES
        flags = [one.text for one in self.call.args if one.string is None]
        return self.call.name == "creat" or any("O_CREAT" in text or "O_TRUNC" in text for text in flags)


@dataclass(frozen=True)
class Execution:
    """A program that a helper has become, and its arguments."""

    program: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Namings:
    """All of one trace. `folder`: the overrides folder, below which most of the questions are."""

    all: tuple[Naming, ...]
    executions: tuple[Execution, ...]
    folder: str

    @classmethod
    def of(cls, trace: Trace, current: str, folder: str) -> Namings:
        """Those of a trace whose first process began in the folder `current`."""
        acts = list(_acts(trace, current))
        helpers = (
            Execution(act.program, call.args[1].strings) for call, act in acts if act.program and _executes(call)
        )
        return cls(tuple(one for call, act in acts for one in _namings(call, act)), tuple(helpers), folder)

    @property
    def by_name(self) -> tuple[Naming, ...]:
        """Those that lead to the folder, or below, from outside of it: absolute, or from a current folder."""
        return tuple(
            one
            for one in self.all
            if (not one.start or (one.current and not self._is_in(one.start))) and self._is_in(one.path)
        )

    @property
    def lookups(self) -> tuple[Naming, ...]:
        """Those of them that change nothing."""
        return tuple(one for one in self.by_name if not one.changes)

    @property
    def opened(self) -> Descriptors:
        """What opening the folder itself gave."""
        opens = [one.call for one in self.all if one.call.name in _OPENS and one.call.path == self.folder]
        changes = [one.call for one in self.all if one.changes and one.path.startswith(f"{self.folder}/")]
        early = bool(opens and changes) and opens[0].before(changes[0])
        return Descriptors(tuple(call.returned for call in opens if call.returned is not None), early)

    def use(self, one: Naming) -> Use:
        """One of them, as a record keeps it."""
        return Use(one.actor.program, one.call.name, self.short(one.path))

    def short(self, text: str) -> str:
        """Text with the folder's path as OVR."""
        return text.replace(self.folder, OVR)

    def _is_in(self, path: str) -> bool:
        return path == self.folder or path.startswith(f"{self.folder}/")


def _executes(call: Call) -> bool:
    return call.name in ("execve", "execveat") and call.returned == 0


def _acts(trace: Trace, current: str) -> Iterator[tuple[Call, Actor]]:
    """Each call with who makes it; who executes a program is that program already."""
    first = trace.calls[0].pid if trace.calls else 0
    actors: dict[int, Actor] = {}
    for call in trace.calls:
        actor = actors.setdefault(call.pid, Actor("", current))
        if _executes(call) and call.pid != first:
            actor = replace(actor, program=basename(call.args[0].strings[0]))
        elif call.name in ("chdir", "fchdir") and call.succeeded:
            moved = call.args[0].path or call.args[0].strings[0]
            actor = replace(actor, folder=normpath(join(actor.folder, moved)))
        elif call.name in ("clone", "clone3", "fork", "vfork") and call.returned:
            actors[call.returned] = actor
        actors[call.pid] = actor
        yield call, actor


def _namings(call: Call, actor: Actor) -> Iterator[Naming]:
    for wanted in shape_of(call.name).paths:
        name = call.args[wanted.index].string if wanted.index < len(call.args) else None
        if not name:
            continue
        directory = None if wanted.directory is None else call.args[wanted.directory]
        if name.startswith("/"):
            yield Naming(call, actor, normpath(name))
        elif directory is None or directory.descriptor == AT_FDCWD:
            yield Naming(call, actor, normpath(join(actor.folder, name)), actor.folder, current=True)
        elif directory.path is not None:
            yield Naming(call, actor, normpath(join(directory.path, name)), directory.path)
