"""What tests about mutable copies do: find the copy of a start, wait for what has to happen to it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen_copies import ParentContention
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.installed import Runtime
from pytest_vessel.fixtures.parents import Copy, Parent
from pytest_vessel.fixtures.running import PATIENT, Running
from pytest_vessel.system.held import Held
from pytest_vessel.system.identity import identity_of
from pytest_vessel.system.lockholder import HeldLock


def copies(implementation: Implementation, runtime: Runtime, parent: Parent) -> tuple[Copy, ...]:
    """Every copy in PARENT now."""
    return tuple(implementation.as_copy(folder, runtime.layout) for folder in parent.copies())


def made(implementation: Implementation, runtime: Runtime, parent: Parent) -> Copy | None:
    """The copy in a PARENT that one start alone has used; None where there is not exactly one."""
    found = copies(implementation, runtime, parent)
    return found[0] if len(found) == 1 else None


def prepared(implementation: Implementation, runtime: Runtime, parent: Parent, running: Running) -> Copy | None:
    """The copy that a `prepare` which has ended says it made, or else the one in its PARENT."""
    told = implementation.adapter.told_copy(bytes(running.call.out).decode("utf-8", "replace"))
    if told and (parent.folder / told).is_dir():
        return implementation.as_copy(parent.folder / told, runtime.layout)
    return made(implementation, runtime, parent)


def role_files(implementation: Implementation, runtime: Runtime, parent: Parent) -> Iterable[Path]:
    """SRC/.ref, PARENT/.ref and the COPY/.ref of each copy there is: for `Running.be_patient_with`."""
    return (runtime.ref, parent.ref, *(ref for copy in copies(implementation, runtime, parent) for ref in copy.refs))


def copy_of(implementation: Implementation, runtime: Runtime, parent: Parent, running: Running) -> Copy | None:
    """The copy that a payload runs in: the one whose lock file has the identity that the payload sees."""
    if not running.talk.ready:
        return None
    found = copies(implementation, runtime, parent)
    for path in runtime.inside:
        seen = running.talk.identity(path)
        for copy in found:
            if seen and copy.ref.exists() and f"{seen[0]}:{seen[1]}" == doing.identity(copy.ref):
                return copy
    return found[0] if len(found) == 1 else None


def contend(implementation: Implementation, runtime: Runtime, parent: Parent, holder: HeldLock) -> ParentContention:
    """Start in a copy while `holder` holds a lock that excludes it, as `doing.contend`, and see what appears."""
    before = parent.names()
    appeared: tuple[str, ...] = ()

    def look() -> None:
        nonlocal appeared
        appeared = tuple(name for name in parent.names() if name not in before)

    def start() -> Running:
        return implementation.copy(runtime, parent, chosen=PATIENT)

    return ParentContention(doing.contend(start, holder, look=look), appeared)


def is_file_of(call: Held, file: Path) -> bool:
    """Whether a held call works on this file."""
    found = identity_of(file)
    return found is not None and call.file() == found


def unused(implementation: Implementation, parent: Parent, word: str = "unused") -> Copy:
    """A copy that somebody left behind: a few files, and a lock file that nobody holds."""
    copy = implementation.as_copy(parent.named(word))
    for folder in (copy.folder, copy.tree, copy.ref.parent, copy.tree / "share"):
        folder.mkdir(mode=0o755, exist_ok=True)
        parent.give(folder)
    for file in (copy.ref, copy.tree / "share" / "file"):
        file.touch()
        parent.give(file)
    return copy


def fill(copy: Copy, parent: Parent) -> None:
    """Put folders in folders into a copy, an empty one among them, and links to a file and to a folder in it."""
    nested, empty = copy.tree / "lib" / "nested", copy.tree / "lib" / "empty"
    for folder in (nested.parent, nested, empty):
        folder.mkdir()
    for file in (copy.tree / "lib" / "file", nested / "file"):
        file.write_text("content")
    (copy.tree / "link").symlink_to("lib/file")
    (copy.tree / "lib64").symlink_to("lib")
    for path in (*copy.tree.rglob("*"), copy.tree):
        parent.give(path)


def link_ref(copy: Copy, parent: Parent) -> Path:
    """Make the copy's lock file a link to one in a folder below, as `.ref -> usr/.ref`; returns what it leads to."""
    target = copy.folder / "usr" / copy.ref.name
    target.parent.mkdir(exist_ok=True)
    copy.ref.rename(target)
    copy.ref.symlink_to(os.path.relpath(target, copy.ref.parent))
    for path in (target.parent, target, copy.ref):
        parent.give(path)
    return target


def clear(folder: Path) -> None:
    """Delete everything in a folder of ours."""
    for root, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(root, name))
        for name in folders:
            path = os.path.join(root, name)
            os.unlink(path) if os.path.islink(path) else os.rmdir(path)
