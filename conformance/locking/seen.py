"""What the tests of this suite saw: one frozen record a question. No opinion in them."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vessel.observation.locks import LockTable, Mode
from pytest_vessel.observation.process import Descriptor, Ending, Start

SRC_REF, PARENT_REF, COPY_REF = "SRC/.ref", "PARENT/.ref", "COPY/.ref"


@dataclass(frozen=True)
class Use:
    """A payload under a lock, once everything was at rest. `locks` is None where there was no file to look at.

    `file`: the role of the lock file.
    """

    start: Start
    locks: LockTable | None
    file: str = SRC_REF


@dataclass(frozen=True)
class Contention:
    """A start while somebody held a lock, and what came after the release.

    `told`: `wait` or `no-wait` where the start was told so. `after`: the same start where it waited, a new one where
    it had ended; None where it ran at once.
    """

    told: str
    held: str
    start: Start
    after: Start | None


@dataclass(frozen=True)
class Barrier:
    """A start whose first lock call on the file was held at the gate.

    `fired`: there was such a call; `ready_before`: the payload ran while it was held; `after`: what came of it.
    """

    fired: bool
    ready_before: bool
    after: Start


@dataclass(frozen=True)
class Fallback:
    """A start on a kernel that answers EINVAL to OFD lock calls.

    `refused_calls`: how many were answered so; `with_daemon`: locks while only a daemon of the payload lived; None
    where the daemon ended with the payload.
    """

    refused_calls: int
    use: Use
    with_daemon: LockTable | None


@dataclass(frozen=True)
class Interrupted:
    """A start one of whose set-lock calls on the file was answered EINTR.

    `waiting`: a call that waits, because somebody else held the lock; `beside`: what came of the start while he held
    it (None where nobody did); `use`: what came of it in the end.
    """

    fired: bool
    waiting: bool
    beside: Start | None
    use: Use


@dataclass(frozen=True)
class NoLocks:
    """A start while every lock command on one file answers ENOLCK.

    `message`: all it wrote to stderr, also where the payload ran; `names`: spellings of the file's path.
    """

    refused_calls: int
    start: Start
    message: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Stripped:
    """Locks before and after the payload closed its descriptors and unlocked what it could; `file`: their role."""

    start: Start
    before: LockTable
    after: LockTable
    file: str = SRC_REF


@dataclass(frozen=True)
class Descriptors:
    """The payload's descriptors, and the lock file's device and inode. `stays`: the launcher is not the payload.

    `others`: device and inode of each other lock file that was locked on the way.
    """

    start: Start
    descriptors: tuple[Descriptor, ...]
    device: str
    inode: int
    stays: bool
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Crowd:
    """Several starts at once while others hold shared locks."""

    wanted: int
    starts: tuple[Start, ...]


@dataclass(frozen=True)
class Release:
    """The lock while the payload ran, while a daemon of it lived on, and after the last process was gone.

    `daemon_lived`: None where none was left behind.
    """

    use: Use
    daemon_lived: bool | None
    with_daemon: LockTable | None
    freed: bool
    freed_after_s: float


@dataclass(frozen=True)
class Missing:
    """A start without a lock file, after one with it (`sound`).

    `found`: what was there afterwards: `nothing`, `regular` or another type.
    """

    sound: Start
    use: Use
    found: str
    permissions: int


@dataclass(frozen=True)
class Unusable:
    """A start with something else than a regular file as lock file, after one with a sound one (`sound`).

    `outside`: what appeared outside SRC.
    """

    sound: Start
    what: str
    start: Start
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Untouched:
    """The files of SRC before and after a run. `compared`: how many; `changed`: path and what differs."""

    start: Start
    ending: Ending
    compared: int
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Inside:
    """Where paths inside lead. `found`: path and `device:inode`, or empty; `arranged`: those of the adapter.

    `locked`: `device:inode` of the lock file outside; `file`: its role.
    """

    start: Start
    locked: str
    found: tuple[tuple[str, str], ...]
    arranged: tuple[str, ...]
    locks: LockTable
    file: str = SRC_REF


@dataclass(frozen=True)
class LockInside:
    """A lock tried by the payload. `result`: `locked`, `open-errno N` or `lock-errno N`; tables seen outside."""

    start: Start
    path: str
    result: str
    before: LockTable
    after: LockTable


@dataclass(frozen=True)
class TestInside:
    """What F_OFD_GETLK inside says of a wish for an exclusive lock while `outside` is held outside."""

    start: Start
    path: str
    outside: LockTable
    answer: str


@dataclass(frozen=True)
class Tool:
    """A command under the lock tool. `wanted`: the mode asked for; `status`: what the command exited with."""

    wanted: Mode
    use: Use
    status: int
    ending: Ending
    freed: bool


@dataclass(frozen=True)
class Created:
    """A start of the lock tool on a missing file, after one on a file that was there (`sound`).

    `told`: to create it; `exists` afterwards.
    """

    sound: Start
    told: bool
    start: Start
    exists: bool


@dataclass(frozen=True)
class Daemon:
    """Locks while only a daemon of the tool's command lived; None where it ended with the command."""

    start: Start
    with_daemon: LockTable | None


@dataclass(frozen=True)
class Removal:
    """A removal while somebody held `held`, and one after the release.

    `lost`: files of the tree that were gone while the lock was held; `gone`: the tree was gone after the second.
    """

    held: str
    busy: Ending
    lost: int
    total: int
    free: Ending
    gone: bool


@dataclass(frozen=True)
class Attempt:
    """A user tried a shared lock when the remover was held before a call.

    `named`: the tree still had its name then; `lost`: files that went after it.
    """

    call: str
    named: bool
    granted: bool
    lost: int


@dataclass(frozen=True)
class Deletion:
    """One deletion of an unused tree for each kind of destructive call, held at the first of that kind.

    `ending`: how an undisturbed deletion ended; `gone`: whether the tree was gone; `role`: what it was, SRC or COPY.
    """

    attempts: tuple[Attempt, ...]
    total: int
    ending: Ending
    gone: bool
    role: str = "SRC"
