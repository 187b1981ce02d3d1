"""What the tests of mutable copies saw: one frozen record a question. No opinion in them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.conformance.locking.seen import Contention
from pytest_vessel.observation.locks import LockTable
from pytest_vessel.observation.process import Ending, Start


@dataclass(frozen=True)
class Watched:
    """One file's lock at each system call of a kind.

    `calls`: how many there were; `unlocked`: those before which nobody held a lock on the file, the first few.
    """

    calls: int
    unlocked: tuple[str, ...]


@dataclass(frozen=True)
class Filling:
    """A copy that is made. `watched`: the lock at each call that the clause is about."""

    start: Start
    watched: Watched


@dataclass(frozen=True)
class SourceAfter:
    """SRC/.ref once the payload runs in a copy. `uses`: what of the copy still leads to SRC (mounts, links)."""

    start: Start
    locks: LockTable | None
    uses: tuple[str, ...]


@dataclass(frozen=True)
class ParentAfter:
    """PARENT/.ref when the payload runs, or after a failed set-up.

    `failed`: the call that was answered ENOSPC, or empty; `freed`: nobody held a lock on it afterwards.
    """

    failed: str
    start: Start
    freed: bool


@dataclass(frozen=True)
class ParentContention:
    """A copy while somebody held PARENT/.ref exclusively; `appeared`: copies that were new meanwhile."""

    contention: Contention
    appeared: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """A start beside a lock that it waits for. `message`: what it wrote until then; `names`: spellings of the file."""

    start: Start
    message: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """A start beside a lock. `held`: what; `lost`: how many files of an unused copy beside it went meanwhile."""

    held: str
    start: Start
    lost: int


@dataclass(frozen=True)
class Overlap:
    """A second start while the first is held at a call of its set-up. `fired`: the first made such a call."""

    fired: str
    second: Start
    first: Start


@dataclass(frozen=True)
class NewParent:
    """A copy into a folder that did not exist. `there`: what appeared in the nearest folder that did."""

    sound: Start
    start: Start
    parent_made: bool
    there: tuple[str, ...]


@dataclass(frozen=True)
class UnusableParent:
    """A copy with something else than a regular file as PARENT/.ref, after one with a sound one (`sound`).

    `message`: all it wrote to stderr; `names`: spellings of the file's full path; `left`: new copies in PARENT.
    """

    sound: Start
    what: str
    start: Start
    message: str
    names: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Unprotected:
    """A copy from its first name to its payload, looked at before each system call that can change a lock.

    `looks`: how often there was a copy to look at; `exposed`: calls before which neither PARENT/.ref nor the copy's
    own lock file was locked, the first few; `released`: PARENT/.ref was seen locked and then free.
    """

    start: Start
    looks: int
    exposed: tuple[str, ...]
    released: bool


@dataclass(frozen=True)
class Survival:
    """A is held in the middle of its set-up while B cleans up; then A goes on.

    `fired`: the call that A was held at; `b_waited`: B had not ended when A went on; `a`: what became of A; `missing`:
    files of SRC that A's copy lacks in the end, the first few; `b`: how B ended.
    """

    fired: str
    b_waited: bool
    a: Start
    missing: tuple[str, ...]
    b: Ending


@dataclass(frozen=True)
class Cleaning:
    """A collector is held while it deletes; B starts.

    `fired`: the call that it was held at; `locked`: PARENT/.ref was locked exclusively then; `beside`: what came of B
    meanwhile, `appeared`: new copies in PARENT meanwhile; `after`: B, or a new start where it had ended, once the
    collector went on; `copies`: how many copies were in use in the end, and `wanted`: how many should be;
    `collector`: how it ended.
    """

    fired: str
    locked: bool
    beside: Start
    appeared: tuple[str, ...]
    after: Start
    copies: int
    wanted: int
    collector: str


@dataclass(frozen=True)
class Names:
    """The words in the copies' names, of starts one after the other; `pids`: pids of the processes that made each."""

    wanted: int
    words: tuple[str, ...]
    pids: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Permissions:
    """The mode of a copy's folder; None where no copy was found."""

    start: Start
    mode: int | None
