"""Section D, signals: what becomes of the copy's lock when processes of the implementation are ended."""

from __future__ import annotations

import signal
import time

from pytest_vessel.collect import clause
from pytest_vessel.conformance.locking import doing, striking
from pytest_vessel.conformance.locking.seen_handover import Abandoned
from pytest_vessel.conformance.locking.striking import Victim, strike_all
from pytest_vessel.conformance.locking.ways import Way
from pytest_vessel.fixtures.conformance import Judge
from pytest_vessel.fixtures.implementations import Implementation
from pytest_vessel.system.watch import Watch


@clause("LOCK-046")
def test_launcher_is_signalled(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy")
    number = signal.SIGTERM if case == "sigterm" else signal.SIGKILL
    judge(strike_all(way, Victim.LAUNCHER, number, striking.ignores_sigterm, cleaning=True))


@clause("LOCK-047")
def test_launcher_is_killed(implementation: Implementation, judge: Judge) -> None:
    way = Way(implementation, "copy")
    running = way.start()
    seen = way.use(running)
    found = striking.cast(running, seen.locks) if seen.start.ready else None
    if found is None or not found.launcher:
        running.stop()
        judge(Abandoned(seen.start, "the launcher has ended by itself", False, False, 0.0))
        return
    began = time.monotonic()
    with Watch(found.payload) as watch:
        running.call.signal(found.launcher[0], signal.SIGKILL)
        ended = implementation.stage.until(lambda: not watch.living, doing.FREED_TIMEOUT_S)
        freed = implementation.stage.until(lambda: not striking.protected(way), doing.FREED_TIMEOUT_S)
    after_s = round(time.monotonic() - began, 3)
    running.stop()
    judge(Abandoned(seen.start, "", ended, freed, after_s))


@clause("LOCK-048")
def test_launcher_of_daemons_is_signalled(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy")
    number = signal.SIGKILL if case == "sigkill" else signal.SIGTERM
    prepare = striking.leaves_stubborn_daemon if case == "sigterm-ignored" else striking.leaves_daemon
    judge(strike_all(way, Victim.LAUNCHER, number, prepare, cleaning=True))


@clause("LOCK-053")
def test_any_process_is_killed(implementation: Implementation, case: str, judge: Judge) -> None:
    way = Way(implementation, "copy")
    judge(strike_all(way, Victim(case), signal.SIGKILL, striking.nothing, cleaning=False))
