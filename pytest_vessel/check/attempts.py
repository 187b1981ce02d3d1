"""One value of a placeholder or a choice, given to a verb: what is seen of it, in a few words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.check.attended import ended
from pytest_vessel.check.bench import Bench, content_inside, contents_below
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.running import Running
from pytest_vessel.system.sysroot import Layout

FIRST, SECOND = "first", "second"
GOES_ON, STOPS, WAITS, ENDS = "it goes on", "it does not go on", "it waits", "it ends"
NO_LOCK, NO_PAYLOAD = "no lock", "no payload runs"
COPY_STAYS, COPY_GONE = "an unused copy stays", "an unused copy is gone"
NO_FILE, FILE_MADE = "no file is made", "the file is made"
WRITES, WRITES_NOT = "it may write", "it may not write"
FOLDER_OF_ITS_OWN = "a folder of its own"


@dataclass(frozen=True)
class Attempt:
    """What to try: a verb, with runtimes of this layout, and the value."""

    bench: Bench
    verb: str
    layout: Layout
    value: str

    @property
    def implementation(self) -> Implementation:
        """The implementation."""
        return self.bench.implementation

    def runtime(self, name: str = FIRST) -> Runtime:
        """A runtime that nobody changes."""
        return self.bench.shared(self.layout, name)

    def parents(self) -> Mapping[str, Parent]:
        """Two folders of copies."""
        return {name: self.implementation.parent() for name in (FIRST, SECOND)}

    def start(
        self, runtime: Runtime, parent: Parent, choices: Mapping[str, str] | None = None, *, gated: bool = False
    ) -> Running:
        """Start a verb that is given a runtime."""
        start = getattr(self.implementation, self.verb)
        running: Running = start(runtime, parent, choices=choices, chosen=self.bench.gated() if gated else ())
        return running

    def lock(self, file: Path, choices: Mapping[str, str] | None = None, *, gated: bool = False) -> Running:
        """Start the lock tool."""
        return self.implementation.lock(file, choices=choices, chosen=self.bench.gated() if gated else ())

    def file(self, name: str) -> Path:
        """An empty file to lock."""
        file = self.implementation.work / "files" / name
        file.touch()
        return file


def over(running: Running) -> None:
    """See a call through to its end."""
    running.start()
    ended(running)


def content(name: str) -> str:
    """Whose content was seen; an empty name: nobody's."""
    return f"the {name} runtime's content" if name else "no runtime's content"


def listed(names: Iterable[str]) -> str:
    """`the first and the second`, or `neither`."""
    return " and ".join(f"the {name}" for name in names) or "neither"


def soname(name: str) -> str:
    """The SONAME of the library that is called so."""
    return f"lib{name}.so.1"


def libraries(names: Collection[str]) -> str:
    """Which of the two libraries are among these names of files."""
    return f"{listed(name for name in (FIRST, SECOND) if soname(name) in names)} library"


def content_seen(attempt: Attempt) -> str:
    """The runtime, by what the payload sees."""
    return content_of_payload(attempt.start(attempt.runtime(attempt.value), attempt.implementation.parent()))


def content_executed(attempt: Attempt) -> str:
    """The root, by what the payload sees."""
    root = attempt.bench.shared(Layout.COMPLETE_ROOT, attempt.value)
    return content_of_payload(attempt.implementation.execute(root.src))


def content_of_payload(running: Running) -> str:
    """Whose content the payload of a start sees."""
    if not running.start().ready:
        running.stop()
        return NO_PAYLOAD
    found = content_inside(running.talk)
    running.finish()
    return content(found)


def content_prepared(attempt: Attempt) -> str:
    """The runtime, by what lies in its copy."""
    parent = attempt.implementation.parent()
    over(attempt.start(attempt.runtime(attempt.value), parent))
    return _content_of(parent.folder)


def content_installed(attempt: Attempt) -> str:
    """The tree, by what lies in the runtime."""
    return _content_of(attempt.runtime(attempt.value).src)


def _content_of(folder: Path) -> str:
    return content(next((name for name, _usr in contents_below(folder)), ""))


def folder_installed(attempt: Attempt) -> str:
    """The name, by the folder of the runtime."""
    one, other = attempt.runtime(FIRST).folder, attempt.runtime(SECOND).folder
    return FOLDER_OF_ITS_OWN if one != other else "one folder for both"


