"""Clause 052: a lock file is replaced or deleted between its open and its lock, or while somebody waits for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.attention import ATTENTIVE, Attention, attend
from pytest_vessel.conformance.locking.deleting import Victim
from pytest_vessel.conformance.locking.seen import PARENT_REF, SRC_REF, Use
from pytest_vessel.conformance.locking.seen_handover import Mistaken, Replaced
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.running import PATIENT, Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.held import Held
from pytest_vessel.system.inside import inside
from pytest_vessel.system.lockholder import HeldLock

NOT_ASKED = "it made no fcntl lock call on the file, so nothing could be replaced before one"
NOT_CAUGHT = "the payload's first system call was not seen, so nobody looked"


def replace_file(file: Path) -> None:
    """Rename a new, empty file over it, or over what a link leads to."""
    real = os.path.realpath(file)
    fresh = f"{real}.new"
    shutil.copy2(real, fresh)
    os.chown(fresh, os.stat(real).st_uid, os.stat(real).st_gid)
    os.rename(fresh, real)


def delete_file(file: Path) -> None:
    """Delete it alone."""
    file.unlink()


def delete_folder(file: Path) -> None:
    """Delete it with all that lies beside it."""
    shutil.rmtree(file.parent)


CHANGES: dict[str, Callable[[Path], None]] = {
    "replaced": replace_file,
    "deleted": delete_file,
    "gone": delete_folder,
}
"""By the last word of the case."""


class Swap:
    """Changes a file before the first lock call on it takes place: an answer for `Patience`."""

    def __init__(self, file: Callable[[], Path | None], change: Callable[[Path], None]) -> None:
        self._file, self._change = file, change
        self.done = False

    def __call__(self, held: Held, _count: int) -> Answer:
        """Change it, once, and let the call go."""
        wanted, file = held.lock(), self._file()
        if not self.done and file and wanted and not wanted.asks and copying.is_file_of(held, file):
            self.done = True
            self._change(file)
        return Go()


@clause("LOCK-052")
def test_file_is_swapped_before_its_lock(implementation: Implementation, case: str, judge: Judge) -> None:
    subject = Subject(implementation, case)
    sound = doing.start_once(subject.way.start())
    running = subject.start()
    swap = Swap(lambda: subject.file, CHANGES[case.rpartition("-")[2]])
    attention = subject.attend(running, swap)
    start = running.start()
    moment, locks = subject.moment, attention.locks
    if start.ready and not swap.done:  # who runs the payload first asks for its lock only then
        running.settle()
        moment, locks = "while the payload runs", doing.look(subject.file)
    running.finish()
    missing = NOT_ASKED if not swap.done else NOT_CAUGHT if start.ready and not attention.caught else ""
    judge(Replaced(case, sound, True, missing, moment, Use(start, locks, subject.role)))


@clause("LOCK-052[src-waited]", "LOCK-052[parent-waited]")
def test_file_is_swapped_while_one_waits(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    subject = Subject(implementation, case)
    sound = doing.start_once(subject.way.start())
    held: list[HeldLock] = []

    def hold(file: Path) -> None:
        file.touch()  # it may have gone with its last user
        held.append(vessel_holder(file, Mode.EXCLUSIVE))

    running = subject.start(hold)
    attention = subject.attend(running)
    start = running.start()
    waits = start.waits
    if waits:
        replace_file(subject.file)
        held[0].release()
        attention.hurry()
        running.patience = None
        running.stage.until(lambda: running.talk.ready or running.call.empty, running.call.order.timeout_s)
        start = running.start()
    else:
        held[0].release()
    running.finish()
    missing = NOT_CAUGHT if start.ready and not attention.caught else ""
    judge(Replaced(case, sound, waits, missing, subject.moment, Use(start, attention.locks, subject.role)))


class Subject:
    """Whose lock file is swapped: a start in a runtime or in a copy of it, by the first word of the case.

    What counts for SRC/.ref used directly is the moment of the payload's first act; for the locks that guard the
    making of a copy that in which the first entry appears in PARENT.
    """

    def __init__(self, implementation: Implementation, case: str) -> None:
        word = case.partition("-")[0]
        self.way = Way(implementation, "run" if word == "src" else "copy")
        self.role = PARENT_REF if word == "parent" else SRC_REF
        self.moment = "when the first entry appeared in PARENT" if self.way.in_copy else "at the payload's first act"

    @property
    def file(self) -> Path:
        """The lock file that is swapped, of the last start."""
        parent = self.way.parent
        file = parent.ref if parent and self.role == PARENT_REF else self.way.runtime.ref
        return inside(file, self.way.implementation.work, "the lock file")

    def start(self, before: Callable[[Path], object] = lambda _file: None) -> Running:
        """Start the payload, told to wait where it can be told; `before` is given the file first."""
        wait = {"wait": "yes"} if self.way.implementation.offers("choices.wait.yes") else {}
        if self.way.in_copy:
            self.way.parent = self.way.implementation.parent()
        before(self.file)
        return self.way.start(choices=wait, chosen=ATTENTIVE, parent=self.way.parent)

    def attend(self, running: Running, answer: Callable[[Held, int], Answer] = lambda _held, _count: Go()) -> Attention:
        """Look at the file at the moment that counts."""
        attention = Attention(running, self.way.role_files, lambda: doing.look(self.file), answer)
        parent = self.way.parent
        if parent is not None:
            attention.due = lambda _held: bool(parent.copies())
        return attend(running, attention)


@clause("LOCK-052[copy-replaced]", "LOCK-052[runtime]")
def test_file_is_swapped_before_a_deletion(
    implementation: Implementation, vessel_holder: HolderFactory, case: str, judge: Judge
) -> None:
    if case == "runtime":
        runtime = implementation.runtime()
        victim = Victim(runtime.src, runtime.ref, lambda chosen: implementation.remove(runtime, chosen=chosen))
    else:
        parent = implementation.parent()
        copy = copying.unused(implementation, parent)
        victim = Victim(copy.folder, copy.ref, lambda chosen: implementation.collect(parent, chosen=chosen))
    judge(_mistaken(case, victim, vessel_holder))


def _mistaken(case: str, victim: Victim, hold: HolderFactory) -> Mistaken:
    """Delete while somebody replaces the lock file and uses the tree under a lock on the new one; then without."""
    used: list[tuple[doing.Tree, HeldLock]] = []

    def use(file: Path) -> None:
        replace_file(file)
        used.append((doing.Tree(victim.folder), hold(file, Mode.SHARED)))

    running = victim.delete(PATIENT)
    running.be_patient_with(lambda: (victim.ref,), Swap(lambda: victim.ref, use))
    running.start()
    if not used:
        ending = running.finish()
        return Mistaken(case, False, ending, 0, 0, ending, False)
    tree, holder = used[0]
    lost = tree.lost
    holder.release()  # one that waits for it goes on now
    ending = free = running.finish()
    if tree.lost < tree.total:
        again = victim.delete(())
        again.start()
        free = again.finish()
    seen = Mistaken(case, True, ending, lost, tree.total, free, gone=tree.lost == tree.total)
    tree.close()
    return seen
