"""Each verb driven once, as the suites drive it, and what is seen of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pytest_vessel.check.bench import Bench, contents_below, identity_of
from pytest_vessel.check.seen import TOLD_STATUS, Content, Driven, Entry, Process, RoleFile
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.errors import VesselError
from pytest_vessel.fixtures.implementations import Runtime
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.observation.process import Ending
from pytest_vessel.system import locks
from pytest_vessel.system.payload import runs_probe
from pytest_vessel.system.sysroot import Layout

INNER_FOLDERS = ("", "files", "usr", "rootfs")
"""Where in its folder a runtime's content may lie, when it does not lie where the adapter says."""

_WITH_LAYOUT = ("run", "copy", "prepare")
Role = tuple[str, str, Path]


def drive_all(bench: Bench) -> Iterator[Driven]:
    """Every verb that is offered, once for each layout of a runtime that it shows."""
    for verb in (verb for verb in DRIVERS if verb in bench.verbs()):
        for layout in bench.layouts() if verb in _WITH_LAYOUT else bench.layouts()[:1]:
            try:
                yield DRIVERS[verb](bench, layout)
            except (VesselError, OSError) as problem:
                what, _, mend = str(problem).partition("\n")
                shown = str(layout) if verb in _WITH_LAYOUT else ""
                yield Driven(verb, shown, trouble=bench.spelled(what), mend=mend.strip())


@dataclass
class _Attended:
    """One call that is attended to from its start to its end."""

    bench: Bench
    verb: str
    begin: Callable[[], Running]
    layout: str = ""
    roles: Callable[[], Sequence[Role]] = tuple
    inside: tuple[str, ...] = ()
    look: Callable[[Driven], Driven] = lambda seen: seen
    """What else is to be seen while the payload runs, or when the call is over where it has none."""
    running: Running = field(init=False)

    def with_payload(self) -> Driven:
        """A call whose payload is looked at while it runs, and then told to end."""
        began_s = time.monotonic()
        self.running = running = self.begin()
        start = running.start()
        started_s = time.monotonic() - began_s
        if start.ready:
            running.settle()
        pids, roles = running.call.processes(), [one for one in self.roles() if self._declared(one)]
        seen = replace(
            self._started(),
            start=start,
            started_s=round(started_s, 3) if start.ready else None,
            processes=tuple(_processes(pids)),
            files=tuple(map(self._file, roles)),
            elsewhere=self._elsewhere(pids, roles),
        )
        if start.ready:
            seen = replace(seen, answers=running.talk.answers(), inside=tuple(self._inside()))
        else:
            seen = replace(seen, speechless=runs_probe(pids) is True)
        return self._over(self.look(seen), ended(running, TOLD_STATUS), roles)

    def without_payload(self) -> Driven:
        """A call that should come to its end by itself."""
        self.running = running = self.begin()
        start = running.start()
        ending = running.wait() if start.ending else ended(running)
        seen = self.look(replace(self._started(), waits=start.waits, output=ending.output))
        return self._over(seen, ending, ())

    def _declared(self, role: Role) -> bool:
        return not role[1].startswith("layout.") or self.bench.offers(role[1])

    def _file(self, one: Role) -> RoleFile:
        role, key, file = one
        target = self.bench.file_of(identity_of(file)) if file.exists() else ""
        return RoleFile(role, key, self.bench.spelled(file), target, doing.look(file))

    def _started(self) -> Driven:
        order, clean = self.running.call.order, self.bench.implementation.clean_environment()
        return Driven(
            self.verb,
            self.layout,
            argv=tuple(map(self.bench.spelled, order.argv)),
            environment={name: self.bench.spelled(text) for name, text in order.env.items() if clean.get(name) != text},
        )

    def _elsewhere(self, pids: Sequence[int], roles: Sequence[Role]) -> tuple[str, ...]:
        """Files below the work folder that are locked and have no role."""
        known = {identity_of(file) for _role, _key, file in roles if file.exists()}
        return tuple(sorted(filter(None, map(self.bench.file_of, locks.locked_by(pids) - known))))

    def _inside(self) -> Iterator[tuple[str, str]]:
        with suppress(VesselError):  # a payload that does not answer is told of by itself
            for path in self.inside:
                identity = self.running.talk.identity(path)
                yield path, (self.bench.file_of(identity) or "a file that is none of ours") if identity else ""

    def _over(self, seen: Driven, ending: Ending, roles: Sequence[Role]) -> Driven:
        after = {role: doing.look(file) for role, _key, file in roles}
        took_s = self.running.call.ended_after_s
        return replace(
            seen,
            ending=ending,
            took_s=None if took_s is None else round(took_s, 3),
            files=tuple(replace(one, after=after[one.role]) for one in seen.files),
        )


