"""One clean-up pass over a PARENT: started, seen until it ends or gets no further, and what is left after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.conformance.locking import copying, doing
from pytest_vessel.conformance.locking.seen_collect import Collected
from pytest_vessel.conformance.locking.watching import SHOWN
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.fixtures.parents import Parent
from pytest_vessel.fixtures.running import LEFTOVER_TIMEOUT_S, PATIENT, Running
from pytest_vessel.observation.process import Ending
from pytest_vessel.system.locks import is_locked


class Pass:
    """A pass that has ended, or waits for a lock, or does nothing any more: none of them costs a time-out.

    Args:
        running: the verb, or a copy that collects.
        file: a lock file that the pass may wait for, beside PARENT/.ref.
    """

    def __init__(self, running: Running, file: Path | None = None) -> None:
        running.files = (*running.files, *((file,) if file else ()))
        self._running = running
        rests = True
        if running.start().ready:  # a payload: clean-up may come after it
            running.call.hang_up()
            rests = running.settle()
        self._ending = running.wait() if running.call.ended or not rests else None
        self.waited = self._ending is None and running.waits

    def finish(self) -> Ending:
        """How it ended. What it waited for must have been released; where it waits for nothing it is ended.

        But not at once: two looks at rest are soon there on a busy machine.
        """
        running = self._running
        if self._ending is None:
            running.patience = None
            running.open_gate()
            if not (self.waited or running.stage.until(lambda: running.call.ended, LEFTOVER_TIMEOUT_S)):
                running.stop()
            self._ending = running.wait()
        return self._ending


@dataclass(frozen=True)
class Use:
    """Somebody's lock on a candidate: in words, the locked file, and how it is given up."""

    held: str
    file: Path
    release: Callable[[], None]


def collected(implementation: Implementation, parent: Parent) -> Ending:
    """One pass, from its start to its end."""
    return Pass(implementation.collect(parent)).finish()


class Scene:
    """A PARENT with the candidate of a clause, and one beside it that nobody uses."""

    def __init__(self, implementation: Implementation, candidate: Path, parent: Parent) -> None:
        self.implementation, self.parent = implementation, parent
        self._beside = copying.unused(implementation, parent, "beside")
        self._folder = candidate
        self._entry = doing.Entry(candidate)
        self._content = doing.contents(candidate)
        self._outside = implementation.outside
        (self._outside / "file").write_text("content")
        self._before = doing.contents(self._outside)

    def collected(self, what: str, use: Use | None = None, *, patient: bool = False) -> Collected:
        """One pass; where somebody uses the candidate a second one after the release, or the first one's rest.

        `patient`: a pass that asks for the candidate's lock again and again is seen to wait, too (needs the gate).
        """
        file = use.file if use else None
        running = self.implementation.collect(self.parent, chosen=PATIENT if patient else ())
        if patient and file:
            running.be_patient(file)
        first = Pass(running, file)
        lost, changed = self._entry.lost, self._changed_inside()
        if use:
            use.release()
        ending = first.finish()
        beside_gone, outside = not self._beside.folder.exists(), self._changed_outside()
        later_gone = None
        if use:
            if not first.waited:
                collected(self.implementation, self.parent)
            later_gone = self._entry.lost == self._entry.total
        total, held = self._entry.total, use.held if use else ""
        self._entry.close()
        return Collected(
            what, held, lost, total, beside_gone, outside, ending, later_gone, waited=first.waited, changed=changed
        )

    def _changed_inside(self) -> tuple[str, ...]:
        """Names of the candidate whose mode or content is another now; those that are lost are counted elsewhere."""
        after = doing.contents(self._folder)
        return tuple(name for name, seen in self._content.items() if name in after and _differs(seen, after[name]))

    def _changed_outside(self) -> tuple[str, ...]:
        after = doing.contents(self._outside)
        changed = [name for name in sorted(self._before.keys() | after) if self._before.get(name) != after.get(name)]
        stays = [name for name in after if (self._outside / name).is_file() and is_locked(self._outside / name)]
        return (*changed[:SHOWN], *(f"{name} stays locked" for name in stays))


def _differs(before: doing.Content, after: doing.Content) -> bool:
    """Mode and content; size and time of a folder are those of its entries."""
    return (before.mode, before.digest) != (after.mode, after.digest)
