"""Each verb driven once, as the suites drive it, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pytest_vessel.check import capturing, overlaying
from pytest_vessel.check.attempts import FIRST
from pytest_vessel.check.attended import Attended, Role
from pytest_vessel.check.bench import Bench, contents_below
from pytest_vessel.check.seen import Content, Driven, Entry
from pytest_vessel.conformance.locking import copying
from pytest_vessel.errors import VesselError
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.sysroot import Layout

INNER_FOLDERS = ("", "files", "usr", "rootfs")
"""Where in its folder a runtime's content may lie, when it does not lie where the adapter says."""

_WITH_LAYOUT = ("run", "copy", "prepare", "overlay")


def drive_all(bench: Bench) -> Iterator[Driven]:
    """Every verb that is offered, once for each layout of a runtime that it shows."""
    for verb in filter(bench.has, DRIVERS):
        for layout in bench.layouts() if verb in _WITH_LAYOUT else bench.layouts()[:1]:
            try:
                yield DRIVERS[verb](bench, layout)
            except (VesselError, OSError) as problem:
                what, _, mend = str(problem).partition("\n")
                shown = str(layout) if verb in _WITH_LAYOUT else ""
                yield Driven(verb, shown, trouble=bench.spelled(what), mend=mend.strip())


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

    attended = Attended(bench, "run", partial(start, runtime, {}), layout, lambda: (_source(runtime),), runtime.inside)
    seen = attended.with_payload()
    return seen if seen.works else _diagnosed(bench, seen, runtime, start)


def _diagnosed(bench: Bench, seen: Driven, runtime: Runtime, start: _Start) -> Driven:
    """Where no payload started: whether one does with the other layout's words, or a runtime that lies elsewhere.

    Not where the call hangs: each start more would take as long.
    """
    if seen.start is None or seen.start.ending is None or seen.start.ending.stopped is not None:
        return seen
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
    seen = Attended(bench, "copy", begin, layout, made.roles, made.runtime.inside, made.look).with_payload()
    return seen if seen.works else _diagnosed(bench, seen, made.runtime, start)


def _prepare(bench: Bench, layout: Layout) -> Driven:
    made = _Copying(bench, bench.runtime(layout), bench.implementation.parent())
    begin = partial(bench.implementation.prepare, made.runtime, made.parent)
    attended = Attended(bench, "prepare", begin, layout, look=made.look)
    seen = attended.without_payload()
    if not bench.offers("layout.copy_from"):
        return seen
    return replace(
        seen, told=bench.implementation.adapter.told_copy(bytes(attended.running.call.out).decode("utf-8", "replace"))
    )


def _overlay(bench: Bench, layout: Layout) -> Driven:
    runtime, provider = bench.runtime(layout), overlaying.provider(bench, FIRST)
    begin = partial(bench.implementation.overlay, runtime, provider)
    return Attended(bench, "overlay", begin, layout, lambda: (_source(runtime),)).with_payload()


def _lock(bench: Bench, _layout: Layout) -> Driven:
    file = bench.implementation.work / "files" / "lock"
    file.touch()
    roles = (("FILE", "verbs.lock", file),)
    return Attended(bench, "lock", partial(bench.implementation.lock, file), roles=lambda: roles).with_payload()


def _collect(bench: Bench, _layout: Layout) -> Driven:
    """Beside a copy in use, and once more beside a lock on PARENT/.ref: neither is a reason to wait."""
    parent = bench.implementation.parent()
    bench.name(parent.folder, "PARENT")
    used = copying.unused(bench.implementation, parent, "used")
    copying.unused(bench.implementation, parent, "unused")
    begin = partial(bench.implementation.collect, parent)
    with bench.locked(used.ref, Mode.SHARED):
        seen = Attended(bench, "collect", begin).without_payload()
    with bench.locked(parent.ref, Mode.SHARED):
        beside = Attended(bench, "collect", begin).without_payload()
    return replace(seen, waits=seen.waits or beside.waits)


def _remove(bench: Bench, layout: Layout) -> Driven:
    runtime = bench.runtime(layout)
    return Attended(bench, "remove", partial(bench.implementation.remove, runtime)).without_payload()


def _install(bench: Bench, layout: Layout) -> Driven:
    """The harness installs whenever it needs a runtime: this is one of those calls."""
    runtime = bench.runtime(layout)
    bench.name(runtime.folder, "RUNTIME")
    attended = Attended(bench, "install", lambda: bench.implementation.started[-1])
    seen = attended.without_payload()
    return replace(seen, contents=_contents(bench, runtime, "layout.src", runtime.folder, runtime.src))


def _capture(bench: Bench, _layout: Layout) -> Driven:
    return Attended(bench, "capture", partial(capturing.usual, bench)).without_payload()


def _execute(bench: Bench, _layout: Layout) -> Driven:
    root = bench.runtime(Layout.COMPLETE_ROOT)
    return Attended(bench, "execute", partial(bench.implementation.execute, root.src)).with_payload()


def _leave(bench: Bench, _layout: Layout) -> Driven:
    return Attended(bench, "start", bench.implementation.leave).with_process_left()


DRIVERS: Mapping[str, Callable[[Bench, Layout], Driven]] = {
    "install": _install,
    "run": _run,
    "copy": _copy,
    "prepare": _prepare,
    "overlay": _overlay,
    "collect": _collect,
    "lock": _lock,
    "remove": _remove,
    "capture": _capture,
    "execute": _execute,
    "start": _leave,
}
"""What drives each verb, in the order in which they are tried."""