def ended(running: Running, status: int = 0) -> Ending:
    """How a call ended: a payload was told to, with this status; who has none, or waits, is ended by us."""
    if running.talk.ready or running.call.ended:
        return running.finish(status)
    running.stop()
    return running.call.ending()


def _processes(pids: Sequence[int]) -> Iterator[Process]:
    depths: dict[int, int] = {}
    for pid in pids:
        with suppress(OSError, IndexError):
            name, _, rest = Path(f"/proc/{pid}/stat").read_text("utf-8", "backslashreplace").rpartition(") ")
            depths[pid] = depths.get(int(rest.split()[1]), -1) + 1
            yield Process(pid, name.partition(" (")[2], depths[pid])


def _source(runtime: Runtime) -> Role:
    return "SRC/.ref", "layout.ref", runtime.ref


def _contents(bench: Bench, runtime: Runtime, key: str, folder: Path, expected: Path) -> tuple[Content, ...]:
    """Where below a folder the first runtime's content lies, as a place for `expected`."""
    up = runtime.layout is Layout.COMPLETE_ROOT
    found = [usr.parent if up else usr for name, usr in contents_below(folder) if name == "first"]
    return (Content(key, bench.spelled(expected), tuple(map(bench.spelled, found))),)


_Start = Callable[[Runtime, Mapping[str, str]], Running]


def _run(bench: Bench, layout: Layout) -> Driven:
    runtime = bench.runtime(layout)

    def start(runtime: Runtime, choices: Mapping[str, str]) -> Running:
        return bench.implementation.run(runtime, choices=choices)

    attended = _Attended(bench, "run", partial(start, runtime, {}), layout, lambda: (_source(runtime),), runtime.inside)
    seen = attended.with_payload()
    return seen if seen.works else _diagnosed(bench, seen, runtime, start)


def _diagnosed(bench: Bench, seen: Driven, runtime: Runtime, start: _Start) -> Driven:
    """Where no payload started: whether one does with the other layout's words, or a runtime that lies elsewhere."""
    for other in bench.layouts():
        if other is not runtime.layout and _starts(start(runtime, {"layout": other})):
            return replace(seen, starts_as=str(other))
    for inner in () if bench.offers("install") else INNER_FOLDERS:
        if _starts(start(bench.runtime_at(runtime.layout, inner), {})):
            return replace(seen, starts_at="/".join(("{runtime}", inner)).rstrip("/"))
    return seen


def _starts(running: Running) -> bool:
    ready = running.start().ready
    running.stop()
    return ready


