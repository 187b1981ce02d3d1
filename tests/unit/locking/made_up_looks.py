"""Made-up locks, endings and starts: what the examples of the deciders are built of."""

from __future__ import annotations

from pytest_vessel.conformance.locking import seen as s
from pytest_vessel.observation.locks import Kind, Lock, LockTable, Mode
from pytest_vessel.observation.process import Bound, Ending, Start

OFD = Lock(Kind.OFD, Mode.SHARED, holders=(7,))
POSIX = Lock(Kind.POSIX, Mode.SHARED, holders=(7,))
EXCLUSIVE = Lock(Kind.OFD, Mode.EXCLUSIVE, holders=(7,))
FLOCK = Lock(Kind.FLOCK, Mode.SHARED, holders=(7,))
BYTE = Lock(Kind.OFD, Mode.SHARED, 0, 0)

HELD = LockTable((OFD,), exclusive_refused=True)
HELD_POSIX = LockTable((POSIX,), exclusive_refused=True)
HELD_ALONE = LockTable((EXCLUSIVE,), exclusive_refused=True, shared_refused=True)
FREE = LockTable()

OK = Ending(0)
REFUSED = Ending(1, message="/rt/.ref: in use")
SILENT = Ending(1)
HUNG = Ending(None, 9, stopped=Bound.TIME)

RUNS = Start(True)
WAITS = Start(False, waits=True)
STUCK = Start(False)
EXITED = Start(False, ending=OK)
FAILED = Start(False, ending=REFUSED)
MUTE = Start(False, ending=SILENT)
ENDLESS = Start(False, ending=HUNG)

USED = s.Use(RUNS, HELD)
NAKED = s.Use(RUNS, FREE)
