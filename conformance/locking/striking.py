"""Signals to the processes of an implementation while its payload runs in a copy, and what is left afterwards."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pytest_vessel.conformance.locking import doing
from pytest_vessel.conformance.locking.seen_handover import Cleaned, Strike, Strikes
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.errors import Inconclusive
from pytest_vessel.fixtures.running import SETTLE_TIMEOUT_S, Running
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.system.watch import Watch

MOST_VICTIMS = 6
"""So many processes of one kind are struck at most."""


class Victim(StrEnum):
    """What a process of an implementation is."""

    LAUNCHER = "launcher"
    HOLDER = "holder"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Cast:
    """The processes of one container by what they are. One that is launcher and holder is the launcher."""

    launcher: tuple[int, ...]
    holder: tuple[int, ...]
    supervisor: tuple[int, ...]
    payload: tuple[int, ...]

    def of(self, victim: Victim) -> tuple[int, ...]:
        """The processes of one kind."""
        return {
            Victim.LAUNCHER: self.launcher,
            Victim.HOLDER: self.holder,
            Victim.SUPERVISOR: self.supervisor,
        }[victim]


def cast(running: Running, locks: LockTable | None) -> Cast:
    """Who is who now. A payload that holds the lock itself is payload.

    Raises:
        Inconclusive: none of the processes is the payload, so nobody could say whether it lives on.
    """
    everybody = running.call.processes()
    payload = tuple(pid for pid in everybody if running.talk.is_payload(pid))
    if not payload:
        raise Inconclusive(
            "the payload runs, and is none of the processes of the call",
            mend="The implementation must execute {argv} as it stands, below the process that was started.",
        )
    others = [pid for pid in everybody if pid not in payload]
    holders = {pid for lock in (locks.fcntl if locks else ()) for pid in lock.holders}
    launcher = tuple(others[:1]) if others and not running.call.ended else ()
    rest = [pid for pid in others if pid not in launcher]
    return Cast(
        launcher,
        tuple(pid for pid in rest if pid in holders),
        tuple(pid for pid in rest if pid not in holders),
        payload,
    )


Prepare = Callable[[Running], str]
"""What is done to a payload before the strike; returns why there is nothing to strike, or an empty text."""


def nothing(_running: Running) -> str:
    """An ordinary payload."""
    return ""


def ignores_sigterm(running: Running) -> str:
    """A payload that SIGTERM does not end; its children neither."""
    running.talk.ask("ignore", str(int(signal.SIGTERM)))
    return ""


def leaves_daemon(running: Running) -> str:
    """Nobody is left of the payload but a daemon."""
    return "" if running.leave_daemon() else "no daemon outlives its payload"


def leaves_stubborn_daemon(running: Running) -> str:
    """Nobody is left of the payload but a daemon that SIGTERM does not end."""
    return ignores_sigterm(running) or leaves_daemon(running)


def protected(way: Way) -> bool:
    """Whether somebody holds the copy's lock now."""
    locks = way.look()
    return locks is not None and locks.protects


def strike_all(way: Way, victim: Victim, number: signal.Signals, prepare: Prepare, *, cleaning: bool) -> Strikes:
    """Start containers, one for each process of a kind, and send that process a signal."""
    strikes: list[Strike] = []
    while True:
        running = way.start()
        seen = way.use(running)
        if not seen.start.ready:
            running.stop()
            return Strikes(seen.start, seen.locks, victim, tuple(strikes), "")
        if missing := prepare(running):
            running.stop()
            return Strikes(seen.start, seen.locks, victim, (), missing)
        running.settle()
        found = cast(running, way.look())
        victims = found.of(victim)
        if len(victims) <= len(strikes):
            running.stop()
            missing = "" if strikes else f"there is no process that is a {victim}"
            return Strikes(seen.start, seen.locks, victim, tuple(strikes), missing)
        pid = victims[len(strikes)]
        strikes.append(_strike(way, running, found, pid, number, cleaning=cleaning))
        running.stop()
        if len(strikes) >= min(len(victims), MOST_VICTIMS):
            return Strikes(seen.start, seen.locks, victim, tuple(strikes), "")


def _strike(way: Way, running: Running, found: Cast, pid: int, number: signal.Signals, *, cleaning: bool) -> Strike:
    """One signal, and a look at what is left once nothing is dying any more."""
    with Watch((pid, *found.holder, *found.supervisor, *found.launcher, *found.payload)) as watch:
        running.call.signal(pid, number)
        if number == signal.SIGKILL:
            running.stage.until(lambda: watch.ended(pid), SETTLE_TIMEOUT_S)
        locks = _at_rest(way, running)
        lives = any(not watch.ended(one) for one in found.payload)
        cleaned = _clean(way) if lives and cleaning else None
        return Strike(number.name, lives, locks, cleaned)


def _at_rest(way: Way, running: Running) -> LockTable | None:
    """The locks when all is at rest, and was so before and after the look.

    The kernel frees the locks of a process that dies before it ends the others of its pid namespace; then these
    are not at rest. So what is seen here is nothing that passes by itself.
    """
    found: list[LockTable | None] = [None]

    def rests() -> bool:
        running.settle()
        found[0] = way.look()
        return running.call.empty or running.at_rest()

    running.stage.until(rests, SETTLE_TIMEOUT_S)
    return found[0]


def _clean(way: Way) -> Cleaned | None:
    """One clean-up pass, where the implementation offers one; one that waits for the copy's lock is not waited for."""
    copy, parent = way.copy, way.parent
    if copy is None or parent is None or not way.implementation.offers("collect"):
        return None
    tree = doing.Tree(copy.folder)
    running = way.implementation.collect(parent)
    cleaned = Cleaned(running.start(), tree.lost, tree.total)
    running.stop()
    tree.close()
    return cleaned
