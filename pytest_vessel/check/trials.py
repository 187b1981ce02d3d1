"""Each placeholder and each choice of a verb given one value and another: what does that change?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_vessel.check.bench import Bench, content_inside, contents_below
from pytest_vessel.check.drive import ended
from pytest_vessel.check.seen import Effect
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.errors import VesselError
from pytest_vessel.fixtures.implementations import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.system.sysroot import Layout

_GOES_ON, _STOPS = "it goes on", "it does not go on"
NO_PAYLOAD = "no payload runs"
FIRST, SECOND, NEITHER = "first", "second", "neither"
_See = Callable[[Bench, Layout, str], str]


@dataclass(frozen=True)
class Trial:
    """One placeholder or choice of one verb.

    Attributes:
        names: the placeholders that stand for the same thing here, or the name of a choice.
        expected: value to what is to be seen.
        see: starts the verb with a value, and says what is seen.
        finding: an answer that is the implementation's doing, not the adapter's.
        owed: suites give the choice to this verb, whether its command line has it or not.
    """

    verb: str
    names: tuple[str, ...]
    question: str
    expected: Mapping[str, str]
    see: _See
    finding: str = ""
    owed: bool = False


def try_all(bench: Bench, verbs: Sequence[str], layout: Layout) -> Iterator[Effect]:
    """What comes of each trial of these verbs, with runtimes of one layout."""
    for trial in TRIALS:
        if trial.verb in verbs and (wanted := _wanted(bench, trial)):
            yield Effect(
                trial.verb,
                wanted.names[0],
                trial.question,
                wanted.expected,
                {value: _seen(bench, trial, layout, value) for value in wanted.expected},
                trial.finding,
            )


def _wanted(bench: Bench, trial: Trial) -> Trial | None:
    """The trial with those of its names and values that the adapter has; None where it has none."""
    if trial.names[0].startswith("{"):
        words = bench.command(trial.verb)
        named = [name for name in trial.names if any(name in word for word in words)]
        return replace(trial, names=(" ".join(named or trial.names[:1]),))
    if "." in trial.names[0]:
        return trial if bench.offers(trial.names[0]) else None
    values = bench.values(trial.names[0], trial.expected)
    lines = {bench.command(trial.verb, {trial.names[0]: value}) for value in values}
    if not values or (len(lines) < 2 and not trial.owed):
        return None
    return replace(trial, expected={value: trial.expected[value] for value in values})


def _seen(bench: Bench, trial: Trial, layout: Layout, value: str) -> str:
    try:
        return trial.see(bench, layout, value)
    except VesselError as problem:
        return f"it cannot be tried: {bench.spelled(problem.what)}"


def _start(
    bench: Bench, verb: str, runtime: Runtime, parent: Parent, choices: Mapping[str, str] | None = None
) -> Running:
    """One of the verbs that are given a runtime."""
    if verb == "run":
        return bench.implementation.run(runtime, choices=choices)
    start = bench.implementation.copy if verb == "copy" else bench.implementation.prepare
    return start(runtime, parent, choices=choices)


def _runtime(verb: str) -> _See:
    def see(bench: Bench, layout: Layout, value: str) -> str:
        parent = bench.implementation.parent()
        running = _start(bench, verb, bench.shared(layout, value), parent)
        if verb == "prepare":
            running.wait()
            return _content(next((name for name, _usr in contents_below(parent.folder)), "no"))
        if not running.start().ready:
            running.stop()
            return NO_PAYLOAD
        content = content_inside(running.talk)
        running.finish()
        return _content(content)

    return see


def _content(name: str) -> str:
    return f"{name} runtime's content"


def _parent(verb: str) -> _See:
    def see(bench: Bench, layout: Layout, value: str) -> str:
        parents = {name: bench.implementation.parent() for name in (FIRST, SECOND)}
        before = {name: set(parent.folder.iterdir()) for name, parent in parents.items()}
        running = _start(bench, verb, bench.shared(layout, FIRST), parents[value])
        running.start()
        ended(running)
        found = [name for name, parent in parents.items() if any(new.is_dir() for new in {*parent.folder.iterdir()} - before[name])]
        return f"a copy in {_one(found)}"

    return see


def _one(names: Sequence[str]) -> str:
    return " and ".join(f"the {name}" for name in names) or NEITHER


def _collected_parent(bench: Bench, _layout: Layout, value: str) -> str:
    parents = {name: bench.implementation.parent() for name in (FIRST, SECOND)}
    unused = {name: copying.unused(bench.implementation, parent) for name, parent in parents.items()}
    running = bench.implementation.collect(parents[value])
    running.start()
    ended(running)
    return f"an unused copy is gone from {_one([name for name, copy in unused.items() if not copy.folder.exists()])}"


def _file(bench: Bench, _layout: Layout, value: str) -> str:
    files = {name: bench.implementation.work / "files" / f"{name}-lock" for name in (FIRST, SECOND)}
    for file in files.values():
        file.touch()
    running = bench.implementation.lock(files[value])
    running.start()
    running.settle()
    tables = {name: doing.look(file) for name, file in files.items()}
    running.stop()
    return f"{_one([name for name, table in tables.items() if table and table.locks])} is locked"


def _removed(bench: Bench, layout: Layout, value: str) -> str:
    runtimes = {name: bench.runtime(layout, name) for name in (FIRST, SECOND)}
    running = bench.implementation.remove(runtimes[value])
    running.start()
    ended(running)
    return f"{_one([name for name, runtime in runtimes.items() if not runtime.src.exists()])} is gone"


def _installed(bench: Bench, layout: Layout, value: str) -> str:
    return _content(next((name for name, _usr in contents_below(bench.runtime(layout, value).src)), "no"))


def _mode(bench: Bench, _layout: Layout, value: str) -> str:
    file = bench.implementation.work / "files" / "lock"
    file.touch()
    running = bench.implementation.lock(file, choices={"mode": value})
    ready = running.start().ready
    running.settle()
    table = doing.look(file)
    running.stop()
    if not ready:
        return NO_PAYLOAD
    modes = sorted({f"{lock.mode} lock" for lock in table.locks}) if table else []
    return " and ".join(modes) or "no lock"


def _create(bench: Bench, _layout: Layout, value: str) -> str:
    file = bench.implementation.work / "files" / f"missing-{value}"
    running = bench.implementation.lock(file, choices={"create": value})
    running.start()
    running.stop()
    return "the file is made" if file.exists() else "no file is made"


def _wait(verb: str) -> _See:
    def see(bench: Bench, layout: Layout, value: str) -> str:
        choices = {"wait": value}
        if verb == "lock":
            file = bench.implementation.work / "files" / "lock"
            file.touch()
            with bench.locked(file):
                return _beside(bench.implementation.lock(file, choices=choices, chosen=bench.gated()))
        runtime = bench.shared(layout, FIRST)
        start = getattr(bench.implementation, verb)
        with bench.locked(runtime.ref):
            arguments = (runtime,) if verb == "run" else (runtime, bench.implementation.parent())
            return _beside(start(*arguments, choices=choices, chosen=bench.gated()))

    return see


def _beside(running: Running) -> str:
    """What a start does beside an exclusive lock; it is ended."""
    if running.call.order.chosen:
        running.be_patient_with(lambda: running.files)
    start = running.start()
    running.stop()
    if start.waits:
        return "it waits"
    return "it ends" if start.ending and not start.ending.succeeded else _GOES_ON


def _parent_locked(verb: str) -> _See:
    def see(bench: Bench, layout: Layout, _value: str) -> str:
        parent, start = bench.implementation.parent(), getattr(bench.implementation, verb)
        with bench.locked(parent.ref):
            answer = _beside(start(bench.shared(layout, FIRST), parent, chosen=bench.gated()))
        return answer if answer == _GOES_ON else _STOPS

    return see


def _writable(bench: Bench, layout: Layout, value: str) -> str:
    running = bench.implementation.run(bench.shared(layout, SECOND), choices={"writable": value})
    if not running.start().ready:
        running.stop()
        return NO_PAYLOAD
    answer = running.talk.ask("touch", f"/usr/share/vessel/written-{value}", "644")
    running.finish()
    return "it may write" if answer[0] == "ok" else "it may not write"


def _collecting(verb: str) -> _See:
    def see(bench: Bench, layout: Layout, value: str) -> str:
        parent = bench.implementation.parent()
        unused = copying.unused(bench.implementation, parent)
        running = _start(bench, verb, bench.shared(layout, FIRST), parent, {"collecting": value})
        running.start()
        ended(running)
        return "an unused copy stays" if unused.folder.exists() else "an unused copy is gone"

    return see


_RUNTIME = ("{runtime}", "{name}", "{src}")
_OF_RUNTIME = {FIRST: _content(FIRST), SECOND: _content(SECOND)}
_OF_PARENT = {name: f"a copy in the {name}" for name in (FIRST, SECOND)}
_WAITS = {"no": "it ends", "yes": "it waits"}
_COLLECTS = {"no": "an unused copy stays", "yes": "an unused copy is gone"}
_BESIDE = "beside an exclusive lock"

TRIALS = (
    Trial("install", ("{tree}", "{archive}"), "what the runtime holds", _OF_RUNTIME, _installed),
    *(Trial(verb, _RUNTIME, "what the payload sees", _OF_RUNTIME, _runtime(verb)) for verb in ("run", "copy")),
    Trial("prepare", _RUNTIME, "what the copy holds", _OF_RUNTIME, _runtime("prepare")),
    *(
        Trial(verb, ("{parent}",), "two folders of copies", _OF_PARENT, _parent(verb))
        for verb in ("copy", "prepare")
    ),
    Trial(
        "collect",
        ("{parent}",),
        "two folders of copies",
        {name: f"an unused copy is gone from the {name}" for name in (FIRST, SECOND)},
        _collected_parent,
    ),
    Trial(
        "lock",
        ("{file}",),
        "two files",
        {name: f"the {name} is locked" for name in (FIRST, SECOND)},
        _file,
        finding=f"{NEITHER} is locked",
    ),
    Trial(
        "remove", _RUNTIME, "two runtimes", {name: f"the {name} is gone" for name in (FIRST, SECOND)}, _removed
    ),
    *(
        Trial(verb, ("wait",), _BESIDE, _WAITS, _wait(verb), finding=_GOES_ON, owed=verb == "lock")
        for verb in ("run", "copy", "prepare", "lock")
    ),
    *(
        Trial(verb, ("layout.parent_ref",), _BESIDE, {"locked": _STOPS}, _parent_locked(verb), finding=_GOES_ON)
        for verb in ("copy", "prepare")
    ),
    Trial("run", ("writable",), "whether the payload may write to the runtime", {"no": "it may not write", "yes": "it may write"}, _writable),
    *(
        Trial(verb, ("collecting",), "a copy that nobody uses", _COLLECTS, _collecting(verb), owed=verb == "copy")
        for verb in ("copy", "prepare")
    ),
    Trial(
        "lock",
        ("mode",),
        "the lock",
        {"shared": "shared lock", "exclusive": "exclusive lock"},
        _mode,
        finding="no lock",
        owed=True,
    ),
    Trial(
        "lock",
        ("create",),
        "where {file} is missing",
        {"no": "no file is made", "yes": "the file is made"},
        _create,
        owed=True,
    ),
)
"""All of them; those of one verb one after the other in what is shown."""