@dataclass
class _Copying:
    """A PARENT that one call alone uses, and what that call makes in it."""

    bench: Bench
    runtime: Runtime
    parent: Parent

    def __post_init__(self) -> None:
        self.bench.name(self.parent.folder, "PARENT")
        self._before = {path.name for path in self.parent.folder.iterdir()}

    def entries(self) -> tuple[Entry, ...]:
        """What is new in it, and whatever else passes for a copy."""
        copies = self.parent.copies()
        found = [path for path in self.parent.folder.iterdir() if path.name not in self._before or path in copies]
        return tuple(Entry(path.name, path.is_dir(), path in copies) for path in sorted(found))

    def copy(self) -> Copy | None:
        """The one new folder, whatever its name."""
        folders = [entry.name for entry in self.entries() if entry.is_folder]
        if len(folders) != 1:
            return None
        copy = self.bench.implementation.as_copy(self.parent.folder / folders[0], self.runtime.layout)
        self.bench.name(copy.folder, "COPY")
        return copy

    def roles(self) -> Sequence[Role]:
        """The lock files there are to look at."""
        copy = self.copy()
        of_copy = (("COPY/.ref", "layout.copy_ref", copy.ref),) if copy else ()
        return _source(self.runtime), ("PARENT/.ref", "layout.parent_ref", self.parent.ref), *of_copy

    def look(self, seen: Driven) -> Driven:
        """What is new, and where in the copy the runtime's content is."""
        copy = self.copy()
        contents = _contents(self.bench, self.runtime, "layout.copy_tree", copy.folder, copy.tree) if copy else ()
        return replace(seen, entries=self.entries(), contents=contents)


def _copy(bench: Bench, layout: Layout) -> Driven:
    made = _Copying(bench, bench.runtime(layout), bench.implementation.parent())

    def start(runtime: Runtime, choices: Mapping[str, str]) -> Running:
        return bench.implementation.copy(runtime, made.parent, choices=choices)

    begin = partial(start, made.runtime, {})
    seen = _Attended(bench, "copy", begin, layout, made.roles, made.runtime.inside, made.look).with_payload()
    return seen if seen.works else _diagnosed(bench, seen, made.runtime, start)


def _prepare(bench: Bench, layout: Layout) -> Driven:
    made = _Copying(bench, bench.runtime(layout), bench.implementation.parent())
    begin = partial(bench.implementation.prepare, made.runtime, made.parent)
    attended = _Attended(bench, "prepare", begin, layout, look=made.look)
    seen = attended.without_payload()
    if not bench.offers("layout.copy_from"):
        return seen
    return replace(
        seen, told=bench.implementation.told_copy(bytes(attended.running.call.out).decode("utf-8", "replace"))
    )


def _lock(bench: Bench, _layout: Layout) -> Driven:
    file = bench.implementation.work / "files" / "lock"
    file.touch()
    roles = (("FILE", "verbs.lock", file),)
    return _Attended(bench, "lock", partial(bench.implementation.lock, file), roles=lambda: roles).with_payload()


def _collect(bench: Bench, _layout: Layout) -> Driven:
    """Beside a copy in use, and once more beside a lock on PARENT/.ref: neither is a reason to wait."""
    parent = bench.implementation.parent()
    bench.name(parent.folder, "PARENT")
    used = copying.unused(bench.implementation, parent, "used")
    copying.unused(bench.implementation, parent, "unused")
    begin = partial(bench.implementation.collect, parent)
    with bench.locked(used.ref, Mode.SHARED):
        seen = _Attended(bench, "collect", begin).without_payload()
    with bench.locked(parent.ref, Mode.SHARED):
        beside = _Attended(bench, "collect", begin).without_payload()
    return replace(seen, waits=seen.waits or beside.waits)


def _remove(bench: Bench, layout: Layout) -> Driven:
    runtime = bench.runtime(layout)
    return _Attended(bench, "remove", partial(bench.implementation.remove, runtime)).without_payload()


def _install(bench: Bench, layout: Layout) -> Driven:
    """The harness installs whenever it needs a runtime: this is one of those calls."""
    runtime = bench.runtime(layout)
    bench.name(runtime.folder, "RUNTIME")
    attended = _Attended(bench, "install", lambda: bench.implementation.started[-1])
    seen = attended.without_payload()
    return replace(seen, contents=_contents(bench, runtime, "layout.src", runtime.folder, runtime.src))


DRIVERS: Mapping[str, Callable[[Bench, Layout], Driven]] = {
    "install": _install,
    "run": _run,
    "copy": _copy,
    "prepare": _prepare,
    "collect": _collect,
    "lock": _lock,
    "remove": _remove,
}
"""What drives each verb, in the order in which they are tried."""