def copy_made(attempt: Attempt) -> str:
    """The folder of copies, by where a new one appears."""
    parents = attempt.parents()
    over(attempt.start(attempt.runtime(), parents[attempt.value]))
    return f"a copy in {listed(name for name, one in parents.items() if any(map(Path.is_dir, one.folder.iterdir())))}"


def copy_collected(attempt: Attempt) -> str:
    """The same, by where an old one disappears."""
    parents = attempt.parents()
    unused = {name: copying.unused(attempt.implementation, parent) for name, parent in parents.items()}
    over(attempt.implementation.collect(parents[attempt.value]))
    return f"an unused copy is gone from {listed(name for name, copy in unused.items() if not copy.folder.exists())}"


def collecting(attempt: Attempt) -> str:
    """Whether the making of a copy cleans up."""
    parent = attempt.implementation.parent()
    unused = copying.unused(attempt.implementation, parent)
    over(attempt.start(attempt.runtime(), parent, {"collecting": attempt.value}))
    return COPY_STAYS if unused.folder.exists() else COPY_GONE


def runtime_removed(attempt: Attempt) -> str:
    """The runtime, by which one is gone."""
    runtimes = {name: attempt.bench.runtime(attempt.layout, name) for name in (FIRST, SECOND)}
    over(attempt.implementation.remove(runtimes[attempt.value]))
    return f"{listed(name for name, runtime in runtimes.items() if not runtime.src.exists())} is gone"


def file_locked(attempt: Attempt) -> str:
    """The file, by which one is locked."""
    files = {name: attempt.file(name) for name in (FIRST, SECOND)}
    running = attempt.lock(files[attempt.value])
    running.start()
    running.settle()
    tables = {name: doing.look(file) for name, file in files.items()}
    running.stop()
    return f"{listed(name for name, table in tables.items() if table and table.locks)} is locked"


def mode(attempt: Attempt) -> str:
    """The mode of the lock, of whatever family."""
    file = attempt.file("lock")
    running = attempt.lock(file, {"mode": attempt.value})
    ready = running.start().ready
    running.settle()
    table = doing.look(file)
    running.stop()
    if not ready or table is None:
        return NO_PAYLOAD
    return " and ".join(sorted({f"{lock.mode} lock" for lock in table.locks})) or NO_LOCK


def creating(attempt: Attempt) -> str:
    """Whether a missing file is made."""
    file = attempt.implementation.work / "files" / f"missing-{attempt.value}"
    running = attempt.lock(file, {"create": attempt.value})
    running.start()
    running.stop()
    return FILE_MADE if file.exists() else NO_FILE


def beside_runtime_lock(attempt: Attempt) -> str:
    """What a start does while the runtime is locked exclusively."""
    runtime, parent = attempt.runtime(), attempt.implementation.parent()
    with attempt.bench.locked(runtime.ref):
        return _beside(attempt, attempt.start(runtime, parent, {"wait": attempt.value}, gated=True))


def beside_parent_lock(attempt: Attempt) -> str:
    """Whether it goes on while the folder of copies is."""
    parent = attempt.implementation.parent()
    with attempt.bench.locked(parent.ref):
        seen = _beside(attempt, attempt.start(attempt.runtime(), parent, gated=True))
    return GOES_ON if seen == GOES_ON else STOPS


def beside_file_lock(attempt: Attempt) -> str:
    """What the lock tool does while its file is locked exclusively."""
    file = attempt.file("lock")
    with attempt.bench.locked(file):
        return _beside(attempt, attempt.lock(file, {"wait": attempt.value}, gated=True))


def _beside(attempt: Attempt, running: Running) -> str:
    if running.call.order.chosen:
        running.be_patient_with(lambda: running.files)
    start = running.start()
    running.stop()
    if start.waits:
        return WAITS
    made = attempt.verb == "prepare" and start.ending is not None and start.ending.succeeded
    return GOES_ON if start.ready or made else ENDS


def writing(attempt: Attempt) -> str:
    """Whether the payload may write to the runtime: to the second one, which is told by its name all the same."""
    choices = {"writable": attempt.value}
    running = attempt.start(attempt.runtime(SECOND), attempt.implementation.parent(exists=False), choices)
    if not running.start().ready:
        running.stop()
        return NO_PAYLOAD
    answer = running.talk.ask("touch", f"/usr/share/vessel/written-{attempt.value}", "644")
    running.finish()
    return WRITES if answer[0] == "ok" else WRITES_NOT
