"""LOCK-085: holding a deletion before its first call of each kind, while a user tries the lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen import Attempt, Deletion
from pytest_vessel.fixtures.holders import HolderFactory
from pytest_vessel.fixtures.running import Running
from pytest_vessel.observation.locks import Mode
from pytest_vessel.system.answer import Answer, Go
from pytest_vessel.system.bpf import DELETES, Chosen
from pytest_vessel.system.held import Held


@dataclass(frozen=True)
class Victim:
    """A tree that nobody uses, its lock file, how its deletion is started, and what it is: SRC or COPY."""

    folder: Path
    ref: Path
    delete: Callable[[Sequence[Chosen]], Running]
    role: str = "SRC"


def deletion(victim: Callable[[], Victim], work: Path, hold: HolderFactory) -> Deletion:
    """Delete one tree undisturbed, then a fresh one for each kind of call that this took."""
    first = victim()
    tree = doing.Tree(first.folder)
    running = first.delete(DELETES)
    destructive = _Destructive(tree, first.folder, work)
    running.gated(destructive.note)
    running.start()
    ending = running.wait()
    gone, total = tree.lost == tree.total, tree.total
    tree.close()
    attempts = tuple(_tried(victim(), work, hold, call) for call in destructive.kinds)
    return Deletion(attempts, total, ending, gone, first.role)


class _Destructive:
    """Which kinds of destructive call are made on a tree, in order of their first."""

    def __init__(self, tree: doing.Tree, folder: Path, work: Path) -> None:
        self._tree = tree
        self._above = [one.stat() for one in (folder, *folder.parents) if work in one.parents]
        self.kinds: list[str] = []

    def concerns(self, held: Held) -> bool:
        """Whether the call is about the tree, a folder that holds it, or something in it."""
        target = held.target()
        if target is not None and any(os.path.samestat(target, one) for one in self._above):
            return True
        parent = held.parent()
        return parent is not None and self._tree.holds(parent)

    def note(self, held: Held) -> Answer:
        """A policy that lets everything go on."""
        if held.call not in self.kinds and self.concerns(held):
            self.kinds.append(held.call)
        return Go()


def _tried(victim: Victim, work: Path, hold: HolderFactory, call: str) -> Attempt:
    """Hold a deletion before its first call of one kind; a user that opened the lock file before tries its lock."""
    tree = doing.Tree(victim.folder)
    user = hold.opened(victim.ref)
    running = victim.delete(DELETES)
    destructive = _Destructive(tree, victim.folder, work)

    def wait(held: Held) -> Answer | None:
        return None if held.call == call and destructive.concerns(held) else Go()

    running.gated(wait)
    running.stage.until(lambda: running.held or _is_over(running), running.call.order.timeout_s)
    lost_before, named = tree.lost, victim.folder.exists()
    granted = user.lock(Mode.SHARED)
    running.open_gate()
    running.start()
    running.finish()
    attempt = Attempt(call, named, granted, tree.lost - lost_before)
    tree.close()
    return attempt


def _is_over(running: Running) -> bool:
    """Whether it has ended. A payload, where there is one, is told to: clean-up may come after it."""
    if running.talk.ready:
        running.call.hang_up()
    return running.call.empty
